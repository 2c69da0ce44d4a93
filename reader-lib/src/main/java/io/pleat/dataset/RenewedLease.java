package io.pleat.dataset;

import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that renews itself until it is closed: three times in its duration, on one daemon thread for all leases of the process. A renewal that
 * fails is tried again at the next time; the lease then still holds for what is left of its duration. Thread-safe.
 */
public final class RenewedLease implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(RenewedLease.class);
  private static final int RENEWALS_IN_DURATION = 3;

  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "pleat-lease");
        thread.setDaemon(true);
        return thread;
      });

  private final Lease lease;
  private final ScheduledFuture<?> renewals;
  private boolean failing;

  private RenewedLease(Lease lease) {
    this.lease = lease;
    long every = Math.max(1, lease.duration().toMillis() / RENEWALS_IN_DURATION);
    this.renewals = CLOCK.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
  }

  /**
   * Pins a snapshot, as {@link Lease#acquire} does, until it is closed.
   *
   * @param duration for which the snapshot stays pinned after this process has died
   */
  public static RenewedLease acquire(Store dataset, long version, Duration duration, String holder)
      throws IOException {
    return new RenewedLease(Lease.acquire(dataset, version, duration, holder));
  }

  /** Tells it from all others, over its renewals. */
  public UUID id() {
    return lease.id();
  }

  /** The pinned snapshot. */
  public long version() {
    return lease.version();
  }

  private void renew() {
    try {
      lease.renew();
      failing = false;
    } catch (CondemnedException | SnapshotExpiredException e) {
      renewals.cancel(false);
      LOG.warn(
          "lease on snapshot {} had lapsed, and what it refers to is being deleted: {}",
          lease.version(),
          e.getMessage());
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        failing = true;
        LOG.warn("lease on snapshot {} could not be renewed, is tried again", lease.version(), e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    renewals.cancel(false);
    lease.close();
  }
}
