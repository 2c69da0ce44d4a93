package io.pleat.cli;

import java.util.Locale;

/** Names as they can be shown: on one line, without anything that a terminal would obey. */
final class EscapedName {
  private EscapedName() {}

  /**
   * {@code text} with control characters, line and paragraph separators, direction marks, unpaired surrogates and replacement
   * characters written as backslash escapes, and backslashes doubled; the very same string if it has none of them.
   */
  static String of(String text) {
    return escape(text, true);
  }

  /** The same for a message that may quote names: backslashes stay as they are. */
  static String inMessage(String text) {
    return escape(text, false);
  }

  private static String escape(String text, boolean backslashes) {
    int at = 0;
    while (at < text.length() && isPlain(text.codePointAt(at), backslashes)) {
      at += Character.charCount(text.codePointAt(at));
    }
    if (at == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, at);
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      if (isPlain(codePoint, backslashes)) {
        escaped.appendCodePoint(codePoint);
      } else {
        append(escaped, codePoint);
      }
    }
    return escaped.toString();
  }

  private static void append(StringBuilder escaped, int codePoint) {
    switch (codePoint) {
      case '\n' -> escaped.append("\\n");
      case '\r' -> escaped.append("\\r");
      case '\t' -> escaped.append("\\t");
      case '\\' -> escaped.append("\\\\");
      default ->
        escaped.append(
            codePoint < 0x80
                ? String.format(Locale.ROOT, "\\x%02x", codePoint)
                : String.format(Locale.ROOT, "\\u{%x}", codePoint));
    }
  }

  private static boolean isPlain(int codePoint, boolean backslashes) {
    if (codePoint == '\\') {
      return !backslashes;
    }
    return codePoint >= 0x20
        && (codePoint < 0x7f || codePoint > 0x9f)
        && (codePoint < 0x300 || isPlainBeyondLatin(codePoint));
  }

  private static boolean isPlainBeyondLatin(int codePoint) {
    boolean directionMark = codePoint == 0x61c
        || codePoint == 0x200e
        || codePoint == 0x200f
        || codePoint >= 0x202a && codePoint <= 0x202e
        || codePoint >= 0x2066 && codePoint <= 0x2069;
    boolean separator = codePoint == 0x2028 || codePoint == 0x2029;
    boolean surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return !directionMark && !separator && !surrogate && codePoint != 0xfffd;
  }
}
