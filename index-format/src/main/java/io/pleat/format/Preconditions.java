package io.pleat.format;

/** Argument checks; the one helper class, because this module has no Guava. */
public final class Preconditions {
  private Preconditions() {}

  /**
   * Checks a caller's argument.
   *
   * @throws IllegalArgumentException with the formatted message, if {@code expression} is false
   */
  public static void checkArgument(boolean expression, String format, Object... arguments) {
    if (!expression) {
      throw new IllegalArgumentException(String.format(format, arguments));
    }
  }

  /**
   * Checks the state of the object that was called.
   *
   * @throws IllegalStateException with the formatted message, if {@code expression} is false
   */
  public static void checkState(boolean expression, String format, Object... arguments) {
    if (!expression) {
      throw new IllegalStateException(String.format(format, arguments));
    }
  }
}
