package io.pleat.maintain;

import io.pleat.dataset.SnapshotStatistics;
import io.pleat.maintain.Finding.Kind;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is live in all containers, to compare it with what the snapshot says. Thread-safe. */
final class LiveTotals {
  private final LongAdder folded = new LongAdder();
  private final LongAdder passThroughs = new LongAdder();
  private final LongAdder payloadBytes = new LongAdder();
  private final LongAdder storedBytes = new LongAdder();
  private final LongAdder passThroughBytes = new LongAdder();

  void add(RowTally.Sums live) {
    folded.add(live.folded());
    passThroughs.add(live.passThroughs());
    payloadBytes.add(live.payloadBytes());
    storedBytes.add(live.storedBytes());
    passThroughBytes.add(live.passThroughBytes());
  }

  void compare(Object where, SnapshotStatistics said, Findings findings) {
    expect(where, "files", folded.sum() + passThroughs.sum(), said.files(), findings);
    expect(where, "folded files", folded.sum(), said.foldedFiles(), findings);
    expect(where, "pass-through files", passThroughs.sum(), said.passThroughFiles(), findings);
    expect(where, "payload bytes", payloadBytes.sum(), said.payloadBytes(), findings);
    expect(where, "stored bytes", storedBytes.sum(), said.storedBytes(), findings);
    expect(where, "pass-through bytes", passThroughBytes.sum(), said.passThroughBytes(), findings);
  }

  private static void expect(Object where, String what, long found, long said, Findings findings) {
    if (found != said) {
      findings.add(Kind.DAMAGED, where, "says " + said + " live " + what + ", there are " + found);
    }
  }
}
