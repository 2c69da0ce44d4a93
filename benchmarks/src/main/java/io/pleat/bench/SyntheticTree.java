package io.pleat.bench;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tree that exists by rule alone: {@code singles} directories of one file each, {@value #FAN_OUT} to a parent below
 * {@code many}, beside the directory {@code one} of {@code big} files, of which {@code unreadable} cannot be read.
 *
 * @param singles directories of one file
 * @param big files of the one directory
 * @param unreadable how many of those, spread evenly, fail every read
 * @param length of each file, in bytes
 */
record SyntheticTree(int singles, int big, int unreadable, int length) {
  static final int FAN_OUT = 1000;

  private static final Pattern LOCATION =
      Pattern.compile("synthetic:/singles=(\\d+)/big=(\\d+)/unreadable=(\\d+)/length=(\\d+)");
  private static final Pattern PATH = Pattern.compile(
      "|many|many/p(\\d{4,7})|many/p(\\d{4,7})/d(\\d{8})|many/p(\\d{4,7})/d(\\d{8})/only|one|one/f(\\d{8})");
  private static final long MTIME = 1_600_000_000;
  private static final Attributes OF_FILES = new Attributes(MTIME, 0, 0644, "bench", "bench", "");
  private static final Attributes OF_DIRECTORIES =
      new Attributes(MTIME, 0, 0755, "bench", "bench", "");

  SyntheticTree {
    checkArgument(
        unreadable <= big, "%s unreadable of only %s files in one directory", unreadable, big);
    checkArgument(length <= 1 << 20, "%s bytes a file is too much", length);
  }

  static SyntheticTree parse(String location) {
    Matcher matcher = LOCATION.matcher(location);
    checkArgument(
        matcher.matches(),
        "location is '%s', expected synthetic:/singles=N/big=N/unreadable=N/length=N",
        location);
    return new SyntheticTree(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)),
        Integer.parseInt(matcher.group(4)));
  }

  int parents() {
    return (singles + FAN_OUT - 1) / FAN_OUT;
  }

  /** How many children a directory has; -1 if there is no such directory. */
  int childCount(LogicalPath directory) {
    Matcher at = PATH.matcher(directory.toString());
    if (!at.matches() || stat(directory).isEmpty()) {
      return -1;
    }
    String path = directory.toString();
    if (path.isEmpty()) {
      return (singles > 0 ? 1 : 0) + (big > 0 ? 1 : 0);
    } else if (path.equals("many")) {
      return parents();
    } else if (at.group(1) != null) {
      int first = Integer.parseInt(at.group(1)) * FAN_OUT;
      return Math.min(FAN_OUT, singles - first);
    } else if (at.group(3) != null) {
      return 1;
    } else if (path.equals("one")) {
      return big;
    }
    return -1;
  }

  /** The child of that number, from 0, of a directory that has so many. */
  FileInfo child(LogicalPath directory, int number) {
    String path = directory.toString();
    if (path.isEmpty()) {
      return directory(singles > 0 && number == 0 ? "many" : "one");
    } else if (path.equals("many")) {
      return directory(String.format("many/p%04d", number));
    } else if (path.equals("one")) {
      return file(String.format("one/f%08d", number));
    } else if (path.lastIndexOf('/') == "many".length()) {
      int parent = Integer.parseInt(path.substring("many/p".length()));
      return directory(path + String.format("/d%08d", parent * FAN_OUT + number));
    }
    return file(path + "/only");
  }

  /** What stands at a path. */
  Optional<FileInfo> stat(LogicalPath path) {
    Matcher at = PATH.matcher(path.toString());
    if (!at.matches()) {
      return Optional.empty();
    }
    boolean there;
    boolean file = false;
    if (at.group(1) != null) {
      there = Integer.parseInt(at.group(1)) < parents();
    } else if (at.group(3) != null) {
      there = isSingle(at.group(2), at.group(3));
    } else if (at.group(5) != null) {
      there = isSingle(at.group(4), at.group(5));
      file = true;
    } else if (at.group(6) != null) {
      there = Integer.parseInt(at.group(6)) < big;
      file = true;
    } else {
      there = path.isRoot() || (path.toString().equals("many") ? singles > 0 : big > 0);
    }
    if (!there) {
      return Optional.empty();
    }
    return Optional.of(file ? file(path.toString()) : directory(path.toString()));
  }

  /** Whether every read of this file fails. */
  boolean isUnreadable(LogicalPath file) {
    String path = file.toString();
    if (!path.startsWith("one/f")) {
      return false;
    }
    long number = Long.parseLong(path.substring("one/f".length()));
    return (number + 1) * unreadable / big > number * unreadable / big;
  }

  /** A file's bytes: its length of them, different for each path. */
  ByteBuffer content(LogicalPath file) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    long state = file.hashCode() * 0x9E3779B97F4A7C15L;
    while (bytes.hasRemaining()) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      bytes.put((byte) (state >>> 56));
    }
    return bytes.flip();
  }

  private boolean isSingle(String parent, String directory) {
    int number = Integer.parseInt(directory);
    return number < singles && Integer.parseInt(parent) == number / FAN_OUT;
  }

  private FileInfo file(String path) {
    return new FileInfo(LogicalPath.of(path), FileInfo.Kind.FILE, length, OF_FILES, "");
  }

  private static FileInfo directory(String path) {
    return new FileInfo(
        path.isEmpty() ? LogicalPath.ROOT : LogicalPath.of(path),
        FileInfo.Kind.DIRECTORY,
        0,
        OF_DIRECTORIES,
        "");
  }
}
