package io.pleat.cli;

import java.nio.file.FileSystems;
import java.util.regex.PatternSyntaxException;

/** Checks globs before a run starts that would fail on them. */
final class GlobSyntax {
  private GlobSyntax() {}

  /**
   * Does nothing if {@code glob} is one.
   *
   * @throws IllegalArgumentException naming the option, the glob and what is wrong with it
   */
  static void check(String option, String glob) {
    if (glob.isEmpty()) {
      throw new IllegalArgumentException(option + " has an empty glob");
    }
    try {
      FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          option + " '" + glob + "' is no glob: " + e.getDescription(), e);
    }
  }
}
