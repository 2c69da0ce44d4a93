package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The containers of one run: their ids share 64 random bits, so that a run that fails finds what its tasks left behind, on whatever
 * machine, and nobody else's.
 */
public record RunContainers(long prefix) implements Serializable {
  private static final LogicalPath DIRECTORY = LogicalPath.of("containers");
  private static final String SUFFIX = ".pleat";

  /** Those of a new run. */
  public static RunContainers random() {
    return new RunContainers(ContainerId.random().mostSignificant());
  }

  /** A fresh id. */
  public ContainerId next() {
    return new ContainerId(prefix, ContainerId.random().leastSignificant());
  }

  /**
   * Deletes this run's containers but {@code kept}. Only for a run whose commit is known to have failed, or to refer to all of
   * {@code kept}.
   */
  public void deleteAllBut(Store dataset, Set<ContainerId> kept) throws IOException {
    String start = new ContainerId(prefix, 0).toString().substring(0, 16);
    List<LogicalPath> abandoned = new ArrayList<>();
    try {
      dataset.list(DIRECTORY, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          String name = file.path().name();
          if (name.startsWith(start) && name.endsWith(SUFFIX)) {
            ContainerId id = ContainerId.parse(name.substring(0, name.length() - SUFFIX.length()));
            if (!kept.contains(id)) {
              abandoned.add(ContainerSummary.pathOf(id));
            }
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return;
    }
    for (LogicalPath path : abandoned) {
      dataset.delete(path);
    }
  }
}
