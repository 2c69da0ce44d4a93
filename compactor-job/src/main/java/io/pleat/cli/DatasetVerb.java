package io.pleat.cli;

import io.pleat.format.LogicalPath;
import picocli.CommandLine.Parameters;

/** What the verbs that work on one dataset share. */
abstract class DatasetVerb extends Verb {
  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  /** The dataset's location as it was given. */
  final String location() {
    return dataset;
  }

  @Override
  final String subject() {
    return dataset;
  }

  /**
   * The logical path that a person means: slashes at either end and {@code .} components do not count.
   *
   * @throws IllegalArgumentException if it is none
   */
  static LogicalPath path(String text) {
    StringBuilder path = new StringBuilder(text.length());
    for (String component : text.split("/")) {
      if (!component.isEmpty() && !component.equals(".")) {
        path.append(path.length() == 0 ? "" : "/").append(component);
      }
    }
    return LogicalPath.of(path.toString());
  }
}
