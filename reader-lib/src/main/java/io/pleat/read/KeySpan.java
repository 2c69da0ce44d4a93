package io.pleat.read;

import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import java.util.Arrays;

/**
 * A half-open span of sort keys that belongs to a directory; see {@link SortKey}.
 *
 * @param from the lowest key of the span
 * @param to what lies just above it; null if nothing does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeySpan(byte[] from, byte[] to) {
  /** The directory's own key and the files directly in it. */
  static KeySpan filesOf(LogicalPath directory) {
    return startingWith(directory.directoryKey());
  }

  /** All directories below the directory, with what they hold. */
  static KeySpan directoriesOf(LogicalPath directory) {
    if (directory.isRoot()) {
      return new KeySpan(new byte[] {1}, null);
    }
    byte[] prefix = directory.directoryKey();
    prefix[prefix.length - 1]++;
    return startingWith(prefix);
  }

  /** The directory and everything below it. */
  static KeySpan subtreeOf(LogicalPath directory) {
    byte[] prefix = SortKey.subtreePrefix(directory.utf8());
    return prefix.length == 0 ? new KeySpan(prefix, null) : startingWith(prefix);
  }

  /** The path of the directory that a key belongs to: its own, or that of its file. */
  static byte[] directoryOf(byte[] key) {
    byte[] path = SortKey.toPath(key);
    return SortKey.isDirectory(key) ? path : LogicalPath.ofUtf8(path).parent().utf8();
  }

  /** Whether {@code key} lies at or above the lowest key and below the end. */
  boolean contains(byte[] key) {
    return Arrays.compareUnsigned(from, key) <= 0
        && (to == null || Arrays.compareUnsigned(key, to) < 0);
  }

  /** The prefixes above end in a byte 0 or 1, so that the next one needs no carry. */
  private static KeySpan startingWith(byte[] prefix) {
    byte[] next = prefix.clone();
    next[next.length - 1]++;
    return new KeySpan(prefix, next);
  }
}
