package io.pleat.dataset;

import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The snapshots of one dataset: the only code that commits. Thread-safe. */
public final class DatasetLog {
  private final Store store;

  private DatasetLog(Store store) {
    this.store = store;
  }

  /** The log of the dataset rooted at {@code store}, which need not hold one yet. */
  public static DatasetLog open(Store store) {
    return new DatasetLog(store);
  }

  /** The newest snapshot; nothing if there is none. */
  public Optional<Snapshot> current() throws IOException {
    throw new UnsupportedOperationException(store.location());
  }

  /** The snapshot of one version. */
  public Snapshot snapshot(long version) throws IOException {
    throw new UnsupportedOperationException("" + version);
  }

  /** All containers of a snapshot, in order of their first keys. */
  public List<ContainerSummary> containers(Snapshot snapshot) throws IOException {
    throw new UnsupportedOperationException("" + snapshot);
  }

  /** What is dead in one container of a snapshot. */
  public DeletionVector deletionVector(Snapshot snapshot, io.pleat.format.ContainerId container)
      throws IOException {
    throw new UnsupportedOperationException("" + snapshot + container);
  }

  /**
   * Proves that the store honours exclusive creation.
   *
   * @throws IOException naming the store, if a second exclusive creation of one name succeeds
   */
  public void probe() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes {@code change} visible on top of {@code base}, whole or not at all.
   *
   * @throws CommitConflictException if the version was taken by another commit; nothing became visible
   * @throws CommitStateUnknownException if the outcome could not be found out
   */
  public Snapshot commit(Optional<Snapshot> base, SnapshotChange change, CatalogWriter catalog)
      throws IOException {
    throw new UnsupportedOperationException("" + base + change + catalog);
  }
}
