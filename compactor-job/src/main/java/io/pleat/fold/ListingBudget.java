package io.pleat.fold;

import java.io.Serializable;

/**
 * When a listing task stops starting directories.
 *
 * @param cost after so many directories and children
 * @param pending or once so many directories wait, because others can take them
 */
public record ListingBudget(long cost, int pending) implements Serializable {
  boolean isSpent(long costSoFar, int pendingNow) {
    return costSoFar >= cost || pendingNow >= pending;
  }
}
