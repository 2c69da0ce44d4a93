package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.PayloadReader;
import io.pleat.format.RecordScanner;
import io.pleat.format.RecordScanner.Salvaged;
import io.pleat.format.RecordScanner.SalvagedDirectory;
import io.pleat.format.RecordScanner.SalvagedFile;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** The live rows of a container whose index block cannot be used: from its records, and where those are damaged, from its rows of the catalogue. */
final class SalvagedRows implements RowSource {
  private final ByteSource source;
  private final RecordScanner scanner;
  private final ContainerSummary summary;
  private final RoaringBitmap dead;
  private final StretchReader stretches;
  private final int stretchLength;
  private final Deque<LiveRow> others;
  private Optional<LiveRow> scanned;
  private PayloadReader payloads;

  private SalvagedRows(
      ByteSource source,
      RecordScanner scanner,
      ContainerSummary summary,
      RoaringBitmap dead,
      int stretchLength,
      List<LiveRow> others)
      throws IOException {
    this.source = source;
    this.scanner = scanner;
    this.summary = summary;
    this.dead = dead;
    this.stretches = new StretchReader(source);
    this.stretchLength = stretchLength;
    this.others = new ArrayDeque<>(others);
    this.scanned = scan();
  }

  /**
   * Starts the salvage of a container.
   *
   * @param others live rows that its records lack, in ascending order of keys
   */
  static SalvagedRows open(
      Store dataset,
      ContainerSummary summary,
      RoaringBitmap dead,
      int stretchLength,
      List<LiveRow> others)
      throws IOException {
    ByteSource source = dataset.open(summary.path());
    try {
      RecordScanner scanner = RecordScanner.open(source, summary.id());
      try {
        return new SalvagedRows(source, scanner, summary, dead, stretchLength, others);
      } catch (IOException | RuntimeException e) {
        scanner.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** The rows, live or dead, whose records are sound. */
  static RoaringBitmap soundRecords(Store dataset, ContainerSummary summary) throws IOException {
    RoaringBitmap rows = new RoaringBitmap();
    try (SalvagedRows all = open(dataset, summary, new RoaringBitmap(), 1 << 20, List.of())) {
      for (Optional<LiveRow> row = all.next(); row.isPresent(); row = all.next()) {
        rows.add(row.get().row());
      }
    }
    return rows;
  }

  @Override
  public ContainerId container() {
    return summary.id();
  }

  @Override
  public Optional<LiveRow> next() throws IOException {
    LiveRow other = others.peek();
    boolean takesOther = other != null
        && (scanned.isEmpty()
            || Arrays.compareUnsigned(other.key(), scanned.get().key()) < 0);
    if (takesOther) {
      return Optional.of(others.remove());
    }
    Optional<LiveRow> row = scanned;
    if (row.isPresent()) {
      scanned = scan();
    }
    return row;
  }

  private Optional<LiveRow> scan() throws IOException {
    for (Optional<Salvaged> next = scanner.next(); next.isPresent(); next = scanner.next()) {
      LiveRow row = row(next.get());
      if (!dead.contains(row.row())) {
        return Optional.of(row);
      }
    }
    return Optional.empty();
  }

  private LiveRow row(Salvaged salvaged) {
    if (salvaged instanceof SalvagedFile file) {
      return LiveRow.of(file.entry());
    }
    SalvagedDirectory directory = (SalvagedDirectory) salvaged;
    return LiveRow.directory(
        directory.path(), summary.entries() + directory.index(), directory.attributes());
  }

  @Override
  public ByteBuffer stored(LiveRow row) throws IOException {
    Entry entry = row.entry().orElseThrow();
    Extent extent = entry.extent();
    long end = extent.offset() + extent.length();
    return stretches.read(
        extent, Math.max(end, Math.min(extent.offset() + stretchLength, source.length())));
  }

  @Override
  public PayloadReader payloads() {
    if (payloads == null) {
      payloads = scanner.dictionary().isPresent()
          ? PayloadReader.withDictionary(
              summary.id(), scanner.dictionary().get(), source.toString())
          : PayloadReader.withoutDictionary(summary.id(), source.toString());
    }
    return payloads;
  }

  @Override
  public Optional<byte[]> dictionary() {
    return scanner.dictionary();
  }

  @Override
  public void close() throws IOException {
    try (ByteSource closed = source;
        RecordScanner unused = scanner) {
      if (payloads != null) {
        payloads.close();
      }
    }
  }
}
