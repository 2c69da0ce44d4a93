package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Builds the sections that {@link PageLocator} and {@link PathFilter} read: hypergraph peeling, as of binary fuse filters. Entries whose hash another has, too, are
 * left out, all but one; the locator then says that it is not complete.
 */
final class PageLocatorBuilder {
  private static final int HASHES_IN_CHUNK_BITS = 14;
  private static final int CHUNK_MASK = (1 << HASHES_IN_CHUNK_BITS) - 1;

  /** Attempts before hashes are searched for equal ones. */
  private static final int ATTEMPTS_BEFORE_SEARCH = 3;

  /** Enough for any set of distinct hashes: one attempt fails in about one of a hundred cases, more often with few entries. */
  private static final int MAX_ATTEMPTS = 100;

  /** From one attempt's seed to the next. */
  static final long SEED_STEP = 0x9E3779B97F4A7C15L;

  private final long salt;
  private long[][] chunks = new long[4][];
  private int count;
  private PageLocator.Slots slots;
  private Peeling peeling;
  private boolean complete;

  /**
   * @param salt what nobody knows who chooses paths: someone who knew all seeds to come could have every attempt fail. The first
   *     attempts do without, so that most locators depend on their paths only
   */
  PageLocatorBuilder(long salt) {
    this.salt = salt;
  }

