package io.pleat.read.epoch;

import io.pleat.format.EntryRow;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadExtent;
import io.pleat.read.ContainerFiles;
import io.pleat.read.FileChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** All files of an epoch in runs of neighbours, in key order. Immutable; a few numbers a chunk, nothing a file. */
final class Chunks {
  /** What a file costs in memory beside its bytes. */
  static final int FILE_COST = 512;

  private final Part[] parts;
  private final int[] firstOfPart;
  private final int count;
  private final long files;
  private final Optional<LogicalPath> passThrough;

  private Chunks(Part[] parts) {
    this.parts = parts;
    this.firstOfPart = new int[parts.length + 1];
    long total = 0;
    LogicalPath kept = null;
    for (int i = 0; i < parts.length; i++) {
      firstOfPart[i + 1] = Math.addExact(firstOfPart[i], parts[i].size);
      for (int chunk = 0; chunk < parts[i].size; chunk++) {
        total += parts[i].files[chunk];
      }
      kept = kept == null ? parts[i].passThrough : kept;
    }
    this.count = firstOfPart[parts.length];
    this.files = total;
    this.passThrough = Optional.ofNullable(kept);
  }

  /** The chunks of one container. */
  private static final class Part {
    private final int container;
    private final long chunkBytes;
    private int[] first = new int[16];
    private int[] end = new int[16];
    private int[] files = new int[16];
    private long[] bytes = new long[16];
    private int size;
    private LogicalPath passThrough;

    Part(int container, long chunkBytes) {
      this.container = container;
      this.chunkBytes = chunkBytes;
    }

    void add(EntryRow row) {
      PayloadExtent payload = row.payload();
      long cost = FILE_COST + (payload.isFolded() ? payload.extent().length() : payload.length());
      if (!payload.isFolded() && passThrough == null) {
        passThrough = row.path();
      }
      if (size == 0 || cost > chunkBytes - bytes[size - 1]) {
        start(row.ordinal());
      }
      end[size - 1] = row.ordinal() + 1;
      files[size - 1]++;
      bytes[size - 1] += cost;
    }

    private void start(int ordinal) {
      if (size == first.length) {
        first = Arrays.copyOf(first, 2 * size);
        end = Arrays.copyOf(end, 2 * size);
        files = Arrays.copyOf(files, 2 * size);
        bytes = Arrays.copyOf(bytes, 2 * size);
      }
      first[size++] = ordinal;
    }
  }

  /** One chunk: files of one container that lie beside each other. */
  record Chunk(int container, int first, int end, int files, long bytes) {}

  /** Cuts the live files that are meant into chunks; reads the index blocks of the containers that may hold any, several at a time. */
  static Chunks cut(ContainerFiles dataset, FileChoice choice, long chunkBytes) throws IOException {
    int[] containers = IntStream.range(0, dataset.containers().size())
        .filter(container -> dataset.mayHold(container, choice))
        .toArray();
    Part[] parts = new Part[containers.length];
    try {
      dataset.forEach(containers.length, i -> {
        Part part = new Part(containers[i], chunkBytes);
        try {
          dataset.visit(
              containers[i],
              0,
              dataset.containers().get(containers[i]).entries(),
              choice,
              part::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        parts[i] = part;
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new Chunks(parts);
  }

  /** How many chunks there are. */
  int count() {
    return count;
  }

  /** How many files they have. */
  long files() {
    return files;
  }

  /** A file among them whose bytes stay under the source root, if there is one. */
  Optional<LogicalPath> passThrough() {
    return passThrough;
  }

  /** Chunk {@code number}, from 0, in key order. */
  Chunk get(int number) {
    int found = Arrays.binarySearch(firstOfPart, number);
    int at = found >= 0 ? found : -found - 2;
    while (firstOfPart[at + 1] == number) { // containers that hold none
      at++;
    }
    Part part = parts[at];
    int i = number - firstOfPart[at];
    return new Chunk(part.container, part.first[i], part.end[i], part.files[i], part.bytes[i]);
  }

  /** How many files chunk {@code number} has. */
  int files(int number) {
    return get(number).files();
  }

  /** The same 64 bits for the same chunks, others for others. */
  long digest(ContainerFiles dataset) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Part part : parts) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + 4 + part.size * 20);
        bytes.put(dataset.containers().get(part.container).id().toBytes()).putInt(part.size);
        for (int i = 0; i < part.size; i++) {
          bytes
              .putInt(part.first[i])
              .putInt(part.end[i])
              .putInt(part.files[i])
              .putLong(part.bytes[i]);
        }
        digest.update(bytes.flip());
      }
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
