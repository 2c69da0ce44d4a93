package io.pleat.cli;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.util.Set;
import picocli.CommandLine.Parameters;

/** What the verbs that read a dataset share. */
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

  /** Pins the newest snapshot; pass-through files have no bytes. */
  final FoldedDataset open() throws IOException {
    return FoldedDataset.open(dataset, settings().hadoop(), ReaderOptions.defaults());
  }

  /**
   * Pins the newest snapshot with its own source root allowed: whoever names a dataset at a shell and asks for a file's bytes
   * wants those of a pass-through file, too.
   */
  final FoldedDataset openWithSource() throws IOException {
    String sourceRoot;
    try (FoldedDataset pinned = open()) {
      sourceRoot = pinned.snapshot().sourceRoot();
    }
    return FoldedDataset.open(
        dataset,
        settings().hadoop(),
        ReaderOptions.defaults().withAllowedSourceRoots(Set.of(sourceRoot)));
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
