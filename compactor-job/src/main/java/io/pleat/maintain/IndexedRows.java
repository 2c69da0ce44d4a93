package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.PayloadReader;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** The live rows of a container whose index block is sound. */
final class IndexedRows implements RowSource {
  private static final int BATCH = 512;

  /** Dead bytes that are read rather than skipped. */
  private static final long MAX_GAP = 64 << 10;

  private final ByteSource source;
  private final ContainerReader reader;
  private final IndexBlock index;
  private final PayloadReader payloads;
  private final StretchReader stretches;
  private final RoaringBitmap dead;
  private final int stretchLength;
  private List<Entry> batch = List.of();
  private int batchStart;
  private int nextOrdinal;
  private int nextDirectory;
  private LiveRow entry;
  private LiveRow directory;

  private IndexedRows(
      ByteSource source, ContainerReader reader, RoaringBitmap dead, int stretchLength)
      throws IOException {
    this.source = source;
    this.reader = reader;
    this.index = reader.index();
    this.payloads = PayloadReader.of(index, source.toString());
    this.stretches = new StretchReader(source);
    this.dead = dead;
    this.stretchLength = stretchLength;
  }

  /**
   * Opens a container.
   *
   * @param stretchLength bytes that are read at once at most, one larger file aside
   */
  static IndexedRows open(
      Store dataset, ContainerSummary summary, RoaringBitmap dead, int stretchLength)
      throws IOException {
    ByteSource source = dataset.open(summary.path());
    try {
      ContainerReader reader = ContainerReader.open(source, summary.id());
      try {
        IndexedRows rows = new IndexedRows(source, reader, dead, stretchLength);
        rows.advanceEntry();
        rows.advanceDirectory();
        return rows;
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  @Override
  public ContainerId container() {
    return index.container();
  }

  @Override
  public Optional<LiveRow> next() throws IOException {
    if (entry == null && directory == null) {
      return Optional.empty();
    }
    boolean isDirectory = entry == null
        || directory != null && Arrays.compareUnsigned(directory.key(), entry.key()) < 0;
    LiveRow row = isDirectory ? directory : entry;
    if (isDirectory) {
      advanceDirectory();
    } else {
      advanceEntry();
    }
    return Optional.of(row);
  }

  private void advanceEntry() throws IOException {
    entry = null;
    while (nextOrdinal < index.entryCount()) {
      if (dead.contains(nextOrdinal)) {
        nextOrdinal++;
        continue;
      }
      if (nextOrdinal >= batchStart + batch.size()) {
        batchStart = nextOrdinal;
        batch = index.entries(nextOrdinal, Math.min(nextOrdinal + BATCH, index.entryCount()));
      }
      entry = LiveRow.of(batch.get(nextOrdinal - batchStart));
      nextOrdinal++;
      return;
    }
  }

  private void advanceDirectory() throws IOException {
    directory = null;
    while (nextDirectory < index.directoryCount()) {
      DirectoryEntry candidate = index.directory(nextDirectory++);
      if (candidate.attributes().isPresent()
          && !dead.contains(index.entryCount() + candidate.index())) {
        directory = LiveRow.of(candidate, index.entryCount());
        return;
      }
    }
  }

  @Override
  public ByteBuffer stored(LiveRow row) throws IOException {
    Entry wanted = row.entry().orElseThrow();
    return stretches.read(wanted.extent(), stretchEnd(wanted));
  }

  /** The end of the last of the live files that follow closely, as far as the batch goes. */
  private long stretchEnd(Entry first) {
    long start = first.extent().offset();
    long end = start + first.extent().length();
    for (int i = first.ordinal() + 1 - batchStart; i > 0 && i < batch.size(); i++) {
      Entry next = batch.get(i);
      long nextEnd = next.extent().offset() + next.extent().length();
      if (dead.contains(next.ordinal()) || next.kind() == Entry.Kind.PASS_THROUGH) {
        continue;
      }
      if (next.extent().offset() - end > MAX_GAP || nextEnd - start > stretchLength) {
        break;
      }
      end = nextEnd;
    }
    return end;
  }

  @Override
  public PayloadReader payloads() {
    return payloads;
  }

  @Override
  public Optional<byte[]> dictionary() throws IOException {
    return index.dictionary();
  }

  @Override
  public void close() throws IOException {
    try (ByteSource closed = source;
        ContainerReader unused = reader) {
      payloads.close();
    }
  }
}
