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
   * The first eight bytes of all keys stand in an array of their own, so that a binary search mostly stays in few cache lines.
   */
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
    for (int i = 0; i < count; i++) {
      byte[] path = toTreePath(keys.get(i));
      lastSlashes[i] = lastSlash(path);
      prefixes[i] = prefix(path, lastSlashes[i]);
      all.put(path, 0, path.length);
      starts[i + 1] = Math.addExact(starts[i], path.length);
    }
    paths = new byte[starts[count]];
    all.view().get(paths);
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
    long prefix = prefix(bytes, lastSlash);
    int low = 0;
    int high = prefixes.length;
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
    int order = Long.compare(prefix(bytes, lastSlash), prefixes[number]);
    return order != 0 ? order : compare(bytes, lastSlash, number);
  }

  private int compare(byte[] path, int lastSlash, int number) {
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

  private static int lastSlash(byte[] path) {
    int at = path.length - 1;
    while (at >= 0 && path[at] != '/') {
      at--;
    }
    return at;
  }

  /** The key's first eight bytes, as a number that orders signed as they do unsigned. */
  private static long prefix(byte[] path, int lastSlash) {
    long prefix = 0;
    int shift = lastSlash < 0 ? 48 : 64;
    for (int i = 0; i < path.length && shift > 0; i++) {
      if (path[i] == '/') {
        shift -= 16;
        if (i != lastSlash && shift >= 0) {
          prefix |= 1L << shift;
        }
      } else {
        shift -= 8;
        prefix |= (path[i] & 0xFFL) << shift;
      }
    }
    return prefix ^ Long.MIN_VALUE;
  }
}
