package io.pleat.format;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Sort keys: byte strings whose unsigned lexicographic order is the order of entries in a container. A file's key is its
 * directory with each {@code /} written as {@code 00 01}, then {@code 00 00}, then its name; a directory's own key is the same
 * with the directory itself and no name, so that it comes before everything below it. A path holds no NUL, so keys are
 * unambiguous; everything below a directory is the contiguous range of keys that start with its {@link #subtreePrefix}.
 */
public final class SortKey {
  private static final byte ESCAPE = 0;
  private static final byte NAME_FOLLOWS = 0;
  private static final byte COMPONENT_FOLLOWS = 1;

  private SortKey() {}

  /** The key of the file at {@code path} (legal UTF-8 path bytes, not the root). */
  public static byte[] ofFile(byte[] path) {
    int slash = path.length - 1;
    while (slash >= 0 && path[slash] != '/') {
      slash--;
    }
    return key(path, Math.max(slash, 0), slash + 1);
  }

  /** The key of the directory at {@code path}; the root's path is empty. */
  public static byte[] ofDirectory(byte[] path) {
    return key(path, path.length, path.length);
  }

  /**
   * What the keys of all files and directories below the directory, and of itself, start with; empty for the root.
   */
  public static byte[] subtreePrefix(byte[] directory) {
    if (directory.length == 0) {
      return new byte[0];
    }
    byte[] key = ofDirectory(directory);
    return Arrays.copyOf(key, key.length - 1);
  }

  /** Whether {@code key} is a directory's. */
  public static boolean isDirectory(byte[] key) {
    return key.length >= 2 && key[key.length - 1] == NAME_FOLLOWS && key[key.length - 2] == ESCAPE;
  }

  /**
   * The path bytes that {@code key} was made from.
   *
   * @throws IllegalArgumentException if it is no key
   */
  public static byte[] toPath(byte[] key) {
    byte[] path = new byte[key.length];
    int length = 0;
    boolean inName = false;
    for (int i = 0; i < key.length; i++) {
      if (key[i] != ESCAPE) {
        path[length++] = key[i];
        continue;
      }
      byte kind = inName || i + 1 == key.length ? -1 : key[++i];
      if (kind != NAME_FOLLOWS && kind != COMPONENT_FOLLOWS) {
        throw notAKey(key);
      }
      inName = kind == NAME_FOLLOWS;
      boolean separates = inName ? length > 0 && i + 1 < key.length : true;
      if (separates) {
        path[length++] = '/';
      }
    }
    if (!inName) {
      throw notAKey(key);
    }
    return Arrays.copyOf(path, length);
  }

  /**
   * Checks that {@code key} is what a path's key comes to.
   *
   * @throws IllegalArgumentException if it is the key of no path
   */
  public static void checkLegal(byte[] key) {
    byte[] path = toPath(key);
    if (!Arrays.equals(key, isDirectory(key) ? ofDirectory(path) : ofFile(path))) {
      throw notAKey(key);
    }
  }

  private static IllegalArgumentException notAKey(byte[] key) {
    return new IllegalArgumentException("not a sort key: " + HexFormat.of().formatHex(key));
  }

  /**
   * Compares the keys of the files at the first {@code length} bytes of {@code one} and at {@code other}, without building either.
   *
   * @param lastSlash where the last slash of {@code other} is, -1 if it has none
   */
  static int compareFiles(byte[] one, int length, byte[] other, int lastSlash) {
    int common = Arrays.mismatch(one, 0, length, other, 0, other.length);
    if (common < 0) {
      return 0;
    }
    int slash = lastSlash(one, length);
    // In a directory files come before what is in subdirectories: whose last slash both share,
    // though for the other it is not the last.
    if (slash < common ? slash != lastSlash : lastSlash < common) {
      return slash < common ? -1 : 1;
    }
    if (common == length || common == other.length) {
      return length - other.length;
    }
    if (one[common] == '/' || other[common] == '/') {
      return one[common] == '/' ? -1 : 1;
    }
    return Byte.compareUnsigned(one[common], other[common]);
  }

  /** Where the last slash of the first {@code length} bytes of {@code path} is, -1 if they have none. */
  static int lastSlash(byte[] path, int length) {
    int slash = length - 1;
    while (slash >= 0 && path[slash] != '/') {
      slash--;
    }
    return slash;
  }

  /** Compares the key of the file at {@code path} with {@code key}, without building it. */
  static int compareFile(byte[] path, byte[] key) {
    return compareFile(path, path.length, key);
  }

  /** The same of the first {@code length} bytes of {@code path}. */
  static int compareFile(byte[] path, int length, byte[] key) {
    int slash = lastSlash(path, length);
    int at = 0;
    for (int i = slash < 0 ? -1 : 0; i < length; i++) {
      boolean separates = i < 0 || path[i] == '/';
      int order = compare(separates ? ESCAPE : path[i], key, at++);
      if (order == 0 && separates) {
        order = compare(i == slash ? NAME_FOLLOWS : COMPONENT_FOLLOWS, key, at++);
      }
      if (order != 0) {
        return order;
      }
    }
    return at == key.length ? 0 : -1;
  }

  private static int compare(byte value, byte[] key, int at) {
    return at == key.length ? 1 : Byte.compareUnsigned(value, key[at]);
  }

  private static byte[] key(byte[] path, int directoryLength, int nameStart) {
    int slashes = 0;
    for (int i = 0; i < directoryLength; i++) {
      if (path[i] == '/') {
        slashes++;
      }
    }
    byte[] key = new byte[directoryLength + slashes + 2 + path.length - nameStart];
    int at = 0;
    for (int i = 0; i < directoryLength; i++) {
      if (path[i] == '/') {
        key[at++] = ESCAPE;
        key[at++] = COMPONENT_FOLLOWS;
      } else {
        key[at++] = path[i];
      }
    }
    key[at++] = ESCAPE;
    key[at++] = NAME_FOLLOWS;
    System.arraycopy(path, nameStart, key, at, path.length - nameStart);
    return key;
  }
}
