package io.pleat.bench;

import java.util.List;

/**
 * A directory of a tree that exists by rule alone: what it holds is computed when asked for, and nothing is kept. Children have numbers
 * from 0. Thread-safe.
 */
abstract class SyntheticDirectory {
  /** Seconds since 1970 that everything without a time of its own was changed at. */
  static final long MTIME = 1_600_000_000;

  /** How many children there are. */
  abstract int size();

  /** The name of a child. */
  abstract String name(int number);

  /** The number of the child of that name; -1 if there is none. */
  abstract int find(String name);

  /** The child as a directory; null if it is a file. */
  SyntheticDirectory descend(int number) {
    return null;
  }

  /** The length of a child that is a file, in bytes. */
  int length(int number) {
    return 0;
  }

  /** What a file's bytes are made from, different for each file. */
  long content(int number) {
    return 0;
  }

  /** When a file was changed, in seconds since 1970. */
  long mtimeOf(int number) {
    return mtime();
  }

  /** Whether every read of a file fails. */
  boolean isUnreadable(int number) {
    return false;
  }

  /** When the directory was changed, in seconds since 1970. */
  long mtime() {
    return MTIME;
  }

  /** Whose the directory and its files are. */
  String owner() {
    return "bench";
  }

  /** Whether the group may write to the directory and its files. */
  boolean isGroupWritable() {
    return false;
  }

  /** A directory of a few directories with given names. */
  static SyntheticDirectory of(List<String> names, List<SyntheticDirectory> children) {
    return new SyntheticDirectory() {
      @Override
      int size() {
        return names.size();
      }

      @Override
      String name(int number) {
        return names.get(number);
      }

      @Override
      int find(String name) {
        return names.indexOf(name);
      }

      @Override
      SyntheticDirectory descend(int number) {
        return children.get(number);
      }
    };
  }

  /** A directory of directories whose names are a word and their number in so many digits or more. */
  abstract static class Numbered extends SyntheticDirectory {
    private final String word;
    private final int digits;
    private final int first;
    private final int size;

    /** @param first number of the first child in its name */
    Numbered(String word, int digits, int first, int size) {
      this.word = word;
      this.digits = digits;
      this.first = first;
      this.size = size;
    }

    @Override
    int size() {
      return size;
    }

    @Override
    String name(int number) {
      return Rule.numbered(word, first + (long) number, digits, "");
    }

    @Override
    int find(String name) {
      long number = Rule.numberIn(word, name, "") - first;
      return number >= 0 && number < size && name((int) number).equals(name) ? (int) number : -1;
    }
  }
}
