package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import java.io.IOException;

/** Checks one container against what the manifest and its deletion vector say of it. */
final class ContainerCheck {
  private final ContainerSummary summary;
  private final LogicalPath path;
  private final ContainerReader reader;
  private final DeletionVector dead;
  private final Findings findings;

  ContainerCheck(
      ContainerSummary summary, ContainerReader reader, DeletionVector dead, Findings findings) {
    this(summary, summary.path(), reader, dead, findings);
  }

  /** @param path where the container lies */
  ContainerCheck(
      ContainerSummary summary,
      LogicalPath path,
      ContainerReader reader,
      DeletionVector dead,
      Findings findings) {
    this.summary = summary;
    this.path = path;
    this.reader = reader;
    this.dead = dead;
    this.findings = findings;
  }

  void checkStructure() {
    checkCounts();
    IndexBlock index = reader.index();
    findings.sawFiles(index.entryCount() - deadBelow(index.entryCount()));
  }

  /** What footer and deletion vector say, against what the manifest does. */
  void checkCounts() {
    IndexBlock index = reader.index();
    ContainerStatistics counts = reader.statistics(summary.crc32c());
    expect("entries", counts.entries(), summary.entries());
    expect("pass-through entries", counts.passThroughs(), summary.passThroughs());
    expect("directories with attributes", counts.directories(), summary.directories());
    expect("payload bytes", counts.payloadBytes(), summary.payloadBytes());
    expect("stored bytes", counts.storedBytes(), summary.storedBytes());
    expect("pass-through bytes", counts.passThroughBytes(), summary.passThroughBytes());
    expect("bytes before its index block", counts.indexOffset(), summary.indexOffset());
    long rows = (long) index.entryCount() + index.directoryCount();
    long deadRows = dead.cardinality();
    if (deadRows > 0 && deadRows != deadBelow(rows)) {
      findings.add(
          Kind.DAMAGED,
          path,
          "its deletion vector names rows that it does not have: it has " + rows);
    }
  }

  private long deadBelow(long row) {
    return dead.toBitmap().rangeCardinality(0, row);
  }

  /**
   * Checks the header of each record against the index block, and the totals.
   *
   * @param shortestSkip stored bytes of a record from which on they are skipped, not read
   * @param live is given what is live here
   */
  void checkHeaders(int shortestSkip, LiveTotals live) throws IOException {
    RowTally tally = new RowTally(dead);
    reader.verifyHeaders(shortestSkip, tally, damage -> findings.addDamage(summary.path(), damage));
    checkTotals(tally, live);
  }

  /**
   * Checks every byte, and the totals.
   *
   * @param readLength bytes of a read
   * @param live is given what is live here
   * @param losses is given the live entries whose bytes are damaged
   */
  void checkBytes(int readLength, LiveTotals live, Losses losses) throws IOException {
    boolean[] damaged = {false};
    RowTally tally = new RowTally(dead);
    int crc = reader.verify(readLength, tally, new ContainerReader.DamageListener() {
      @Override
      public void damaged(CorruptDataException finding) {
        damaged[0] = true;
        findings.addDamage(path, finding);
      }

      @Override
      public void lost(int ordinal, CorruptDataException finding) {
        damaged(finding);
        losses.entry(summary.id(), ordinal, dead);
      }
    });
    checkSum(crc, damaged[0], tally, live);
  }

  /**
   * The same of a container whose bytes were proven sound.
   *
   * @param crc of the whole file
   * @param tally of all entries
   */
  void checkSound(int crc, RowTally tally, LiveTotals live) {
    checkSum(crc, false, tally, live);
  }

  private void checkSum(int crc, boolean damaged, RowTally tally, LiveTotals live) {
    if (crc != summary.crc32c() && !damaged) {
      findings.add(
          Kind.DAMAGED,
          path,
          String.format(
              "CRC32C of file is 0x%08x, the manifest says 0x%08x", crc, summary.crc32c()));
    }
    findings.read(summary.length());
    checkTotals(tally, live);
  }

  private void checkTotals(RowTally tally, LiveTotals live) {
    live.add(tally.live());
    expect("pass-through entries", tally.all().passThroughs(), summary.passThroughs());
    expect("payload bytes", tally.all().payloadBytes(), summary.payloadBytes());
    expect("stored bytes", tally.all().storedBytes(), summary.storedBytes());
    expect("pass-through bytes", tally.all().passThroughBytes(), summary.passThroughBytes());
  }

  /** Checks that the manifest's range holds the keys of the live entries, which ascend. */
  void checkRange() throws IOException {
    IndexBlock index = reader.index();
    int first = 0;
    while (first < index.entryCount() && dead.contains(first)) {
      first++;
    }
    int last = index.entryCount() - 1;
    while (last > first && dead.contains(last)) {
      last--;
    }
    for (int ordinal : first < index.entryCount() ? new int[] {first, last} : new int[0]) {
      LogicalPath entry = index.path(ordinal);
      if (!summary.range().contains(entry.fileKey())) {
        findings.add(
            Kind.DAMAGED,
            path,
            "'" + entry + "' lies outside the key range that the manifest says");
        return;
      }
    }
  }

  private void expect(String what, long found, long expected) {
    if (found != expected) {
      findings.add(
          Kind.DAMAGED, path, "has " + found + " " + what + ", the manifest says " + expected);
    }
  }
}
