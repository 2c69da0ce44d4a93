package io.pleat.bench;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code singles} directories of one file each, {@value #FAN_OUT} to a parent below {@code many}, beside the directory {@code one} of
 * {@code big} files, of which {@code unreadable}, spread evenly, cannot be read.
 */
final class UnevenTree {
  private static final int FAN_OUT = 1000;
  private static final int ONLY_FILES = 1 << 30;

  private UnevenTree() {}

  /** @param length of each file, in bytes */
  static SyntheticDirectory of(int singles, int big, int unreadable, int length) {
    checkArgument(
        unreadable <= big, "%s unreadable of only %s files in one directory", unreadable, big);
    List<String> names = new ArrayList<>();
    List<SyntheticDirectory> children = new ArrayList<>();
    if (singles > 0) {
      names.add("many");
      children.add(new Parents(singles, length));
    }
    if (big > 0) {
      names.add("one");
      children.add(new Files("f", 8, big, unreadable, length, ONLY_FILES));
    }
    return SyntheticDirectory.of(names, children);
  }

  private static final class Parents extends SyntheticDirectory.Numbered {
    private final int singles;
    private final int length;

    Parents(int singles, int length) {
      super("p", 4, 0, (singles + FAN_OUT - 1) / FAN_OUT);
      this.singles = singles;
      this.length = length;
    }

    @Override
    SyntheticDirectory descend(int number) {
      int first = number * FAN_OUT;
      return new Singles(first, Math.min(FAN_OUT, singles - first), length);
    }
  }

  private static final class Singles extends SyntheticDirectory.Numbered {
    private final int first;
    private final int length;

    Singles(int first, int size, int length) {
      super("d", 8, first, size);
      this.first = first;
      this.length = length;
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Files("only", 1, 1, 0, length, first + number);
    }
  }

  private static final class Files extends SyntheticDirectory.Numbered {
    private final int unreadable;
    private final int length;
    private final int directory;

    Files(String word, int digits, int size, int unreadable, int length, int directory) {
      super(word, digits, 0, size);
      this.unreadable = unreadable;
      this.length = length;
      this.directory = directory;
    }

    @Override
    int length(int number) {
      return length;
    }

    @Override
    long content(int number) {
      return Rule.mix(((long) directory << 32) + number);
    }

    @Override
    boolean isUnreadable(int number) {
      long place = number;
      return (place + 1) * unreadable / size() > place * unreadable / size();
    }
  }
}
