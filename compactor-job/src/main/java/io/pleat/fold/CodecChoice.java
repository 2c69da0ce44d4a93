package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How payloads are stored.
 *
 * @param level zstd's level, 1 to 22; 0 stores them raw
 */
public record CodecChoice(int level) implements Serializable {
  /** Payloads are stored as they are. */
  public static final CodecChoice NONE = new CodecChoice(0);

  /** The level of {@code zstd} without one. */
  public static final int DEFAULT_LEVEL = 3;

  private static final Pattern SYNTAX = Pattern.compile("none|zstd(?::(\\d{1,2}))?");

  public CodecChoice {
    checkArgument(level >= 0 && level <= 22, "zstd level is %s, allowed are 1 to 22", level);
  }

  /**
   * Parses {@code none}, {@code zstd} or {@code zstd:LEVEL}.
   *
   * @throws IllegalArgumentException if {@code text} is none of them
   */
  public static CodecChoice parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    checkArgument(
        matcher.matches(), "codec is '%s', expected none, zstd or zstd:LEVEL (1 to 22)", text);
    if (text.equals("none")) {
      return NONE;
    }
    int level = matcher.group(1) == null ? DEFAULT_LEVEL : Integer.parseInt(matcher.group(1));
    checkArgument(level >= 1, "zstd level is %s, allowed are 1 to 22", level);
    return new CodecChoice(level);
  }

  /** Whether payloads are compressed. */
  public boolean compresses() {
    return level > 0;
  }

  @Override
  public String toString() {
    return level == 0 ? "none" : "zstd:" + level;
  }
}
