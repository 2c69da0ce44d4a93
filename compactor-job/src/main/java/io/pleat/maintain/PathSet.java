package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import java.util.Arrays;

/**
 * Paths by their 64-bit hashes, 8 to 16 bytes each. May say of one path in some 10^12 that it is there though it was never added: good
 * enough to keep files, never to delete them. Not thread-safe.
 */
final class PathSet {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private long[] hashes = new long[1024];
  private int count;
  private boolean sorted = true;

  void add(LogicalPath path) {
    if (count == hashes.length) {
      sort();
      if (count > hashes.length / 2) {
        hashes = Arrays.copyOf(hashes, hashes.length * 2);
      }
    }
    hashes[count++] = hash(path);
    sorted = false;
  }

  boolean mayContain(LogicalPath path) {
    if (!sorted) {
      sort();
    }
    return Arrays.binarySearch(hashes, 0, count, hash(path)) >= 0;
  }

  /** Sorts, and drops what is there twice. */
  private void sort() {
    Arrays.sort(hashes, 0, count);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || hashes[i] != hashes[i - 1]) {
        hashes[distinct++] = hashes[i];
      }
    }
    count = distinct;
    sorted = true;
  }

  /** FNV-1a (Fowler, Noll, Vo) with the 64-bit finalizer of MurmurHash3 (Austin Appleby, public domain). */
  private static long hash(LogicalPath path) {
    long h = FNV_OFFSET;
    for (byte b : path.utf8()) {
      h = (h ^ (b & 0xff)) * FNV_PRIME;
    }
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 33);
  }
}
