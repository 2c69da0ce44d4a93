package io.pleat.bench.index;

import java.nio.ByteBuffer;

/** Compares paths by their sort keys (docs/format.md) without making them. */
final class PathOrder {
  private PathOrder() {}

  static int lastSlash(byte[] path) {
    int at = path.length - 1;
    while (at >= 0 && path[at] != '/') {
      at--;
    }
    return at;
  }

  /* Where two paths begin to differ, the one whose directory ended before stands first; else '/' is below all. */
  static int compare(byte[] path, int lastSlash, ByteBuffer other, int at, int length) {
    int common = Groups.agreement(path, 0, other, at, length);
    if (common == length && common == path.length) {
      return 0;
    }
    boolean inName = lastSlash < common;
    boolean otherInName = true;
    for (int i = common; i < length && otherInName; i++) {
      otherInName = other.get(at + i) != '/';
    }
    if (inName != otherInName) {
      return inName ? -1 : 1;
    }
    int mine = common == path.length ? -1 : rank(path[common]);
    int theirs = common == length ? -1 : rank(other.get(at + common));
    return mine - theirs;
  }

  private static int rank(byte value) {
    return value == '/' ? 0 : value & 0xFF;
  }
}
