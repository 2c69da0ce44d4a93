package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The lookups by path of one open {@link IndexBlock}, without the way to it: for those who ask thousands of blocks in turn. It closes with its block;
 * later calls throw IllegalStateException. Thread-safe.
 */
public final class PathLookup extends EntryPages {
  /*
   * With thousands of blocks in turn, each object on the way to a page is out of the processor's caches: block, lookup, pages, locator, its
   * parameters, two buffers, one after the other. So all that a lookup needs stands in the fields of one object, which is why this
   * inherits its pages, and pages and slots lie in one buffer where they can.
   */

  /** In a place, the low bits are the row, the others the page. */
  private static final int ROW_BITS = 6;

  private final IndexBlock block;
  private final ContainerId container;
  private final long recordsEnd;
  private final ByteBuffer slots; // null if the block has no locator
  private final int slotsAt;
  private final int slotLength;
  private final int slotMask;
  private final int segmentLength;
  private final int segments;
  private final long seed;
  private final boolean complete;
  private volatile boolean closed;

  /**
   * @param pages the entries section, with its slack
   * @param longPaths the long paths section, proven, if there is one, otherwise empty
   * @param locator the locator section, with its slack; null if there is none
   * @throws IndexOutOfBoundsException if a section's length does not fit its contents
   */
  PathLookup(IndexBlock block, MemoryRange pages, ByteBuffer longPaths, MemoryRange locator) {
    super(pages, longPaths, block.entryCount());
    this.block = block;
    container = block.container();
    recordsEnd = block.indexOffset();
    if (locator == null) {
      slots = null;
      slotsAt = 0;
      slotLength = 0;
      slotMask = 0;
      segmentLength = 0;
      segments = 0;
      seed = 0;
      complete = false;
      return;
    }
    ByteBuffer section = locator.slice();
    locator.prove(0, PageLocator.HEADER_LENGTH);
    PageLocator.Slots parameters = PageLocator.slots(section);
    slots = locator.memory();
    slotsAt = locator.at() + PageLocator.HEADER_LENGTH;
    slotLength = section.get(PageLocator.SLOT_LENGTH_AT);
    slotMask = PageLocator.mask(slotLength);
    segmentLength = parameters.segmentLength();
    segments = parameters.segments();
    seed = parameters.seed();
    complete = PageLocator.isComplete(section);
  }

  /**
   * What it takes to read the file at {@code path}, if there is one. Exact.
   *
   * @param hash the path's {@link PathHash}
   * @throws CorruptDataException if the index block contradicts itself
   * @throws IllegalStateException if the index block is closed
   */
  public Optional<PayloadExtent> locate(LogicalPath path, long hash) throws IOException {
    return locate(path.bytes(), hash);
  }

  Optional<PayloadExtent> locate(byte[] path, long hash) throws IOException {
    PathLookup standIn;
    int cell = enter();
    try {
      long place = place(path, hash);
      return place < 0
          ? Optional.empty()
          : Optional.of(extent((int) (place >>> ROW_BITS), row(place), container, recordsEnd));
    } catch (DamagedPartException e) {
      standIn = block.standIn(e.damage()).lookups();
    } catch (IndexOutOfBoundsException e) {
      throw block.damaged(e);
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
    return standIn.locate(path, hash);
  }

  /** The ordinal of the file at {@code path}, or -1 if there is none. */
  int find(byte[] path, long hash) throws IOException {
    PathLookup standIn;
    int cell = enter();
    try {
      long place = place(path, hash);
      return place < 0 ? -1 : firstOrdinal((int) (place >>> ROW_BITS)) + row(place);
    } catch (DamagedPartException e) {
      standIn = block.standIn(e.damage()).lookups();
    } catch (IndexOutOfBoundsException e) {
      throw block.damaged(e);
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
    return standIn.find(path, hash);
  }

  private int enter() {
    int cell = IndexBlock.GUARD.enter();
    if (closed) {
      IndexBlock.GUARD.leave(cell);
      throw new IllegalStateException("index block is closed");
    }
    return cell;
  }

  /** Turns away whoever enters from now on; the block then retires the memory. */
  void close() {
    closed = true;
  }

  /** Page and row of a path; -1 if it is not there. */
  private long place(byte[] path, long hash) {
    if (slots != null) {
      int page = page(hash);
      int row = page < pageCount() ? findRow(page, path) : -1;
      if (row >= 0) {
        return (long) page << ROW_BITS | row;
      }
      if (complete) {
        return -1;
      }
    }
    if (pageCount() == 0 || !LogicalPath.hasOwnKey(path)) {
      return -1;
    }
    int page = pageOf(path);
    int row = findRow(page, path);
    return row < 0 ? -1 : (long) page << ROW_BITS | row;
  }

  /**
   * Whether a lookup finds a path of this hash that stands on {@code page}, if no other page holds it and the first paths of pages ascend. The locator
   * may give any page for a path that it does not know; then the order of the pages leads there, unless the locator is said to know all.
   */
  boolean leadsTo(int page, long hash) {
    return slots == null || page(hash) == page || !complete;
  }

  /** The page, at least 0, that holds the path of this hash if any does; see {@link PageLocator}. */
  private int page(long hash) {
    long mixed = PageLocator.mix(hash, seed);
    int first = PageLocator.first(mixed, segmentLength, segments);
    return (slot(first)
            ^ slot(PageLocator.second(mixed, first, segmentLength))
            ^ slot(PageLocator.third(mixed, first, segmentLength)))
        & slotMask
        & Integer.MAX_VALUE;
  }

  private int slot(int index) {
    int at = slotsAt + index * slotLength;
    prove(at, slotLength);
    return slots.getInt(at);
  }

  private static int row(long place) {
    return (int) place & (1 << ROW_BITS) - 1;
  }
}
