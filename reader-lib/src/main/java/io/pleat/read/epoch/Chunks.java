package io.pleat.read.epoch;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All files of an epoch in runs of neighbours, in key order. Immutable; a few numbers a chunk, nothing a file. */
final class Chunks {
  /** What a file costs in memory beside its bytes. */
  static final int FILE_COST = 512;

  private static final Logger LOGGER = LoggerFactory.getLogger(Chunks.class);

  private final Part[] parts;
  private final int[] firstOfPart;
  private final int count;
  private final long files;
  private final Optional<LogicalPath> passThrough;
  private final List<ContainerId> lost;

  private Chunks(Part[] parts, List<ContainerId> lost) {
    this.parts = parts;
    this.lost = lost;
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

  /**
   * Cuts the live files that are meant into chunks; reads the index blocks of the containers that may hold any, several at a time.
   *
   * @throws CorruptDataException if one of them is damaged or missing, and damage is not to be skipped; or if all are
   */
  static Chunks cut(ContainerFiles dataset, EpochOptions options) throws IOException {
    FileChoice choice = options.choice();
    int[] containers = IntStream.range(0, dataset.containers().size())
        .filter(container -> dataset.mayHold(container, choice))
        .toArray();
    Part[] parts = new Part[containers.length];
    CorruptDataException[] damage = new CorruptDataException[containers.length];
    try {
      dataset.forEach(containers.length, i -> {
        Part part = new Part(containers[i], options.chunkBytes());
        try {
          dataset.visit(
              containers[i],
              0,
              dataset.containers().get(containers[i]).entries(),
              choice,
              part::add);
        } catch (CorruptDataException e) {
          if (options.onDamage() == EpochOptions.OnDamage.FAIL) {
            throw new UncheckedIOException(e);
          }
          damage[i] = e;
          part = new Part(containers[i], options.chunkBytes());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        parts[i] = part;
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new Chunks(parts, lost(dataset, containers, damage));
  }

  /** The containers of which nobody knows what they hold; that all are lost is no epoch. */
  private static List<ContainerId> lost(
      ContainerFiles dataset, int[] containers, CorruptDataException[] damage)
      throws CorruptDataException {
    List<ContainerId> lost = new ArrayList<>();
    for (int i = 0; i < containers.length; i++) {
      if (damage[i] != null) {
        ContainerSummary container = dataset.containers().get(containers[i]);
        LOGGER.warn(
            "the epoch leaves out container {} with up to {} files, whose index block cannot be read: {}",
            container.id(),
            container.entries(),
            damage[i].getMessage());
        lost.add(container.id());
      }
    }
    if (!lost.isEmpty() && lost.size() == containers.length) {
      throw damage[0];
    }
    return List.copyOf(lost);
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

  /** The containers that are left out because their index blocks cannot be read. */
  List<ContainerId> lost() {
    return lost;
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
