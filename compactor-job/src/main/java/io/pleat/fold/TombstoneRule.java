package io.pleat.fold;

import io.pleat.format.Attributes;

/** When a file is the one that was removed on purpose. */
final class TombstoneRule {
  private TombstoneRule() {}

  /** Whether length, mtime and etag are equal. */
  static boolean equal(long buriedLength, Attributes buried, long length, Attributes file) {
    return buriedLength == length
        && buried.mtimeSeconds() == file.mtimeSeconds()
        && buried.mtimeNanos() == file.mtimeNanos()
        && buried.etag().equals(file.etag());
  }
}
