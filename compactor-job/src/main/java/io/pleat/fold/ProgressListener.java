package io.pleat.fold;

/** Hears how a long run goes. Called from any thread; must return quickly. */
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE = new ProgressListener() {};

  /**
   * A phase begins.
   *
   * @param name one word: list, plan, write, commit
   * @param files files to do in it; 0 if not known
   * @param bytes bytes to do in it; 0 if not known
   */
  default void phase(String name, long files, long bytes) {}

  /** Totals done in this phase so far. */
  default void progress(long files, long bytes) {}

  /** One line that a person may want to read. */
  default void message(String line) {}
}
