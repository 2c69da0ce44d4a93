package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How to reclaim.
 *
 * @param grace how long ago, by the dataset store's clock, an entry must have been committed; 7 days by default
 * @param trash whether originals go to the store's trash, where it has one; by default they do
 * @param dryRun whether to say what would be tried, reading no file's bytes and leaving nothing behind
 * @param emptyDirectories whether directories go that it emptied; by default they stay
 * @param turn for how long another reclaim waits after the process of this one has died; 2 minutes by default
 */
public record ReclaimOptions(
    Duration grace, boolean trash, boolean dryRun, boolean emptyDirectories, Duration turn) {
  private static final ReclaimOptions DEFAULTS =
      new ReclaimOptions(Duration.ofDays(7), true, false, false, Duration.ofMinutes(2));

  public ReclaimOptions {
    checkArgument(!grace.isNegative(), "negative grace period: %s", grace);
    checkArgument(!turn.isNegative() && !turn.isZero(), "no turn: %s", turn);
  }

  /** What each component's description says. */
  public static ReclaimOptions defaults() {
    return DEFAULTS;
  }

  /** These, with another grace period. */
  public ReclaimOptions withGrace(Duration value) {
    return new ReclaimOptions(value, trash, dryRun, emptyDirectories, turn);
  }

  /** These, with or without trash. */
  public ReclaimOptions withTrash(boolean value) {
    return new ReclaimOptions(grace, value, dryRun, emptyDirectories, turn);
  }

  /** These, only to say what would be tried. */
  public ReclaimOptions withDryRun(boolean value) {
    return new ReclaimOptions(grace, trash, value, emptyDirectories, turn);
  }

  /** These, removing emptied directories or not. */
  public ReclaimOptions withEmptyDirectories(boolean value) {
    return new ReclaimOptions(grace, trash, dryRun, value, turn);
  }

  /** These, with another time that a dead run is waited for. */
  public ReclaimOptions withTurn(Duration value) {
    return new ReclaimOptions(grace, trash, dryRun, emptyDirectories, value);
  }
}
