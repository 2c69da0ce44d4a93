package io.pleat.format;

import java.util.Arrays;

/**
 * Ranges of sort keys in ascending order of their first keys: which of them a path may be in. For tens of thousands of ranges in few cache lines. Immutable,
 * thread-safe; a search allocates nothing.
 */
public final class KeyRangeTable {
  /*
   * A tree of nodes, each of a run of ranges. All first keys of a node start with the same bytes, and of what follows the node has the next eight bytes of each
   * as a number, in an array of its own: most searches are decided there. Ranges whose numbers are equal, too, have a node of their own below,
   * which skips what they have in common. (A trie whose levels are searched by bisection, as in Mao, Kohler and Morris, "Cache Craftiness for Fast Multicore
   * Key-Value Storage", EuroSys 2012, but with the common part skipped.) The last key of each range is there as such a number, too. Only where numbers
   * are equal, and no node below tells them apart, do whole keys decide.
   *
   * Positions are those of paths, as in SortKeyTable: a slash counts as two bytes in a number, and whether it is a path's last one
   * must be the same for all keys of a node.
   */

  /** In the place of a last slash's position: it lies behind what a node's keys have in common. */
  private static final int BEHIND = -2;

  private static final int NONE = -1;

  /** Paths may be long, and keys chosen with bad intent: below this whole keys decide. */
  private static final int MAX_DEPTH = 16;

  private static final int FROM_AT = 0;
  private static final int COUNT_AT = 1;
  private static final int WORDS_AT = 2;
  private static final int COMMON_AT = 3;
  private static final int LAST_SLASH_AT = 4;
  private static final int KNOWN_AT = 5;
  private static final int SKIPPED_AT = 6;
  private static final int NODE_LENGTH = 8;

  private final SortKeyTable firsts;
  private final SortKeyTable lasts;
  private int[] nodes = {};
  private byte[] skipped = {};
  private long[] words = {};
  private long[] ends = {};
  private int[] children = {};
  private int nodesLength;
  private int skippedLength;
  private int wordsLength;

  /**
   * @param firsts the first key of each range, ascending
   * @param lasts the last key of each, not below the first
   */
  public KeyRangeTable(SortKeyTable firsts, SortKeyTable lasts) {
    this.firsts = firsts;
    this.lasts = lasts;
    if (firsts.size() > 0) {
      add(0, firsts.size(), 0, 0);
    }
    nodes = Arrays.copyOf(nodes, nodesLength);
    skipped = Arrays.copyOf(skipped, skippedLength);
    words = Arrays.copyOf(words, wordsLength);
    ends = Arrays.copyOf(ends, wordsLength);
    children = Arrays.copyOf(children, wordsLength);
  }

