package io.pleat.torture;

/** A promise was broken: something was lost, wrong, or back from the dead. */
final class WrongException extends Exception {
  private static final long serialVersionUID = 1;

  WrongException(String message) {
    super(message);
  }
}
