package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import io.pleat.read.cache.CacheOptions;
import io.pleat.read.cache.CacheStatistics;
import io.pleat.read.cache.ChunkCache;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a cache on a local disk holds of a dataset: to look at it, to load it ahead, and to let go of it. Thread-safe. See {@link
 * FoldedDataset#cacheIn}.
 */
public final class DatasetCache implements Closeable {
  private static final int MOST_AT_ONCE = 8;

  private final ContainerFiles files;
  private final ContainerHandles handles;
  private final ChunkCache cache;

  DatasetCache(ContainerFiles files, ContainerHandles handles, CacheOptions options) {
    this.files = files;
    this.handles = handles;
    this.cache = ChunkCache.openPatiently(options, files.location(), new CacheStatistics());
  }

  /**
   * What is there of one container.
   *
   * @param files how many of its live files are meant
   * @param bytes of the chunks that hold these files, and its index block
   * @param cachedBytes of those of them that are in the cache
   */
  public record Coverage(ContainerSummary container, long files, long bytes, long cachedBytes) {}

  /** Chunks of one container that are meant, and those of them that are there. */
  private record Part(ContainerSummary container, long files, BitSet wanted, BitSet present) {
    long bytes(BitSet numbers) {
      long sum = 0;
      for (int number = numbers.nextSetBit(0);
          number >= 0;
          number = numbers.nextSetBit(number + 1)) {
        sum += chunkLength(number);
      }
      return sum;
    }

    int chunkLength(long number) {
      return (int)
          Math.min(ChunkCache.CHUNK_LENGTH, container.length() - number * ChunkCache.CHUNK_LENGTH);
    }

    BitSet both() {
      BitSet both = (BitSet) present.clone();
      both.and(wanted);
      return both;
    }
  }

  /**
   * What the cache holds of the files at or below {@code path}, container by container, those without such files left out. Reads index
   * blocks, but for the root; keeps nothing of what it reads.
   */
  public List<Coverage> coverage(LogicalPath path) throws IOException {
    List<Coverage> found = new ArrayList<>();
    for (Part part : parts(path)) {
      found.add(new Coverage(
          part.container, part.files, part.bytes(part.wanted), part.bytes(part.both())));
    }
    return found;
  }

  /**
   * Deletes the chunks that hold files at or below {@code path} from the cache, and with them what else they hold.
   *
   * @return bytes of the disk that this frees
   */
  public long evict(LogicalPath path) throws IOException {
    long freed = 0;
    for (Part part : parts(path)) {
      freed += cache.evict(part.container.id(), part.both());
    }
    return freed;
  }

  /** Hears how loading goes; from any thread. */
  public interface Progress {
    /**
     * More was done.
     *
     * @param bytes that are loaded so far, of those that were missing
     * @param missing how many bytes are to be loaded in all
     */
    void loaded(long bytes, long missing);
  }

  /**
   * What loading came to.
   *
   * @param bytes of the chunks that are meant
   * @param presentBytes of those that were there before
   * @param loadedBytes of those that were loaded and kept
   * @param lastingBytes how much a dataset can have in this cache without losing it again
   */
  public record Warmed(long bytes, long presentBytes, long loadedBytes, long lastingBytes) {
    /** Whether the limit is too small for all that is meant. */
    public boolean isTooLarge() {
      return bytes > lastingBytes;
    }

    /** Bytes that are not in the cache. */
    public long missingBytes() {
      return bytes - presentBytes - loadedBytes;
    }
  }

  /**
   * Loads what holds the files at or below {@code path}, with as many reads at once as the reader's options say, and no more than stays.
   *
   * @throws IOException if something cannot be read from the store; what was loaded before stays
   */
  public Warmed warm(LogicalPath path, Progress progress) throws IOException {
    List<Part> parts = parts(path);
    long bytes = 0;
    long present = 0;
    for (Part part : parts) {
      bytes += part.bytes(part.wanted);
      BitSet both = part.both();
      present += part.bytes(both);
      cache.noteUse(part.container.id(), both); // or they would make room for the others
    }
    List<Run> runs = missing(parts, cache.options().lastingBytes() - present);
    long missing = runs.stream().mapToLong(Run::bytes).sum();
    AtomicLong done = new AtomicLong();
    AtomicReference<IOException> failure = new AtomicReference<>();
    files.forEach(runs.size(), i -> {
      if (failure.get() == null) {
        try {
          load(runs.get(i));
          progress.loaded(done.addAndGet(runs.get(i).bytes()), missing);
        } catch (IOException e) {
          failure.compareAndSet(null, e);
        }
      }
    });
    if (failure.get() != null) {
      throw failure.get();
    }
    long kept = 0;
    for (Run run : runs) {
      kept += cache.isKept(run.part.container.id(), run.first, run.count) ? run.bytes() : 0;
    }
    return new Warmed(bytes, present, kept, cache.options().lastingBytes());
  }

  /** Chunks that are read at once. */
  private record Run(Part part, int first, int count) {
    long bytes() {
      return (long) (count - 1) * ChunkCache.CHUNK_LENGTH + part.chunkLength(first + count - 1);
    }
  }

  private static List<Run> missing(List<Part> parts, long room) {
    List<Run> runs = new ArrayList<>();
    long left = room;
    for (Part part : parts) {
      BitSet missing = (BitSet) part.wanted.clone();
      missing.andNot(part.present);
      int first = missing.nextSetBit(0);
      while (first >= 0) {
        int end = Math.min(missing.nextClearBit(first), first + MOST_AT_ONCE);
        Run run = new Run(part, first, end - first);
        left -= run.bytes();
        if (left < 0) {
          return runs;
        }
        runs.add(run);
        first = missing.nextSetBit(end);
      }
    }
    return runs;
  }

  private void load(Run run) throws IOException {
    ContainerSummary container = run.part.container;
    try (ByteSource source = cache.through(
        container.id(),
        container.length(),
        files.location() + "/" + container.path(),
        () -> handles.container(files.containers().indexOf(container)))) {
      source.readFully(
          (long) run.first * ChunkCache.CHUNK_LENGTH, ByteBuffer.allocate((int) run.bytes()));
    }
  }

  private List<Part> parts(LogicalPath path) throws IOException {
    FileChoice choice = new FileChoice(below(path), FileChoice.PassThroughs.LEFT_OUT);
    List<Part> parts = new ArrayList<>();
    for (int number = 0; number < files.containers().size(); number++) {
      ContainerSummary container = files.containers().get(number);
      if (!files.mayHold(number, choice)) {
        continue;
      }
      BitSet wanted = new BitSet();
      long[] count = {container.entries() - container.passThroughs()};
      if (path.isRoot()) {
        wanted.set(0, chunks(container.length()));
      } else {
        count[0] = 0;
        files.visit(number, 0, container.entries(), choice, row -> {
          Extent extent = row.payload().extent();
          wanted.set(
              (int) (extent.offset() / ChunkCache.CHUNK_LENGTH),
              chunks(extent.offset() + Math.max(1, extent.length())));
          count[0]++;
        });
        if (count[0] == 0) {
          continue;
        }
        wanted.set(
            (int) (container.indexOffset() / ChunkCache.CHUNK_LENGTH), chunks(container.length()));
      }
      parts.add(new Part(container, count[0], wanted, cache.present(container.id())));
    }
    return parts;
  }

  private static int chunks(long bytes) {
    return (int) ((bytes + ChunkCache.CHUNK_LENGTH - 1) / ChunkCache.CHUNK_LENGTH);
  }

  private static ListingFilter below(LogicalPath path) {
    if (path.isRoot()) {
      return ListingFilter.everything();
    }
    ListingFilter inside = ListingFilter.startingWith(path + "/");
    return new ListingFilter() {
      @Override
      public boolean matches(LogicalPath file) {
        return inside.matches(file) || file.equals(path);
      }

      @Override
      public boolean canMatchBelow(LogicalPath directory) {
        return inside.canMatchBelow(directory) || directory.equals(path.parent());
      }
    };
  }

  static void requireRemote(boolean isLocal, String location) {
    checkArgument(
        !isLocal, "the dataset is on a local disk, where nothing is cached: %s", location);
  }

  @Override
  public void close() {
    cache.close();
  }
}
