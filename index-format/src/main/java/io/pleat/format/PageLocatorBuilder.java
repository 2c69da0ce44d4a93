package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

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

  /** Whether a path of this hash was added, from {@code from} (inclusive) to {@code to} (exclusive). */
  boolean hasHash(long hash, int from, int to) {
    for (int ordinal = from; ordinal < to; ordinal++) {
      if (hash(ordinal) == hash) {
        return true;
      }
    }
    return false;
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
    solve(pages);
    ByteBuffer section = peeling.section(slotLength(pages.pages()), (mixed, page) -> page);
    return section.put(PageLocator.FLAGS_AT, (byte) (complete ? PageLocator.COMPLETE : 0));
  }

  /**
   * The filter section, after the locator if there is one; nothing may be added any more. Entries that are left out have the fingerprint of the one
   * that is not.
   */
  ByteBuffer buildFilter() {
    solve(null);
    return peeling.section(PathFilter.SLOT_LENGTH, (mixed, page) -> PathFilter.fingerprint(mixed));
  }

  /**
   * Finds parameters under which all entries can be peeled away, unless that is done.
   *
   * @param pages which entries are on which page; null if nobody asks
   */
  private void solve(EntryPagesBuilder pages) {
    if (peeling != null) {
      return;
    }
    complete = true;
    boolean[] leftOut = null;
    peeling = new Peeling(slots(count, 0));
    for (int attempt = 1; !peeling.peel(pages, leftOut); attempt++) {
      long seed = peeling.slots.seed() + SEED_STEP;
      if (attempt == ATTEMPTS_BEFORE_SEARCH) {
        seed += salt;
        leftOut = repeated();
        complete = leftOut == null;
      } else if (attempt == MAX_ATTEMPTS) {
        throw new IllegalStateException("no locator for " + count + " paths");
      }
      peeling.startAnew(slots(count, seed));
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
      int place = firstPlace(sorted, hash(i));
      repeated[i] = seen[place];
      any |= seen[place];
      seen[place] = true;
    }
    return any ? repeated : null;
  }

  /** Where the first of the elements equal to {@code hash} stands; there may be very many. */
  private static int firstPlace(long[] sorted, long hash) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = low + high >>> 1;
      if (sorted[middle] < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** What the three slots of an entry shall give. */
  private interface Value {
    int of(long mixed, int page);
  }

  /** Entries are taken away one by one, each from a slot that no other uses; assigned in reverse, each slot is free when its turn comes. */
  private final class Peeling {
    /*
     * Of each slot two words lie side by side. While entries are taken away: the XOR of its users' mixed hashes; and how many they are (upper half) beside the XOR of their
     * pages. So the one user that is left is known without a look at any other array, which would be a wait for memory: with the users' numbers here instead, and
     * hashes and pages in arrays by number, this took twice as long. Once it was taken away from a slot: its mixed hash; and its page beside the slot's value.
     *
     * A slot comes to have one user at most once. So those that wait and those that are done never are more than all, and share an array.
     */
    private static final int HIGH = Integer.SIZE;

    private static final long ONE_USER = 1L << HIGH;
    private static final int TOO_MANY_USERS = 128;

    /** Slots of a part: 2 MiB of words. Half as much, or all in one part, was slower (decision 7). */
    private static final int PART_BITS = 17;

    private final long[] words;
    private final int[] order;
    private PageLocator.Slots slots;
    private int peeled;

    Peeling(PageLocator.Slots slots) {
      this.slots = slots;
      words = new long[2 * slots.count()];
      order = new int[slots.count()];
    }

    /** With other slots, of the same number. */
    void startAnew(PageLocator.Slots others) {
      slots = others;
      Arrays.fill(words, 0);
    }

    boolean peel(EntryPagesBuilder pages, boolean[] leftOut) {
      int wanted = use(pages, leftOut);
      if (wanted < 0) {
        return false;
      }
      PageLocator.Slots places = slots;
      int top = order.length; // those that wait stand from here on
      for (int slot = 0; slot < order.length; slot++) {
        if (words[2 * slot + 1] >>> HIGH == 1) {
          order[--top] = slot;
        }
      }
      peeled = 0;
      while (top < order.length) {
        int slot = order[top++];
        long mixed = words[2 * slot];
        long usersAndPage = words[2 * slot + 1];
        if (usersAndPage >>> HIGH != 1) {
          continue;
        }
        int page = (int) usersAndPage;
        int first = places.first(mixed);
        top = release(first, mixed, page, top);
        top = release(places.second(mixed, first), mixed, page, top);
        top = release(places.third(mixed, first), mixed, page, top);
        words[2 * slot] = mixed;
        words[2 * slot + 1] = (long) page << HIGH;
        order[peeled++] = slot;
      }
      return peeled == wanted;
    }

    /**
     * Has all entries use their slots, and says how many they are; -1 if a slot has more users than anybody wants to count. They come by their first slot's place, a part of
     * the slots after the other, so that what they wait for is in the processor's cache.
     */
    private int use(EntryPagesBuilder pages, boolean[] leftOut) {
      PageLocator.Slots places = slots;
      int parts = 1 + (order.length >>> PART_BITS);
      int[] ends = new int[parts + 1];
      for (int i = 0; i < count; i++) {
        ends[part(places.mix(hash(i)), parts) + 1]++;
      }
      for (int part = 0; part < parts; part++) {
        ends[part + 1] += ends[part];
      }
      for (int i = 0; i < count; i++) {
        order[ends[part(places.mix(hash(i)), parts)]++] = i;
      }
      int wanted = 0;
      int page = 0;
      int pageAt = 0;
      int nextPageAt = firstOrdinal(pages, 1);
      for (int place = 0; place < count; place++) {
        int i = order[place];
        if (i < pageAt) { // another part begins
          page = 0;
          pageAt = 0;
          nextPageAt = firstOrdinal(pages, 1);
        }
        while (i >= nextPageAt) {
          pageAt = nextPageAt;
          nextPageAt = firstOrdinal(pages, ++page + 1);
        }
        if (leftOut != null && leftOut[i]) {
          continue;
        }
        wanted++;
        long mixed = places.mix(hash(i));
        int first = places.first(mixed);
        if (use(first, mixed, page)
            | use(places.second(mixed, first), mixed, page)
            | use(places.third(mixed, first), mixed, page)) {
          return -1;
        }
      }
      return wanted;
    }

    private static int part(long mixed, int parts) {
      return (int) PathHash.high(mixed, parts);
    }

    private int firstOrdinal(EntryPagesBuilder pages, int page) {
      return pages != null && page < pages.pages() ? pages.firstOrdinal(page) : count;
    }

    /** Whether that is one user more than can be. */
    private boolean use(int slot, long mixed, int page) {
      words[2 * slot] ^= mixed;
      long now = (words[2 * slot + 1] ^ page) + ONE_USER;
      words[2 * slot + 1] = now;
      return now >>> HIGH >= TOO_MANY_USERS;
    }

    private int release(int slot, long mixed, int page, int top) {
      words[2 * slot] ^= mixed;
      long now = (words[2 * slot + 1] ^ page) - ONE_USER;
      words[2 * slot + 1] = now;
      if (now >>> HIGH == 1) {
        order[top - 1] = slot;
        return top - 1;
      }
      return top;
    }

    /** The section in which the three slots of each entry give its value. */
    ByteBuffer section(int slotLength, Value value) {
      PageLocator.Slots places = slots;
      ByteBuffer section = ByteBuffer.allocate(
              PageLocator.HEADER_LENGTH + slots.count() * slotLength + PageLocator.SLACK)
          .order(ByteOrder.LITTLE_ENDIAN);
      section.putLong(PageLocator.SEED_AT, slots.seed());
      section.putInt(PageLocator.SEGMENT_LENGTH_AT, slots.segmentLength());
      section.putInt(PageLocator.SEGMENTS_AT, slots.segments());
      section.put(PageLocator.SLOT_LENGTH_AT, (byte) slotLength);
      for (int slot = 0; slot < order.length; slot++) {
        words[2 * slot + 1] &= -ONE_USER;
      }
      int mask = PageLocator.mask(slotLength);
      for (int i = peeled - 1; i >= 0; i--) {
        int slot = order[i];
        long mixed = words[2 * slot];
        int first = places.first(mixed);
        // Its own slot gives 0 yet.
        long others = words[2 * first + 1]
            ^ words[2 * places.second(mixed, first) + 1]
            ^ words[2 * places.third(mixed, first) + 1];
        long own = words[2 * slot + 1];
        int wanted = value.of(mixed, (int) (own >>> HIGH)) & mask;
        words[2 * slot + 1] = own | ((int) others ^ wanted) & 0xFFFFFFFFL;
      }
      for (int slot = 0; slot < order.length; slot++) {
        section.putInt(PageLocator.HEADER_LENGTH + slot * slotLength, (int) words[2 * slot + 1]);
      }
      section.putInt(PageLocator.HEADER_LENGTH + order.length * slotLength, 0);
      return section.limit(section.capacity() - PageLocator.SLACK);
    }
  }
}
