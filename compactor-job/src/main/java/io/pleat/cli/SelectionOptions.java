package io.pleat.cli;

import io.pleat.fold.FoldOptions;
import io.pleat.read.Globs;
import java.util.List;
import picocli.CommandLine.Option;

/** Which files of a source are folded. */
final class SelectionOptions {
  @Option(
      names = "--max-file-size",
      paramLabel = "SIZE",
      defaultValue = "4MiB",
      converter = ByteSize.Converter.class,
      description =
          "Files up to this size are folded; larger ones pass through: they stay where they are.")
  private long maxFileSize;

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      description = {
        "Folds only files that match; repeatable. * and ? stop at /, ** does not, [a-z] and {a,b} work as in a shell.",
        "A pattern without / matches a name at any depth, one with / the whole path below SOURCE."
      })
  private List<String> includes = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description =
          "Folds no files or directories that match, whatever --include says; repeatable.")
  private List<String> excludes = List.of();

  /**
   * Default options with this selection.
   *
   * @throws IllegalArgumentException if a glob is none; the message names the option
   */
  FoldOptions toFoldOptions() {
    checkGlobs("--include", includes);
    checkGlobs("--exclude", excludes);
    return FoldOptions.defaults()
        .withMaxFileSize(maxFileSize)
        .withIncludes(includes)
        .withExcludes(excludes);
  }

  private static void checkGlobs(String option, List<String> globs) {
    try {
      Globs.compile(globs);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }
}
