package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks that no directory that has live files is a live file itself. By the containers' directory tables, which hold every directory above an
 * entry: there are far fewer of them than of entries. Thread-safe.
 */
final class AncestorCheck {
  private static final int MAX_FOUND = 10_000;

  private final List<Finding> found = new ArrayList<>();
  private final List<ContainerSummary> containers;
  private final Optional<FoldedDataset> dataset;
  private final Findings findings;

  /** @param dataset looks into other containers; nothing if it does not open */
  AncestorCheck(
      List<ContainerSummary> containers, Optional<FoldedDataset> dataset, Findings findings) {
    this.containers = containers;
    this.dataset = dataset;
    this.findings = findings;
  }

  /** Checks the directories of one container. */
  void check(ContainerSummary container, IndexBlock index, DeletionVector dead) throws IOException {
    for (int i = 0; i < index.directoryCount(); i++) {
      DirectoryEntry directory = index.directory(i);
      if (!directory.path().isRoot()
          && !dead.containsAll(directory.firstEntry(), directory.subtreeEndEntry())) {
        check(container, index, dead, directory);
      }
    }
  }

  private void check(
      ContainerSummary container, IndexBlock index, DeletionVector dead, DirectoryEntry directory)
      throws IOException {
    int own = index.find(directory.path().utf8());
    if (own >= 0 && !dead.contains(own)) {
      found(container, index, dead, directory);
      return;
    }
    if (dataset.isEmpty() || !mayBeInOthers(container, directory.path().fileKey())) {
      return;
    }
    try {
      Optional<Location> file = dataset.get().locate(directory.path());
      if (file.isPresent()) {
        String other = file.get().entry().extent().container().toString();
        found(other, index, dead, directory);
      }
    } catch (IOException e) {
      return; // a container that cannot be read was found when it was checked
    }
  }

  private boolean mayBeInOthers(ContainerSummary container, byte[] key) {
    for (ContainerSummary other : containers) {
      if (other != container && other.range().contains(key)) {
        return true;
      }
    }
    return false;
  }

  private void found(
      ContainerSummary container, IndexBlock index, DeletionVector dead, DirectoryEntry directory)
      throws IOException {
    found(container.id().toString(), index, dead, directory);
  }

  private void found(
      String container, IndexBlock index, DeletionVector dead, DirectoryEntry directory)
      throws IOException {
    int below = directory.firstEntry();
    while (dead.contains(below)) {
      below++;
    }
    LogicalPath path = index.path(below);
    String what =
        "the live file '" + directory.path() + "' in container " + container + " stands above it";
    synchronized (found) {
      if (found.size() < MAX_FOUND) {
        found.add(new Finding(Kind.DAMAGED, path.toString(), what));
      }
    }
  }

  /** Tells what was found, the first {@value #MAX_FOUND}: it is nothing that is wrong with a container itself. */
  void tell() {
    synchronized (found) {
      found.forEach(finding -> findings.add(finding.kind(), finding.where(), finding.what()));
      found.clear();
    }
  }
}
