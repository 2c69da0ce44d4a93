package io.pleat.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A container's filter: whether a path may be in it, wrong in one of 65,536 cases for a path that is not, and never for one that is. Read alone, without
 * the rest of the index block; off the heap, immutable, thread-safe.
 */
public final class PathFilter implements Closeable {
  /*
   * A binary fuse filter (Graf and Lemire, JEA 2022), in the layout of the locator: the XOR of a path's three slots is its fingerprint.
   *
   * Sixteen bits: a path of the first fold has to pass the filters of all later ones. After fifty folds with 8 bits it meets 50/256 = 0.2 containers in
   * vain, with 12 bits 0.012, with 16 bits 0.0008; the aim is below 0.01.
   */
  static final int SLOT_LENGTH = Short.BYTES;

  private final ByteBuffer memory;
  private final long seed;
  private final int segmentLength;
  private final int segments;
  private final int slotLength;
  private final int mask;
  private volatile boolean closed;

  private PathFilter(ByteBuffer memory, int length) {
    this.memory = memory;
    ByteBuffer section = Reads.slice(memory, 0, length + PageLocator.SLACK);
    PageLocator.Slots slots = PageLocator.slots(section);
    seed = slots.seed();
    segmentLength = slots.segmentLength();
    segments = slots.segments();
    slotLength = section.get(PageLocator.SLOT_LENGTH_AT);
    mask = PageLocator.mask(slotLength);
  }

  /**
   * Loads and checks a filter, in one read of exactly its bytes.
   *
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged, or another container's
   */
  public static PathFilter open(ByteSource source, FilterSection at, ContainerId expected)
      throws IOException {
    if (at.offset() > source.length() - at.length()) {
      throw new CorruptDataException(
          source.toString(),
          source.length(),
          "file has %d bytes, but its filter section is said to lie at %d+%d",
          source.length(),
          at.offset(),
          at.length());
    }
    ByteBuffer memory = OffHeap.allocate(at.length() + PageLocator.SLACK);
    boolean sound = false;
    try {
      ByteBuffer stored = Reads.slice(memory, 0, at.length());
      Reads.readFully(source, at.offset(), stored);
      int crc = Checksums.bound(expected, SectionTable.FILTER, Reads.slice(memory, 0, at.length()));
      if (crc != at.crc32c()) {
        throw new CorruptDataException(
            source.toString(),
            at.offset(),
            "CRC32C of filter section is %s, expected %s",
            Checksums.hex(crc),
            Checksums.hex(at.crc32c()));
      }
      PathFilter filter = new PathFilter(memory, at.length());
      sound = true;
      return filter;
    } catch (IndexOutOfBoundsException e) {
      CorruptDataException damage = new CorruptDataException(
          source.toString(), at.offset(), "impossible filter section: %s", e.getMessage());
      damage.initCause(e);
      throw damage;
    } finally {
      if (!sound) {
        OffHeap.free(memory);
      }
    }
  }

  /** The fingerprint of a mixed hash; the low bits count, as many as a slot has. */
  static int fingerprint(long mixed) {
    return (int) (mixed ^ mixed >>> 32);
  }

  /**
   * Whether the container may hold the path of this hash.
   *
   * @param hash the path's {@link PathHash}
   * @throws IllegalStateException if this was closed
   */
  public boolean mayHold(long hash) {
    int cell = IndexBlock.GUARD.enter();
    try {
      if (closed) {
        throw new IllegalStateException("filter is closed");
      }
      return mayHoldNow(hash);
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
  }

  /**
   * Goes through filters by number for the next that cannot rule out a path, as the guard of their memory is entered once for all.
   *
   * @param filters by number; null where none is known
   * @param numbers which to ask
   * @param from where to start in {@code numbers}
   * @param hash the path's {@link PathHash}
   * @return the place in {@code numbers} of the first that may hold it, is not known, or was closed; their length if there is none
   */
  public static int next(
      AtomicReferenceArray<PathFilter> filters, int[] numbers, int from, long hash) {
    int cell = IndexBlock.GUARD.enter();
    try {
      int at = from;
      while (at < numbers.length) {
        PathFilter filter = filters.get(numbers[at]);
        if (filter == null || filter.closed || filter.mayHoldNow(hash)) {
          break;
        }
        at++;
      }
      return at;
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
  }

  private boolean mayHoldNow(long hash) {
    long mixed = PageLocator.mix(hash, seed);
    int first = PageLocator.first(mixed, segmentLength, segments);
    int second = PageLocator.second(mixed, first, segmentLength);
    int third = PageLocator.third(mixed, first, segmentLength);
    return ((slot(first) ^ slot(second) ^ slot(third) ^ fingerprint(mixed)) & mask) == 0;
  }

  private int slot(int index) {
    return memory.getInt(PageLocator.HEADER_LENGTH + index * slotLength);
  }

  /** Bytes held in memory. */
  public long residentBytes() {
    return memory.capacity();
  }

  /** Lets go of the memory once the last running call has returned; later calls throw IllegalStateException. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    IndexBlock.GUARD.retire(() -> OffHeap.free(memory));
  }
}
