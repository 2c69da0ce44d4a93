package io.pleat.cli;

import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine.Option;

/** What the verbs that read one snapshot share: the newest, or the one that is asked for. */
abstract class SnapshotVerb extends DatasetVerb {
  @Option(
      names = "--snapshot",
      paramLabel = "N",
      description =
          "The snapshot of this version; without it the newest. 'pleat snapshots' lists them.")
  private Long version;

  /** The version that was asked for; nothing for the newest. */
  final OptionalLong version() {
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /** Reads the snapshot; pass-through files have no bytes. */
  final FoldedDataset open() throws IOException {
    return open(ReaderOptions.defaults());
  }

  /**
   * Reads the snapshot with its own source root allowed: whoever names a dataset at a shell and asks for a file's bytes wants those of a
   * pass-through file, too.
   */
  final FoldedDataset openWithSource() throws IOException {
    String sourceRoot;
    try (FoldedDataset pinned = open()) {
      sourceRoot = pinned.snapshot().sourceRoot();
    }
    return open(ReaderOptions.defaults().withAllowedSourceRoots(Set.of(sourceRoot)));
  }

  /** Reads the snapshot. */
  final FoldedDataset open(ReaderOptions options) throws IOException {
    FoldedDataset opened = version == null
        ? FoldedDataset.open(location(), settings().hadoop(), options)
        : FoldedDataset.open(location(), version, settings().hadoop(), options);
    metrics().read(opened);
    return opened;
  }
}
