package io.pleat.maintain;

import java.io.IOException;

/** What was asked for would make the only copy of a file unreachable, and did not say that it may. */
public class OnlyCopyException extends IOException {
  private static final long serialVersionUID = 1;

  OnlyCopyException(String message) {
    super(message);
  }
}
