package io.pleat.maintain;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.ContainerReader.EntryListener;
import io.pleat.format.Entry;

/** Sums up the entries of one container, all of them and the live ones. Not thread-safe. */
final class RowTally implements EntryListener {
  private final DeletionVector dead;
  private final boolean anyDead;
  private final Sums all = new Sums();
  private final Sums live = new Sums();

  RowTally(DeletionVector dead) {
    this.dead = dead;
    this.anyDead = !dead.isEmpty();
  }

  /** Totals. */
  static final class Sums {
    private long folded;
    private long passThroughs;
    private long payloadBytes;
    private long storedBytes;
    private long passThroughBytes;

    long folded() {
      return folded;
    }

    long passThroughs() {
      return passThroughs;
    }

    long payloadBytes() {
      return payloadBytes;
    }

    long storedBytes() {
      return storedBytes;
    }

    long passThroughBytes() {
      return passThroughBytes;
    }

    private void add(Entry entry) {
      if (entry.kind() == Entry.Kind.PASS_THROUGH) {
        passThroughs++;
        passThroughBytes += entry.length();
      } else {
        folded++;
        payloadBytes += entry.length();
        storedBytes += entry.extent().length();
      }
    }
  }

  @Override
  public void entry(Entry entry) {
    all.add(entry);
    if (!anyDead || !dead.contains(entry.ordinal())) {
      live.add(entry);
    }
  }

  /** What every entry adds up to. */
  Sums all() {
    return all;
  }

  /** What the live entries add up to. */
  Sums live() {
    return live;
  }
}
