package io.pleat.store;

import java.io.IOException;

/** The store's answer was lost: what was to be created may or may not exist. Delete nothing, look again. */
public class CommitStateUnknownException extends IOException {
  private static final long serialVersionUID = 1;

  public CommitStateUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
