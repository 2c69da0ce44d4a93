package io.pleat.fold;

import java.io.Serializable;

/**
 * When a listing task stops starting directories, and which keys it samples.
 *
 * @param cost after so many directories and children
 * @param pending or once so many directories wait, because others can take them
 * @param sampleBound {@link ListingTotals#sampleBound} of what was listed before
 */
public record ListingBudget(long cost, int pending, long sampleBound) implements Serializable {
  boolean isSpent(long costSoFar, int pendingNow) {
    return costSoFar >= cost || pendingNow >= pending;
  }
}