  void add(long hash) {
    int chunk = count >>> HASHES_IN_CHUNK_BITS;
    if (chunk == chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * chunk);
    }
    if (chunks[chunk] == null) {
      chunks[chunk] = new long[1 << HASHES_IN_CHUNK_BITS];
    }
    chunks[chunk][count++ & CHUNK_MASK] = hash;
  }

  private long hash(int ordinal) {
    return chunks[ordinal >>> HASHES_IN_CHUNK_BITS][ordinal & CHUNK_MASK];
  }

  /** Bytes that the section will have; never less than it comes to. */
  long sizeBound() {
    return PageLocator.HEADER_LENGTH + 5L * count + 4096;
  }

  /** Bytes that the filter section will have; never less than it comes to. */
  long filterSizeBound() {
    return PageLocator.HEADER_LENGTH + 3L * count + 4096;
  }

  /** The locator section for entries on these pages; nothing may be added any more. */
  ByteBuffer build(EntryPagesBuilder pages) {
    solve();
    int[] pageOf = peeling.pagesOf(pages);
    ByteBuffer section =
        peeling.section(slots, slotLength(pages.pages()), ordinal -> pageOf[ordinal]);
    return section.put(PageLocator.FLAGS_AT, (byte) (complete ? PageLocator.COMPLETE : 0));
  }

  /** The filter section; nothing may be added any more. Entries that are left out have the fingerprint of the one that is not. */
  ByteBuffer buildFilter() {
    solve();
    PageLocator.Slots found = slots;
    return peeling.section(
        found, PathFilter.SLOT_LENGTH, ordinal -> PathFilter.fingerprint(found.mix(hash(ordinal))));
  }

  /** Finds parameters under which all entries can be peeled away. */
  private void solve() {
    if (peeling != null) {
      return;
    }
    slots = slots(count, 0);
    peeling = new Peeling(slots.count());
    complete = true;
    boolean[] leftOut = null;
    for (int attempt = 1; !peeling.peel(slots, leftOut); attempt++) {
      long seed = slots.seed() + SEED_STEP;
      if (attempt == ATTEMPTS_BEFORE_SEARCH) {
        seed += salt;
        leftOut = repeated();
        complete = leftOut == null;
      } else if (attempt == MAX_ATTEMPTS) {
        throw new IllegalStateException("no locator for " + count + " paths");
      }
      slots = slots(count, seed);
    }
  }

  private static int slotLength(int pages) {
    return (Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, pages - 1)) + 7) / Byte.SIZE;
  }

  /** The parameters of Graf and Lemire for three slots an entry. */
  static PageLocator.Slots slots(int entries, long seed) {
    int segmentLength = entries < 2
        ? 4
        : Math.min(1 << 18, 1 << (int) Math.floor(Math.log(entries) / Math.log(3.33) + 2.25));
    double slotsPerEntry =
        entries < 2 ? 1 : Math.max(1.125, 0.875 + 0.25 * Math.log(1_000_000) / Math.log(entries));
    long wanted = Math.round(entries * slotsPerEntry);
    long segments = (wanted + segmentLength - 1) / segmentLength - 2;
    return new PageLocator.Slots(seed, segmentLength, (int) Math.max(1, segments));
  }

  /** Marks all entries but one of each hash; null if all hashes differ. */
  private boolean[] repeated() {
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = hash(i);
    }
    Arrays.sort(sorted);
    boolean[] seen = new boolean[count];
    boolean[] repeated = new boolean[count];
    boolean any = false;
    for (int i = 0; i < count; i++) {
      int place = Arrays.binarySearch(sorted, hash(i));
      while (place > 0 && sorted[place - 1] == sorted[place]) {
        place--;
      }
      repeated[i] = seen[place];
      any |= seen[place];
      seen[place] = true;
    }
    return any ? repeated : null;
  }

  /** Entries are taken away one by one, each from a slot that no other uses; assigned in reverse, each slot is free when its turn comes. */
  private final class Peeling {
    private final int[] ordinals;
    private final byte[] users;
    private final int[] queue;
    private final int[] order;
    private final byte[] ownSlot;
    private int peeled;

    Peeling(int slots) {
      ordinals = new int[slots];
      users = new byte[slots];
      queue = new int[slots];
      order = new int[count];
      ownSlot = new byte[count];
    }

    boolean peel(PageLocator.Slots slots, boolean[] leftOut) {
      Arrays.fill(ordinals, 0);
      Arrays.fill(users, (byte) 0);
      int wanted = 0;
      for (int i = 0; i < count; i++) {
        if (leftOut != null && leftOut[i]) {
          continue;
        }
        wanted++;
        long mixed = slots.mix(hash(i));
        int first = slots.first(mixed);
        if (use(first, i)
            | use(slots.second(mixed, first), i)
            | use(slots.third(mixed, first), i)) {
          return false;
        }
      }
      int waiting = 0;
      for (int slot = 0; slot < users.length; slot++) {
        if (users[slot] == 1) {
          queue[waiting++] = slot;
        }
      }
      peeled = 0;
      while (waiting > 0) {
        int slot = queue[--waiting];
        if (users[slot] != 1) {
          continue;
        }
        int i = ordinals[slot];
        long mixed = slots.mix(hash(i));
        int first = slots.first(mixed);
        int second = slots.second(mixed, first);
        int third = slots.third(mixed, first);
        order[peeled] = i;
        ownSlot[peeled++] = (byte) (slot == first ? 0 : slot == second ? 1 : 2);
        waiting = release(first, i, waiting);
        waiting = release(second, i, waiting);
        waiting = release(third, i, waiting);
      }
      return peeled == wanted;
    }

    /** Whether that is one user more than can be counted. */
    private boolean use(int slot, int ordinal) {
      ordinals[slot] ^= ordinal;
      return ++users[slot] < 0;
    }

    private int release(int slot, int ordinal, int waiting) {
      ordinals[slot] ^= ordinal;
      if (--users[slot] == 1) {
        queue[waiting] = slot;
        return waiting + 1;
      }
      return waiting;
    }

    /** The page of each entry, in memory that is used again. */
    int[] pagesOf(EntryPagesBuilder pages) {
      int[] pageOf = queue; // not used any more, and with as many elements as entries, or more
      for (int page = 0; page < pages.pages(); page++) {
        int end = page + 1 < pages.pages() ? pages.firstOrdinal(page + 1) : count;
        Arrays.fill(pageOf, pages.firstOrdinal(page), end, page);
      }
      return pageOf;
    }

    /** The section in which the three slots of each entry give its value. */
    ByteBuffer section(PageLocator.Slots slots, int slotLength, IntUnaryOperator valueOf) {
      ByteBuffer section = ByteBuffer.allocate(
              PageLocator.HEADER_LENGTH + slots.count() * slotLength + PageLocator.SLACK)
          .order(ByteOrder.LITTLE_ENDIAN);
      section.putLong(PageLocator.SEED_AT, slots.seed());
      section.putInt(PageLocator.SEGMENT_LENGTH_AT, slots.segmentLength());
      section.putInt(PageLocator.SEGMENTS_AT, slots.segments());
      section.put(PageLocator.SLOT_LENGTH_AT, (byte) slotLength);
      int[] values = ordinals;
      Arrays.fill(values, 0);
      int mask = PageLocator.mask(slotLength);
      for (int i = peeled - 1; i >= 0; i--) {
        int ordinal = order[i];
        long mixed = slots.mix(hash(ordinal));
        int first = slots.first(mixed);
        int second = slots.second(mixed, first);
        int third = slots.third(mixed, first);
        int own = ownSlot[i] == 0 ? first : ownSlot[i] == 1 ? second : third;
        values[own] =
            valueOf.applyAsInt(ordinal) & mask ^ values[first] ^ values[second] ^ values[third];
      }
      for (int slot = 0; slot < slots.count(); slot++) {
        section.putInt(PageLocator.HEADER_LENGTH + slot * slotLength, values[slot]);
      }
      section.putInt(PageLocator.HEADER_LENGTH + slots.count() * slotLength, 0);
      return section.limit(section.capacity() - PageLocator.SLACK);
    }
  }
}
