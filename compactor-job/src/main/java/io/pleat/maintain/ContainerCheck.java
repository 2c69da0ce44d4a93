package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import java.io.IOException;

/** Checks one container against what the manifest and its deletion vector say of it. */
final class ContainerCheck {
  private static final int ENTRIES_AT_ONCE = 256;

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
    long deadEntries = deadBelow(index.entryCount());
    for (long live = index.entryCount() - deadEntries; live > 0; live--) {
      findings.sawFile();
    }
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
   * Whether the rows add up; that each is found by its path is checked with the records.
   *
   * @param live is given what is live here
   */
  void checkRows(LiveTotals live) throws IOException {
    IndexBlock index = reader.index();
    long passThroughs = 0;
    long payloadBytes = 0;
    long storedBytes = 0;
    long passThroughBytes = 0;
    for (int from = 0; from < index.entryCount(); from += ENTRIES_AT_ONCE) {
      int to = Math.min(index.entryCount(), from + ENTRIES_AT_ONCE);
      for (Entry entry : index.entries(from, to)) {
        if (!dead.contains(entry.ordinal())) {
          live.add(entry);
        }
        if (entry.kind() == Entry.Kind.PASS_THROUGH) {
          passThroughs++;
          passThroughBytes += entry.length();
        } else {
          payloadBytes += entry.length();
          storedBytes += entry.extent().length();
        }
      }
    }
    expect("pass-through entries", passThroughs, summary.passThroughs());
    expect("payload bytes", payloadBytes, summary.payloadBytes());
    expect("stored bytes", storedBytes, summary.storedBytes());
    expect("pass-through bytes", passThroughBytes, summary.passThroughBytes());
    int directories = 0;
    for (int i = 0; i < index.directoryCount(); i++) {
      if (index.directory(i).attributes().isPresent()) {
        directories++;
      }
    }
    expect("directories with attributes", directories, summary.directories());
  }

  /** @param shortestSkip stored bytes of a record from which on they are skipped, not read */
  void checkHeaders(int shortestSkip) throws IOException {
    reader.verifyHeaders(shortestSkip, damage -> findings.addDamage(summary.path(), damage));
  }

  /** @param losses is given the live entries whose bytes are damaged */
  void checkBytes(Losses losses) throws IOException {
    boolean[] damaged = {false};
    int crc = reader.verify(new ContainerReader.DamageListener() {
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
    if (crc != summary.crc32c() && !damaged[0]) {
      findings.add(
          Kind.DAMAGED,
          path,
          String.format(
              "CRC32C of file is 0x%08x, the manifest says 0x%08x", crc, summary.crc32c()));
    }
    findings.read(summary.length());
  }

  private void expect(String what, long found, long expected) {
    if (found != expected) {
      findings.add(
          Kind.DAMAGED, path, "has " + found + " " + what + ", the manifest says " + expected);
    }
  }
}
