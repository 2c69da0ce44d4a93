package io.pleat.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: {@code 4MiB}, {@code 128M}, {@code 512k} (powers of 1024), {@code 5MB} (powers of 1000), bytes. */
final class ByteSize {
  private static final Pattern SYNTAX =
      Pattern.compile("(\\d{1,19}) ?(?:([kmgt])(i?b)?|b)?", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "kmgt";
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private ByteSize() {}

  /**
   * The number of bytes that {@code text} says.
   *
   * @throws IllegalArgumentException if it is no size, or too large for a {@code long}
   */
  static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text
          + "' is no size, expected one such as 4MiB, 1GiB, 128M, 512k or a number of bytes");
    }
    try {
      long number = Long.parseLong(matcher.group(1));
      if (matcher.group(2) == null) {
        return number;
      }
      boolean decimal = "b".equalsIgnoreCase(matcher.group(3));
      int power = PREFIXES.indexOf(matcher.group(2).toLowerCase(Locale.ROOT)) + 1;
      for (int i = 0; i < power; i++) {
        number = Math.multiplyExact(number, decimal ? 1000L : 1024L);
      }
      return number;
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is more bytes than can be counted", e);
    }
  }

  /** {@code bytes} for a person, such as {@code 1.3 GiB}. */
  static String format(double bytes) {
    if (bytes < 1024) {
      return Math.round(bytes) + " B";
    }
    double scaled = bytes / 1024;
    int unit = 0;
    while (scaled >= 1023.95 && unit < UNITS.length - 1) {
      scaled /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", scaled, UNITS[unit]);
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
