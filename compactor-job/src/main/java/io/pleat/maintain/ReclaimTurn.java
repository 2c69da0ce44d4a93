package io.pleat.maintain;

import io.pleat.dataset.Lease;
import io.pleat.dataset.LeaseFile;
import io.pleat.dataset.RenewedLease;
import io.pleat.dataset.StoreClock;
import io.pleat.fold.ProgressListener;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * The right to reclaim a dataset: one run at a time has it, and no other touches what it has set aside. A lease on a snapshot, which is renewed as
 * long as the process lives, and ends by itself.
 */
final class ReclaimTurn implements Closeable {
  private static final String HOLDER = "reclaim ";
  private static final long POLL_NANOS = 500_000_000;

  private final RenewedLease lease;

  private ReclaimTurn(RenewedLease lease) {
    this.lease = lease;
  }

  /**
   * Waits until a run that died has lost its turn, and takes it.
   *
   * @throws ReclaimRunningException if another run is alive
   */
  static ReclaimTurn take(
      Store dataset, long version, UUID runId, Duration duration, ProgressListener listener)
      throws IOException {
    Optional<LeaseFile> seen = Optional.empty();
    while (true) {
      RenewedLease own =
          RenewedLease.acquire(dataset, version, duration, HOLDER + runId + " on " + host());
      Optional<LeaseFile> other;
      boolean alone = false;
      try {
        other = another(dataset, own.id());
        alone = other.isEmpty();
      } finally {
        if (!alone) {
          own.close(); // or it would be renewed for as long as the process lives
        }
      }
      if (alone) {
        return new ReclaimTurn(own);
      }
      // Alive is who renews it, and who came after the one that was waited for.
      if (seen.isPresent() && !seen.equals(other)) {
        throw new ReclaimRunningException(dataset.location(), other.get().holder());
      }
      if (seen.isEmpty()) {
        listener.message(
            "waiting to see whether this run is alive: " + other.get().holder());
      }
      seen = other;
      LockSupport.parkNanos(Math.min(POLL_NANOS, duration.toNanos() / 4));
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("reclaim was interrupted");
      }
    }
  }

  private static Optional<LeaseFile> another(Store dataset, UUID own) throws IOException {
    Instant now = StoreClock.now(dataset);
    return Lease.all(dataset, now).entrySet().stream()
        .filter(lease ->
            lease.getKey().holder().startsWith(HOLDER) && !lease.getKey().id().equals(own))
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName() + ", process "
          + ProcessHandle.current().pid();
    } catch (UnknownHostException e) {
      return "process " + ProcessHandle.current().pid();
    }
  }

  @Override
  public void close() throws IOException {
    lease.close();
  }
}
