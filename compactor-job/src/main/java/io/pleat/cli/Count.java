package io.pleat.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Count {
  private Count() {}

  /** {@code 78,579}. */
  static String of(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 file}, {@code 2 files}. */
  static String of(long number, String thing) {
    return of(number, thing, thing + "s");
  }

  /** {@code 1 directory}, {@code 2 directories}. */
  static String of(long number, String thing, String things) {
    return of(number) + " " + (number == 1 ? thing : things);
  }

  /** How the number of objects changed: {@code 99.95 % fewer}, {@code no fewer}, or {@code 5 more}. */
  static String fewer(long before, long after) {
    if (after > before) {
      return of(after - before) + " more";
    }
    double share = before == 0 ? 0 : 1 - (double) after / before;
    return after == before ? "no fewer" : String.format(Locale.ROOT, "%.2f %% fewer", 100 * share);
  }
}