  /** Adds the node of {@code count} ranges whose first {@code known} bytes are known to agree when a search gets there; returns its number. */
  private int add(int from, int count, int known, int depth) {
    int node = nodesLength;
    nodesLength += NODE_LENGTH;
    if (nodesLength > nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * nodesLength);
    }
    int common = firsts.pathLength(from);
    int lowest = firsts.lastSlash(from);
    boolean same = true;
    for (int i = from + 1; i < from + count; i++) {
      common = Math.min(common, firsts.agreed(from, i));
      same &= firsts.lastSlash(i) == firsts.lastSlash(from);
      lowest = Math.min(lowest, firsts.lastSlash(i));
    }
    int lastSlash = same && firsts.lastSlash(from) < common ? firsts.lastSlash(from) : BEHIND;
    if (lastSlash == BEHIND) {
      common = Math.min(common, Math.max(0, lowest));
    }
    int at = wordsLength;
    wordsLength += count;
    nodes[node + FROM_AT] = from;
    nodes[node + COUNT_AT] = count;
    nodes[node + WORDS_AT] = at;
    nodes[node + COMMON_AT] = common;
    nodes[node + LAST_SLASH_AT] = lastSlash;
    nodes[node + KNOWN_AT] = known;
    nodes[node + SKIPPED_AT] = skippedLength;
    skippedLength += common - known;
    if (skippedLength > skipped.length) {
      skipped = Arrays.copyOf(skipped, 2 * skippedLength);
    }
    firsts.copyPath(from, known, common, skipped, nodes[node + SKIPPED_AT]);
    if (wordsLength > words.length) {
      words = Arrays.copyOf(words, 2 * wordsLength);
      ends = Arrays.copyOf(ends, 2 * wordsLength);
      children = Arrays.copyOf(children, 2 * wordsLength);
    }
    for (int i = 0; i < count; i++) {
      words[at + i] = firsts.word(from + i, common, lastSlash != BEHIND);
      // A last key that departs from what all first keys have in common is above whatever does not.
      ends[at + i] = isWithin(node, from + i)
          ? lasts.word(from + i, common, lastSlash != BEHIND)
          : Long.MAX_VALUE;
      children[at + i] = NONE;
    }
    for (int start = 0, end; start < count; start = end) {
      end = start + 1;
      while (end < count && words[at + end] == words[at + start]) {
        end++;
      }
      if (end - start > 1 && end - start < count && depth < MAX_DEPTH) {
        children[at + end - 1] = add(from + start, end - start, common, depth + 1);
      }
    }
    return node;
  }

  /** Whether the last key of a range starts with what the first keys of a node have in common. */
  private boolean isWithin(int node, int number) {
    int common = nodes[node + COMMON_AT];
    return isSlashWithin(node, lasts.lastSlash(number))
        && lasts.pathLength(number) >= common
        && firsts.agreed(nodes[node + FROM_AT], lasts, number) >= common;
  }

  private boolean isSlashWithin(int node, int lastSlash) {
    int common = nodes[node + COMMON_AT];
    int wanted = nodes[node + LAST_SLASH_AT];
    return wanted == BEHIND ? common == 0 || lastSlash >= common : lastSlash == wanted;
  }

  /**
   * Searches the last range whose first key is not above the key of the file at {@code path}: its number if it ends there or above, {@code -(its number) -
   * 2} if it ends below, -1 if all start above.
   */
  public int find(LogicalPath path) {
    byte[] bytes = path.bytes();
    int lastSlash = SortKeyTable.lastSlash(bytes);
    int node = nodes.length == 0 ? NONE : 0;
    while (node != NONE) {
      int from = nodes[node + FROM_AT];
      int count = nodes[node + COUNT_AT];
      int common = nodes[node + COMMON_AT];
      int known = nodes[node + KNOWN_AT];
      int skippedAt = nodes[node + SKIPPED_AT];
      if (!isSlashWithin(node, lastSlash)
          || bytes.length < common
          || !Arrays.equals(bytes, known, common, skipped, skippedAt, skippedAt + common - known)) {
        boolean below = firsts.compare(bytes, lastSlash, from) < 0;
        return reached(bytes, lastSlash, below ? from - 1 : from + count - 1);
      }
      long word = SortKeyTable.word(
          bytes, 0, bytes.length, lastSlash, common, nodes[node + LAST_SLASH_AT] != BEHIND);
      int at = nodes[node + WORDS_AT];
      int last = lastNotAbove(at, count, word);
      if (words[last] > word) {
        return reached(bytes, lastSlash, from - 1);
      }
      int number = from + last - at;
      if (words[last] < word) {
        return word < ends[last]
            ? number
            : word > ends[last] ? -number - 2 : reached(bytes, lastSlash, number);
      }
      node = children[last];
      if (node == NONE) {
        while (number >= from
            && words[at + number - from] == word
            && firsts.compare(bytes, lastSlash, number) < 0) {
          number--;
        }
        return reached(bytes, lastSlash, number);
      }
    }
    return NONE;
  }

  /** The place of the last of {@code count} ascending words that is not above {@code word}; the first place if all are. */
  private int lastNotAbove(int at, int count, long word) {
    int low = at;
    for (int left = count; left > 1; ) {
      int half = left >>> 1;
      low += words[low + half] <= word ? half : 0;
      left -= half;
    }
    return low;
  }

  private int reached(byte[] path, int lastSlash, int number) {
    return number < 0 || lasts.compare(path, lastSlash, number) <= 0 ? number : -number - 2;
  }
}
