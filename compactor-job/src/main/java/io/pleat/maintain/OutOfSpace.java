package io.pleat.maintain;

import java.util.Locale;

/** Tells failures that every further write would meet from those of one file. */
final class OutOfSpace {
  private OutOfSpace() {}

  static boolean is(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (message.contains("no space left")
          || message.contains("quota exceeded")
          || message.contains("disk quota")
          || message.contains("could only be written to 0 of")) {
        return true;
      }
    }
    return false;
  }
}
