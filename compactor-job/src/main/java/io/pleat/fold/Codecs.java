package io.pleat.fold;

import io.pleat.format.PayloadCodec;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.format.zstd.ZstdDictionaryTrainer;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Chooses the codec of one container. For zstd it reads files spread over the container's first rows, trains a dictionary on them, and
 * keeps it where it is measured to pay.
 */
final class Codecs {
  /** Rows that are looked at before the first is written: the whole container, unless its files are tiny. */
  private static final int ROWS_CONSIDERED = 1 << 16;

  /** Files that are read for samples. */
  private static final int SAMPLES = 512;

  private Codecs() {}

  /**
   * A choice.
   *
   * @param codec nothing if payloads are stored as they are
   * @param rows all of the rows again
   */
  record Choice(Optional<ZstdCodec> codec, Iterator<PlannedRow> rows) implements AutoCloseable {
    /** What encodes payloads, or null where they stay raw. */
    PayloadCodec encoder() {
      return codec.orElse(null);
    }

    @Override
    public void close() {
      codec.ifPresent(ZstdCodec::close);
    }
  }

  static Choice choose(
      CodecChoice wanted, Iterator<PlannedRow> rows, Store source, ExecutorService readers)
      throws IOException {
    if (!wanted.compresses()) {
      return new Choice(Optional.empty(), rows);
    }
    List<PlannedRow> first = new ArrayList<>();
    List<FileInfo> files = new ArrayList<>();
    while (rows.hasNext() && first.size() < ROWS_CONSIDERED) {
      PlannedRow row = rows.next();
      first.add(row);
      if (row.action() == PlannedRow.Action.FOLD && row.info().length() > 0) {
        files.add(row.info());
      }
    }
    Optional<byte[]> dictionary = train(wanted.level(), files, source, readers);
    ZstdCodec codec = dictionary.isPresent()
        ? ZstdCodec.withDictionary(wanted.level(), dictionary.get())
        : ZstdCodec.of(wanted.level());
    return new Choice(Optional.of(codec), new Concatenated(first.iterator(), rows));
  }

  private static Optional<byte[]> train(
      int level, List<FileInfo> files, Store source, ExecutorService readers) throws IOException {
    ZstdDictionaryTrainer trainer = ZstdDictionaryTrainer.forLevel(level);
    int step = Math.max(1, files.size() / SAMPLES);
    List<Future<ByteBuffer>> samples = new ArrayList<>();
    for (int i = step / 2; i < files.size(); i += step) {
      FileInfo file = files.get(i);
      if (file.length() <= ZstdDictionaryTrainer.MAX_SAMPLE_LENGTH) {
        samples.add(readers.submit(() -> read(source, file)));
      }
    }
    for (Future<ByteBuffer> sample : samples) {
      try {
        trainer.addSample(sample.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while sampling", e);
      } catch (ExecutionException e) {
        continue; // The write will say what is wrong with this file.
      }
    }
    return trainer.train(files.size());
  }

  private static ByteBuffer read(Store source, FileInfo file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.length()));
    source.readUnchanged(file, bytes);
    return bytes.flip();
  }

  /** One iterator after another. */
  private record Concatenated(Iterator<PlannedRow> first, Iterator<PlannedRow> second)
      implements Iterator<PlannedRow> {
    @Override
    public boolean hasNext() {
      return first.hasNext() || second.hasNext();
    }

    @Override
    public PlannedRow next() {
      return first.hasNext() ? first.next() : second.next();
    }
  }
}
