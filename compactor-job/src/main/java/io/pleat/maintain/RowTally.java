package io.pleat.maintain;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.ContainerProof.RowListener;
import io.pleat.format.ContainerReader.EntryListener;
import io.pleat.format.Entry;

/** Sums up the entries of one container, all of them and the live ones. Not thread-safe. */
final class RowTally implements EntryListener, RowListener {
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

    private void add(boolean isFolded, long length, long storedLength) {
      if (!isFolded) {
        passThroughs++;
        passThroughBytes += length;
      } else {
        folded++;
        payloadBytes += length;
        storedBytes += storedLength;
      }
    }

    private void add(Sums other) {
      folded += other.folded;
      passThroughs += other.passThroughs;
      payloadBytes += other.payloadBytes;
      storedBytes += other.storedBytes;
      passThroughBytes += other.passThroughBytes;
    }
  }

  @Override
  public void entry(Entry entry) {
    row(
        entry.ordinal(),
        entry.kind() == Entry.Kind.FOLDED,
        entry.length(),
        entry.extent().length());
  }

  @Override
  public void row(int ordinal, boolean folded, long length, long storedLength) {
    all.add(folded, length, storedLength);
    if (!anyDead || !dead.contains(ordinal)) {
      live.add(folded, length, storedLength);
    }
  }

  /** Adds what another has summed up of other entries. */
  void add(RowTally other) {
    all.add(other.all);
    live.add(other.live);
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
