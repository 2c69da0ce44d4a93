package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Which snapshots may go, and when.
 *
 * @param keep so many of the newest snapshots stay whatever their age, at least 1; those that expiry itself committed do not count
 * @param olderThan a snapshot stays until it is so old, by the store's clock
 * @param grace between condemning and deleting; and a file that no snapshot refers to, such as those of a run under way, is not condemned
 *     before it is so old
 * @param dryRun whether to change nothing
 */
public record ExpireRequest(int keep, Duration olderThan, Duration grace, boolean dryRun) {
  public ExpireRequest {
    checkArgument(keep >= 1, "%s snapshots to keep, the newest one always stays", keep);
    requireNonNull(olderThan, "older than is null");
    requireNonNull(grace, "grace is null");
    checkArgument(!olderThan.isNegative(), "negative age: %s", olderThan);
    checkArgument(!grace.isNegative(), "negative grace period: %s", grace);
  }

  /** The newest 10 snapshots and those of the last 7 days stay; a day lies between condemning and deleting. */
  public static ExpireRequest defaults() {
    return new ExpireRequest(10, Duration.ofDays(7), Duration.ofDays(1), false);
  }

  /** The same with another number of snapshots that stay. */
  public ExpireRequest withKeep(int snapshots) {
    return new ExpireRequest(snapshots, olderThan, grace, dryRun);
  }

  /** The same with another age of snapshots. */
  public ExpireRequest withOlderThan(Duration age) {
    return new ExpireRequest(keep, age, grace, dryRun);
  }

  /** The same with another grace period. */
  public ExpireRequest withGrace(Duration period) {
    return new ExpireRequest(keep, olderThan, period, dryRun);
  }

  /** The same, but only saying what would be done. */
  public ExpireRequest asDryRun() {
    return new ExpireRequest(keep, olderThan, grace, true);
  }
}
