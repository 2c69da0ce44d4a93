package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import java.io.IOException;
import java.util.Optional;

/** Sees the live paths in key order and checks that none of the directories above them is a live file. */
final class AncestorCheck {
  private final FoldedDataset dataset;
  private final Findings findings;
  private LogicalPath last = LogicalPath.ROOT;

  AncestorCheck(FoldedDataset dataset, Findings findings) {
    this.dataset = dataset;
    this.findings = findings;
  }

  void visit(LogicalPath path) {
    LogicalPath directory = path.parent();
    if (directory.equals(last)) {
      return;
    }
    for (LogicalPath above = directory;
        !above.isRoot() && !last.startsWith(above);
        above = above.parent()) {
      look(above, path);
    }
    last = directory;
  }

  private void look(LogicalPath above, LogicalPath path) {
    try {
      Optional<Location> file = dataset.locate(above);
      if (file.isPresent()) {
        findings.add(
            Kind.DAMAGED,
            path,
            "the live file '" + above + "' in container "
                + file.get().entry().extent().container() + " stands above it");
      }
    } catch (IOException e) {
      return; // a container that cannot be read was found when it was checked
    }
  }
}
