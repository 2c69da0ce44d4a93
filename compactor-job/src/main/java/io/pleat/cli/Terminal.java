package io.pleat.cli;

/**
 * What the standard streams are connected to. The JDK tells only whether both are terminals, so the launcher says it.
 *
 * @param outIsTerminal whether a person reads standard output; then names are escaped
 * @param errIsTerminal whether a person reads standard error; then progress is a bar
 * @param columns width of the terminal
 */
record Terminal(boolean outIsTerminal, boolean errIsTerminal, int columns) {
  /** Neither stream is a terminal. */
  static final Terminal NONE = new Terminal(false, false, 80);

  private static final int NARROWEST = 40;
  private static final int WIDEST = 400;

  /** What the launcher found, as system properties; without them, no terminal. */
  static Terminal fromSystemProperties() {
    int columns = Integer.getInteger("pleat.columns", 80);
    return new Terminal(
        Boolean.getBoolean("pleat.stdout.tty"),
        Boolean.getBoolean("pleat.stderr.tty"),
        Math.max(NARROWEST, Math.min(WIDEST, columns)));
  }
}
