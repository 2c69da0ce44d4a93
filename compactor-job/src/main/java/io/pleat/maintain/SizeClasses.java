package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/** Counts files by their length, in a fixed number of classes. Not thread-safe. */
public final class SizeClasses {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** Above 0, the length below which a file belongs to the class; the last class has no end. */
  private static final long[] ENDS = {
    1, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 64 * MIB, GIB, Long.MAX_VALUE
  };

  private final long[] files = new long[ENDS.length];
  private final long[] bytes = new long[ENDS.length];

  /**
   * One class.
   *
   * @param from shortest length in it, in bytes
   * @param to length below which its files are, in bytes; {@code Long.MAX_VALUE} for no end
   * @param bytes what its files have together
   */
  public record SizeClass(long from, long to, long files, long bytes) {}

  /** Counts one file. */
  public void add(long length) {
    checkArgument(length >= 0, "negative length: %s", length);
    int at = 0;
    while (at < ENDS.length - 1 && length >= ENDS[at]) {
      at++;
    }
    files[at]++;
    bytes[at] += length;
  }

  /** Counts what {@code other} has counted, too. */
  void addAll(SizeClasses other) {
    for (int i = 0; i < ENDS.length; i++) {
      files[i] += other.files[i];
      bytes[i] += other.bytes[i];
    }
  }

  /** All classes, the shortest lengths first. */
  public List<SizeClass> classes() {
    List<SizeClass> all = new ArrayList<>(ENDS.length);
    for (int i = 0; i < ENDS.length; i++) {
      all.add(new SizeClass(i == 0 ? 0 : ENDS[i - 1], ENDS[i], files[i], bytes[i]));
    }
    return all;
  }
}
