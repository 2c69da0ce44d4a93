package io.pleat.bench;

/** Numbers and names by rule. */
final class Rule {
  private static final long FIRST_FACTOR = 0xff51afd7ed558ccdL;
  private static final long SECOND_FACTOR = 0xc4ceb9fe1a85ec53L;

  private Rule() {}

  /** A number that looks random, another for each {@code value}: the 64-bit finalizer of MurmurHash3 (Austin Appleby, public domain). */
  static long mix(long value) {
    long h = value;
    h ^= h >>> 33;
    h *= FIRST_FACTOR;
    h ^= h >>> 33;
    h *= SECOND_FACTOR;
    return h ^ (h >>> 33);
  }

  /** The value that {@link #mix} was given. */
  static long unmix(long mixed) {
    long h = mixed;
    h ^= h >>> 33;
    h *= inverse(SECOND_FACTOR);
    h ^= h >>> 33;
    h *= inverse(FIRST_FACTOR);
    return h ^ (h >>> 33);
  }

  /** Newton's iteration doubles the bits that are right; an odd factor's inverse starts with three. */
  private static long inverse(long factor) {
    long inverse = factor;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - factor * inverse;
    }
    return inverse;
  }

  /** A number of 0 to {@code bound - 1} by two others. */
  static int below(int bound, long seed, long value) {
    return (int) Long.remainderUnsigned(mix(mix(seed) + value), bound);
  }

  /** {@code word}, the number with leading zeros to so many digits, {@code suffix}. */
  static String numbered(String word, long number, int digits, String suffix) {
    String text = Long.toString(number);
    StringBuilder name =
        new StringBuilder(word.length() + Math.max(digits, text.length()) + suffix.length());
    name.append(word);
    for (int i = text.length(); i < digits; i++) {
      name.append('0');
    }
    return name.append(text).append(suffix).toString();
  }

  /** The number between {@code word} and {@code suffix}; -1 if {@code name} is not so. */
  static long numberIn(String word, String name, String suffix) {
    int end = name.length() - suffix.length();
    if (end <= word.length()
        || end > word.length() + 18
        || !name.startsWith(word)
        || !name.endsWith(suffix)) {
      return -1;
    }
    long number = 0;
    for (int i = word.length(); i < end; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number;
  }
}
