package io.pleat.format;

import java.util.Arrays;
import java.util.List;

/**
 * Many sort keys in few arrays, compared with the keys of paths without building those: what it takes to find the one container out
 * of many that may hold a path. Immutable, thread-safe; a search allocates nothing.
 */
public final class SortKeyTable {
  /*
   * Keys are kept as paths (a directory's with a slash at its end), since two paths that agree up to some byte have keys that agree, too, but for
   * their last slashes: where the last slash of one lies in what they share, and the other has a later one, the first is the lower, as 00 00 is below
   * 00 01. If not, the first byte that differs decides, a slash being the lowest. So one vectorised Arrays.mismatch takes the place of a loop over
   * bytes. (A path without a slash has its last one, as it were, before its first byte: its key starts with 00 00.)
   *
   * Eight bytes of all keys stand in an array of their own, so that a binary search mostly stays in few cache lines. They are the first ones behind what all
   * keys have in common, with no last slash in it: a path that departs from that, or has its last slash there, lies on the same side of all keys.
   */
  private final int common;
  private final long[] prefixes;
  private final int[] starts;
  private final int[] lastSlashes;
  private final byte[] paths;

  /**
   * @param keys in any order, which is kept; {@link #countNotAbove} needs them in ascending order
   * @throws IllegalArgumentException if one is the key of no path
   */
  public SortKeyTable(List<byte[]> keys) {
    int count = keys.size();
    prefixes = new long[count];
    starts = new int[count + 1];
    lastSlashes = new int[count];
    ByteArena all = new ByteArena(32 * count + 1);
    int shared = Integer.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      byte[] path = toTreePath(keys.get(i));
      lastSlashes[i] = lastSlash(path);
      all.put(path, 0, path.length);
      starts[i + 1] = Math.addExact(starts[i], path.length);
      int agreed = Arrays.mismatch(path, 0, path.length, all.array(), 0, starts[1]);
      shared = Math.min(shared, agreed < 0 ? path.length : agreed);
      shared = Math.min(shared, Math.max(0, lastSlashes[i]));
    }
    common = count == 0 ? 0 : shared;
    paths = new byte[starts[count]];
    all.view().get(paths);
    for (int i = 0; i < count; i++) {
      prefixes[i] = prefix(paths, starts[i], starts[i + 1], starts[i] + lastSlashes[i]);
    }
  }

  /** The path of a key; a directory's with a slash at its end, but for the root's. */
  private static byte[] toTreePath(byte[] key) {
    SortKey.checkLegal(key);
    byte[] path = SortKey.toPath(key);
    if (!SortKey.isDirectory(key) || path.length == 0) {
      return path;
    }
    byte[] slashed = Arrays.copyOf(path, path.length + 1);
    slashed[path.length] = '/';
    return slashed;
  }

  /** How many keys there are. */
  public int size() {
    return prefixes.length;
  }

  /** How many keys, of a table in ascending order, are not above the key of the file at {@code path}. */
  public int countNotAbove(LogicalPath path) {
    byte[] bytes = path.bytes();
    int lastSlash = lastSlash(bytes);
    int low = 0;
    int high = prefixes.length;
    if (high == 0 || !isWithin(bytes, lastSlash)) {
      return high == 0 || compare(bytes, lastSlash, 0) < 0 ? 0 : high;
    }
    long prefix = prefix(bytes, 0, bytes.length, lastSlash);
    while (low < high) {
      int middle = (low + high) >>> 1;
      long other = prefixes[middle];
      if (other < prefix || other == prefix && compare(bytes, lastSlash, middle) >= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Compares the key of the file at {@code path} with key {@code number}: negative, zero or positive. */
  public int compare(LogicalPath path, int number) {
    byte[] bytes = path.bytes();
    int lastSlash = lastSlash(bytes);
    if (isWithin(bytes, lastSlash)) {
      int order = Long.compare(prefix(bytes, 0, bytes.length, lastSlash), prefixes[number]);
      if (order != 0) {
        return order;
      }
    }
    return compare(bytes, lastSlash, number);
  }

  /** Whether a path's key starts with what all keys have in common. */
  private boolean isWithin(byte[] path, int lastSlash) {
    return common == 0 || lastSlash >= common && Arrays.equals(path, 0, common, paths, 0, common);
  }

  /** The same of a path's bytes, whose last slash is where {@link #lastSlash(byte[])} says. */
  int compare(byte[] path, int lastSlash, int number) {
    int start = starts[number];
    int end = starts[number + 1];
    int at = Arrays.mismatch(path, 0, path.length, paths, start, end);
    if (at < 0) {
      return 0;
    }
    int otherLastSlash = lastSlashes[number];
    if (lastSlash != otherLastSlash) {
      if (lastSlash < Math.min(at, otherLastSlash)) {
        return -1;
      }
      if (otherLastSlash < Math.min(at, lastSlash)) {
        return 1;
      }
    }
    if (at == path.length) {
      return -1;
    }
    if (at == end - start) {
      return 1;
    }
    return rank(path[at]) - rank(paths[start + at]);
  }

  private static int rank(byte b) {
    return b == '/' ? 0 : Byte.toUnsignedInt(b);
  }

  /** Where a path's last slash is; -1 if it has none. */
  static int lastSlash(byte[] path) {
    int at = path.length - 1;
    while (at >= 0 && path[at] != '/') {
      at--;
    }
    return at;
  }

  /** Where the last slash of a key's path is; -1 if it has none. */
  int lastSlash(int number) {
    return lastSlashes[number];
  }

  /** Bytes of a key's path. */
  int pathLength(int number) {
    return starts[number + 1] - starts[number];
  }

  /** Copies the bytes from {@code from} to {@code to} of a key's path. */
  void copyPath(int number, int from, int to, byte[] target, int at) {
    System.arraycopy(paths, starts[number] + from, target, at, to - from);
  }

  /** How many bytes the paths of two keys have in common. */
  int agreed(int one, int another) {
    return agreed(one, this, another);
  }

  /** The same of a key of this table and one of another. */
  int agreed(int number, SortKeyTable other, int another) {
    int at = Arrays.mismatch(
        paths,
        starts[number],
        starts[number + 1],
        other.paths,
        other.starts[another],
        other.starts[another + 1]);
    return at < 0 ? pathLength(number) : at;
  }

  /** The {@link #word(byte[], int, int, int, int, boolean)} of a key. */
  long word(int number, int from, boolean inName) {
    int start = starts[number];
    return word(paths, start, starts[number + 1], lastSlashes[number], from, inName);
  }

  private long prefix(byte[] bytes, int start, int end, int lastSlash) {
    return word(bytes, start, end, lastSlash - start, common, false);
  }

  /**
   * Eight bytes of a key, as a number that orders signed as they do unsigned.
   *
   * @param start where its path starts in {@code bytes}
   * @param lastSlash where the last slash is in the path; -1 if there is none
   * @param from where they start in the path
   * @param inName whether all keys that are compared have their last slash, or none, before {@code from} and in one place
   */
  static long word(byte[] bytes, int start, int end, int lastSlash, int from, boolean inName) {
    long word = 0;
    // A path without a slash has its last one, as it were, before its first byte.
    int shift = lastSlash < 0 && !inName ? 48 : 64;
    int slash = start + lastSlash;
    for (int i = start + from; i < end && shift > 0; i++) {
      if (bytes[i] == '/') {
        shift -= 16;
        if (i != slash && shift >= 0) {
          word |= 1L << shift;
        }
      } else {
        shift -= 8;
        word |= (bytes[i] & 0xFFL) << shift;
      }
    }
    return word ^ Long.MIN_VALUE;
  }
}
