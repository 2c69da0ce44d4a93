package io.pleat.bench;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The plain loop that a fold is measured against where reads are slow: reads one file after the other and appends it to one file.
 * Arguments: {@code SOURCE OUT FILES}. Prints {@code seconds} and {@code files} as JSON.
 */
public final class OneAtATime {
  private OneAtATime() {}

  /** Copies the first FILES files of SOURCE, as listed, into OUT. */
  public static void main(String[] args) throws IOException {
    int wanted = Integer.parseInt(args[2]);
    List<FileInfo> files = new ArrayList<>();
    try (Store store = Stores.open(args[0], Map.of());
        FileChannel out = FileChannel.open(
            Path.of(args[1]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      store.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          if (file.kind() == FileInfo.Kind.FILE && files.size() < wanted) {
            files.add(file);
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
      ByteBuffer buffer = ByteBuffer.allocateDirect(8 << 20);
      long start = System.nanoTime();
      for (FileInfo file : files) {
        buffer.clear().limit(Math.toIntExact(file.length()));
        store.readUnchanged(file, buffer);
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      out.force(true);
      System.out.printf(
          "{\"seconds\": %.6f, \"files\": %d}%n", (System.nanoTime() - start) / 1e9, files.size());
    }
  }
}
