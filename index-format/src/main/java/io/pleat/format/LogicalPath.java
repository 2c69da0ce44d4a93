package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A path relative to a root, {@code /}-separated UTF-8, at most {@value #MAX_LENGTH} bytes. Components are not empty, not
 * {@code .} or {@code ..}, and hold no NUL. The root itself is the empty path. Immutable; equal when the bytes are. The natural
 * order is that of {@link #fileKey()}: the directory with {@code /} below every other byte, then the name.
 */
public final class LogicalPath implements Comparable<LogicalPath>, Serializable {
  private static final long serialVersionUID = 1;

  /** Longest path, in bytes of UTF-8. */
  public static final int MAX_LENGTH = 65_535;

  /** The root directory: the empty path. */
  public static final LogicalPath ROOT = new LogicalPath(new byte[0]);

  private final byte[] utf8;
  private int hash;

  private LogicalPath(byte[] utf8) {
    this.utf8 = utf8;
  }

  /**
   * The path that {@code text} spells.
   *
   * @throws IllegalArgumentException if it is no legal path; the message says why
   */
  public static LogicalPath of(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    whyIllegal(utf8).ifPresent(reason -> {
      throw new IllegalArgumentException(reason + ": '" + text + "'");
    });
    checkArgument(
        text.chars().noneMatch(c -> Character.isSurrogate((char) c))
            || new String(utf8, StandardCharsets.UTF_8).equals(text),
        "path has an unpaired surrogate: '%s'",
        text);
    return new LogicalPath(utf8);
  }

  /**
   * The path that these bytes spell; they are copied.
   *
   * @throws IllegalArgumentException if it is no legal path; the message says why
   */
  public static LogicalPath ofUtf8(byte[] utf8) {
    whyIllegal(utf8).ifPresent(reason -> {
      throw new IllegalArgumentException(
          reason + ": '" + new String(utf8, StandardCharsets.UTF_8) + "'");
    });
    return new LogicalPath(utf8.clone());
  }

  /** The path that these bytes, known to be legal, spell; they are not copied. */
  static LogicalPath trusted(byte[] utf8) {
    return new LogicalPath(utf8);
  }

  /** Whether these bytes, legal or not, have a sort key that no legal path but they themselves has. The root has none as a file. */
  static boolean hasOwnKey(byte[] utf8) {
    if (utf8.length == 0 || utf8.length > MAX_LENGTH || utf8[0] == '/') {
      return false;
    }
    for (byte b : utf8) {
      if (b == 0) {
        return false;
      }
    }
    return true;
  }

  /** Why {@code utf8} is no legal path, or nothing if it is one. The empty path is legal: it is the root. */
  public static Optional<String> whyIllegal(byte[] utf8) {
    if (utf8.length > MAX_LENGTH) {
      return Optional.of(
          "path has " + utf8.length + " bytes, at most " + MAX_LENGTH + " are allowed");
    }
    boolean ascii = true;
    int start = 0;
    for (int i = 0; i <= utf8.length && utf8.length > 0; i++) {
      if (i == utf8.length || utf8[i] == '/') {
        int length = i - start;
        if (length == 0) {
          return Optional.of("path has an empty component");
        }
        if (utf8[start] == '.' && (length == 1 || length == 2 && utf8[start + 1] == '.')) {
          return Optional.of("path has the component '" + (length == 1 ? "." : "..") + "'");
        }
        start = i + 1;
      } else if (utf8[i] == 0) {
        return Optional.of("path has a NUL byte");
      } else if (utf8[i] < 0) {
        ascii = false;
      }
    }
    if (!ascii) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      } catch (CharacterCodingException e) {
        return Optional.of("path is not valid UTF-8");
      }
    }
    return Optional.empty();
  }

  /** The path of UTF-8 bytes, copied. */
  public byte[] utf8() {
    return utf8.clone();
  }

  /** The bytes themselves, for this package's reading only. */
  byte[] bytes() {
    return utf8;
  }

  /** Length in bytes of UTF-8. */
  public int length() {
    return utf8.length;
  }

  /** Whether this is the root. */
  public boolean isRoot() {
    return utf8.length == 0;
  }

  /**
   * The directory that holds this path; a top-level path's is the root.
   *
   * @throws IllegalArgumentException if this is the root
   */
  public LogicalPath parent() {
    checkArgument(!isRoot(), "the root has no parent");
    int slash = lastSlash();
    return slash < 0 ? ROOT : new LogicalPath(Arrays.copyOf(utf8, slash));
  }

  /** The last component; empty for the root. */
  public String name() {
    int from = lastSlash() + 1;
    return new String(utf8, from, utf8.length - from, StandardCharsets.UTF_8);
  }

  /**
   * The path of {@code relative} below this directory.
   *
   * @throws IllegalArgumentException if the result is no legal path
   */
  public LogicalPath resolve(String relative) {
    return isRoot() ? of(relative) : of(this + "/" + relative);
  }

  /** Whether this is {@code directory} or lies below it. */
  public boolean startsWith(LogicalPath directory) {
    int length = directory.utf8.length;
    return length == 0
        || utf8.length >= length
            && Arrays.equals(utf8, 0, length, directory.utf8, 0, length)
            && (utf8.length == length || utf8[length] == '/');
  }

  /** This path's sort key as a file; see {@link SortKey}. */
  public byte[] fileKey() {
    return SortKey.ofFile(utf8);
  }

  /** This path's sort key as a directory: at the start of its own range; see {@link SortKey}. */
  public byte[] directoryKey() {
    return SortKey.ofDirectory(utf8);
  }

  private int lastSlash() {
    int i = utf8.length - 1;
    while (i >= 0 && utf8[i] != '/') {
      i--;
    }
    return i;
  }

  @Override
  public int compareTo(LogicalPath other) {
    return Arrays.compareUnsigned(fileKey(), other.fileKey());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogicalPath path && Arrays.equals(utf8, path.utf8);
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = Arrays.hashCode(utf8);
    }
    return hash;
  }

  @Override
  public String toString() {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
