package io.pleat.read;

import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads many files at once: container by container, near ranges in one read, several reads side by side. Thread-safe.
 */
final class BatchReads {
  /** Longest joined read, in bytes. */
  static final int LONGEST_READ = 8 << 20;

  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final FileReads files;
  private final ReadCrew crew;
  private final RangeCoalescer coalescer;
  private final ReadStatistics statistics;

  /** @param maxGap see {@link RangeCoalescer} */
  BatchReads(
      PinnedSnapshot pinned,
      IndexBlockCache blocks,
      FileReads files,
      ReadCrew crew,
      long maxGap,
      ReadStatistics statistics) {
    this.pinned = pinned;
    this.blocks = blocks;
    this.files = files;
    this.crew = crew;
    this.coalescer = new RangeCoalescer(maxGap, LONGEST_READ);
    this.statistics = statistics;
  }

  /** Loads the index blocks that looking up {@code paths} will need, side by side; what cannot be loaded is met again by the lookup. */
  void prepare(List<LogicalPath> paths) {
    if (blocks.isWholeResident()) {
      return;
    }
    BitSet absent = new BitSet();
    for (LogicalPath path : paths) {
      int only = path.isRoot() ? ContainerRanges.NONE : pinned.ranges().only(path);
      if (only >= 0 && !blocks.isResident(only)) {
        absent.set(only);
      }
    }
    if (absent.cardinality() > 1) {
      int[] numbers = absent.stream().toArray();
      crew.run(numbers.length, i -> load(numbers[i]));
    }
  }

  private void load(int number) {
    try {
      blocks.borrow(number).close();
    } catch (IOException e) {
      // The lookup of each path fails with it again, and then it is that path's failure.
    }
  }

  /** Looks up one path. */
  BatchItem locate(LogicalPath path) {
    BatchItem item = new BatchItem(path);
    try {
      item.file = files.locate(path);
    } catch (IOException e) {
      item.failure = e;
    }
    return item;
  }

  /** Reads all that was located; each item then has bytes or a failure. */
  void read(List<BatchItem> items) {
    List<Runnable> reads = reads(items);
    crew.run(reads.size(), i -> reads.get(i).run());
  }

  /** The same in the calling thread alone. */
  void readInTurn(List<BatchItem> items) {
    reads(items).forEach(Runnable::run);
  }

  ReadStatistics statistics() {
    return statistics;
  }

  private List<Runnable> reads(List<BatchItem> items) {
    List<Runnable> reads = new ArrayList<>();
    Map<Integer, List<BatchItem>> byContainer = new TreeMap<>();
    for (BatchItem item : items) {
      if (item.isInContainer() && !files.isAvoided(item.file)) {
        byContainer
            .computeIfAbsent(item.file.container(), number -> new ArrayList<>())
            .add(item);
      } else if (item.file != null) {
        reads.add(() -> readAlone(item));
      }
    }
    byContainer.forEach((number, members) -> {
      for (RangeCoalescer.Read<BatchItem> read : coalescer.coalesce(
          members, item -> item.extent().offset(), item -> item.extent().length())) {
        if (read.members().size() == 1 || read.length() > LONGEST_READ) {
          read.members().forEach(item -> reads.add(() -> readAlone(item)));
        } else {
          reads.add(() -> readJoined(number, read));
        }
      }
    });
    return reads;
  }

  private void readAlone(BatchItem item) {
    try {
      item.bytes = files.readPooled(item.file);
    } catch (IOException e) {
      item.fail(e);
    }
  }

  private void readJoined(int container, RangeCoalescer.Read<BatchItem> read) {
    BufferPool.Memory memory;
    try {
      memory = files.readRange(container, read.offset(), (int) read.length());
    } catch (IOException e) {
      // One of them may be what is wrong: each gets its own answer.
      read.members().forEach(this::readAlone);
      return;
    }
    try {
      long wanted = 0;
      for (BatchItem item : read.members()) {
        wanted += item.extent().length();
        int start = (int) (item.extent().offset() - read.offset());
        try {
          item.bytes = files.decode(item.file, memory, start);
        } catch (IOException e) {
          readAlone(item);
        }
      }
      statistics.joinedFiles.add(read.members().size());
      statistics.joinedReads.increment();
      statistics.gapBytes.add(Math.max(0, read.length() - wanted));
    } finally {
      memory.release();
    }
  }
}
