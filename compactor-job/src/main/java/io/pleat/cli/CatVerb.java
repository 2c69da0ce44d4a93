package io.pleat.cli;

import io.pleat.format.ByteSource;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "cat",
    header = "Writes files to standard output.",
    description = {
      "Writes the bytes of files to standard output, one after the other, checksums verified.",
      "A pass-through file is read from the recorded source root, if it is still what was recorded."
    })
final class CatVerb extends SnapshotVerb {
  private static final int CHUNK_LENGTH = 1 << 20;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH", description = "The files.")
  private List<String> paths;

  @Override
  int run() throws IOException {
    int code = DONE;
    try (FoldedDataset dataset = openWithSource()) {
      for (String text : paths) {
        try {
          copy(dataset, path(text));
        } catch (OutputClosedException e) {
          throw e;
        } catch (IOException | IllegalArgumentException e) {
          messages().say(Main.oneLine(e));
          code = FAILED;
        }
      }
    }
    return code;
  }

  private void copy(FoldedDataset dataset, LogicalPath path) throws IOException {
    Optional<Location> location = path.isRoot() ? Optional.empty() : dataset.locate(path);
    if (location.isEmpty()) {
      throw new IOException(location() + " holds no file '" + path + "'");
    }
    if (location.get().entry().kind() == Entry.Kind.FOLDED) {
      out().bytes(dataset.read(path));
      return;
    }
    try (ByteSource source = dataset.open(path)) {
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_LENGTH, source.length()));
      for (long at = 0; at < source.length(); at += chunk.limit()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), source.length() - at));
        source.readFully(at, chunk);
        out().bytes(chunk.flip());
      }
    }
  }
}
