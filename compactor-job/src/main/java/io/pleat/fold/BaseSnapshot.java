package io.pleat.fold;

import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.RenewedLease;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * The snapshot that a fold builds upon, pinned until it is closed: the plan reads its index blocks, and a commit that lost its race reads them again,
 * however long the fold took. Thread-safe.
 */
final class BaseSnapshot implements Closeable {
  /** For which it stays pinned after the process has died. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final int MAX_ATTEMPTS = 50;

  private final Optional<Snapshot> snapshot;
  private final Optional<RenewedLease> lease;

  private BaseSnapshot(Optional<Snapshot> snapshot, Optional<RenewedLease> lease) {
    this.snapshot = snapshot;
    this.lease = lease;
  }

  /** Finds the newest snapshot. */
  interface Finder {
    Optional<Snapshot> find() throws IOException;
  }

  /**
   * Pins what is found; where that is condemned at this very moment, what is found then.
   *
   * @param holder who, for people
   */
  static BaseSnapshot pin(Store dataset, Finder newest, String holder) throws IOException {
    IOException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Snapshot> found = newest.find();
      if (found.isEmpty()) {
        return new BaseSnapshot(found, Optional.empty());
      }
      try {
        return new BaseSnapshot(
            found,
            Optional.of(RenewedLease.acquire(dataset, found.get().version(), LEASE, holder)));
      } catch (CondemnedException | SnapshotExpiredException e) {
        lost = e;
      }
    }
    throw lost;
  }

  /** Nothing if the dataset is new. */
  Optional<Snapshot> snapshot() {
    return snapshot;
  }

  /** Lets it go; a lease that cannot be deleted ends by itself. */
  @Override
  public void close() {
    try {
      if (lease.isPresent()) {
        lease.get().close();
      }
    } catch (IOException | RuntimeException e) {
      LoggerFactory.getLogger(BaseSnapshot.class)
          .debug("lease on snapshot {} was left behind", lease.get().version(), e);
    }
  }
}
