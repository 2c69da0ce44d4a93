package io.pleat.read.epoch;

import io.pleat.read.ContainerFiles;
import io.pleat.read.ContainerFiles.FileAnswer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** A window whose pieces are being read, in the order in which they are needed first. */
final class LoadedWindow {
  private final ShuffledWindow window;
  private final List<CompletableFuture<List<FileAnswer>>> pieces;
  private volatile boolean abandoned;

  /** @param from place from which on files are wanted: pieces that are needed before it only are not read */
  LoadedWindow(
      ContainerFiles dataset,
      EpochOptions options,
      ShuffledWindow window,
      int from,
      Executor threads) {
    this.window = window;
    this.pieces = new ArrayList<>(window.pieces().size());
    for (int i = 0; i < window.pieces().size(); i++) {
      pieces.add(null);
    }
    for (int place = from; place < window.size(); place++) {
      int piece = window.pieceAt(place);
      if (pieces.get(piece) == null) {
        CompletableFuture<List<FileAnswer>> answer = new CompletableFuture<>();
        pieces.set(piece, answer);
        threads.execute(() -> load(dataset, options, window.pieces().get(piece), answer));
      }
    }
  }

  private void load(
      ContainerFiles dataset,
      EpochOptions options,
      EpochOrder.Piece piece,
      CompletableFuture<List<FileAnswer>> answer) {
    try {
      if (abandoned) {
        throw new IOException("the epoch was closed");
      }
      List<FileAnswer> files = dataset.read(
          piece.chunk().container(),
          piece.chunk().first(),
          piece.chunk().end(),
          options.choice(),
          piece.skip(),
          piece.files());
      answer.complete(files);
    } catch (Throwable e) {
      answer.completeExceptionally(e);
    }
  }

  ShuffledWindow window() {
    return window;
  }

  /** Whether the file at a place is there, or has failed. */
  boolean isLoaded(int place) {
    return pieces.get(window.pieceAt(place)).isDone();
  }

  /** The file at a place; waits for its piece. */
  FileAnswer await(int place) throws IOException {
    try {
      return pieces.get(window.pieceAt(place)).join().get(window.fileAt(place));
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    }
  }

  /** Reads no further piece, and gives back every file that nobody took; those of pieces that are being read, when they are there. */
  void abandon() {
    abandoned = true;
    for (CompletableFuture<List<FileAnswer>> piece : pieces) {
      if (piece != null) {
        piece.thenAccept(files -> files.forEach(FileAnswer::release));
      }
    }
  }
}
