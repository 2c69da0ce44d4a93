package io.pleat.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * Standard error: one line a message, names escaped, secrets masked, and at most one status line below that the next message
 * replaces. Thread-safe.
 */
final class Messages {
  private final PrintStream err;
  private final Terminal terminal;
  private final Secrets secrets = new Secrets();
  private int statusLength;
  private boolean silent;

  Messages(PrintStream err, Terminal terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** What must not be shown. */
  Secrets secrets() {
    return secrets;
  }

  Terminal terminal() {
    return terminal;
  }

  /** Prints one line. */
  synchronized void say(String message) {
    if (silent) {
      return;
    }
    clearStatus();
    err.println("pleat: " + EscapedName.inMessage(secrets.mask(message)));
  }

  /** Prints where an error comes from, on as many lines as it takes. */
  synchronized void stackOf(Throwable error) {
    if (silent) {
      return;
    }
    clearStatus();
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text, true));
    err.print(secrets.mask(text.toString()));
    err.flush();
  }

  /** Shows a line that the next message or status replaces; for terminals only. */
  synchronized void status(String text) {
    if (silent) {
      return;
    }
    String shown =
        text.length() < terminal.columns() ? text : text.substring(0, terminal.columns() - 1);
    err.print("\r" + shown + " ".repeat(Math.max(0, statusLength - shown.length())));
    err.flush();
    statusLength = shown.length();
  }

  /** Prints one line, the last: whatever is said after it is not. */
  synchronized void sayLast(String message) {
    say(message);
    silent = true;
  }

  /** Removes the status line, if there is one. */
  synchronized void clearStatus() {
    if (statusLength > 0) {
      err.print("\r" + " ".repeat(statusLength) + "\r");
      err.flush();
      statusLength = 0;
    }
  }
}
