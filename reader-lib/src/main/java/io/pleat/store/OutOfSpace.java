package io.pleat.store;

import java.util.Locale;

/** Tells failures that every further write would meet, because a disk or a quota is full, from those of one file. */
public final class OutOfSpace {
  private OutOfSpace() {}

  /** Whether {@code error}, or what caused it, says so: stores have no common type for it. */
  public static boolean is(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (message.contains("no space left")
          || message.contains("quota exceeded")
          || message.contains("disk quota")
          || (message.contains("space quota") && message.contains("is exceeded"))
          || message.contains("could only be written to 0 of")) {
        return true;
      }
    }
    return false;
  }
}
