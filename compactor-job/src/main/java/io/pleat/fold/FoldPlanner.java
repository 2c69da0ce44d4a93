package io.pleat.fold;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Decides what is folded together. In two steps, so that the driver holds a few dozen slices a container and no rows: each sorted
 * partition is packed into blocks and slices where it lies, then the slices of all partitions are joined to groups.
 */
final class FoldPlanner {
  /** Slices a container: a group ends within one of them of the target, so within 2 % and a file. */
  static final int SLICES_PER_CONTAINER = 64;

  private FoldPlanner() {}

  /** Joins slices, which stand in key order, to groups of the target size. */
  static List<FoldGroup> group(Iterator<PlanSlice> slices, FoldOptions options) {
    List<FoldGroup> groups = new ArrayList<>();
    PlanSlice first = null;
    PlanSlice last = null;
    long rows = 0;
    long files = 0;
    long bytes = 0;
    long vanished = 0;
    while (slices.hasNext()) {
      PlanSlice slice = slices.next();
      if (first != null && closesBefore(slice, rows, bytes, options)) {
        groups.add(group(first, last, files, bytes, vanished));
        first = null;
        rows = 0;
        files = 0;
        bytes = 0;
        vanished = 0;
      }
      if (first == null) {
        first = slice;
      }
      last = slice;
      rows += slice.rows();
      files += slice.files();
      bytes += slice.bytes();
      vanished += slice.vanished();
    }
    if (first != null) {
      groups.add(group(first, last, files, bytes, vanished));
    }
    return groups;
  }

  /** Whether the group so far is nearer to the target without the slice, or has no room for its rows. */
  private static boolean closesBefore(PlanSlice slice, long rows, long bytes, FoldOptions options) {
    if (rows + slice.rows() > options.maxEntries()) {
      return true;
    }
    long target = options.containerSize();
    long with = bytes + slice.bytes();
    return with > target && with - target > target - bytes;
  }

  private static FoldGroup group(
      PlanSlice first, PlanSlice last, long files, long bytes, long vanished) {
    return new FoldGroup(
        first.partition(),
        first.firstBlock(),
        last.partition(),
        last.firstBlock() + last.blocks(),
        files,
        bytes,
        vanished);
  }

  /** Packs one partition's rows into blocks that end where slices end. */
  static Iterator<byte[]> pack(int partition, Iterator<PlannedRow> rows, FoldOptions options) {
    return new Packer(partition, rows, options);
  }

  /** Reads what {@link #pack} wrote beside the rows: the slices of one partition. */
  static List<PlanSlice> slices(int partition, Iterator<byte[]> blocks, FoldOptions options) {
    List<PlanSlice> slices = new ArrayList<>();
    SliceLimit limit = new SliceLimit(options);
    int firstBlock = 0;
    int block = 0;
    long rows = 0;
    long files = 0;
    long bytes = 0;
    long vanished = 0;
    while (blocks.hasNext()) {
      RowInput in = RowBlock.rows(blocks.next());
      in.getLong();
      in.getLong();
      rows += in.getLong();
      files += in.getLong();
      bytes += in.getLong();
      vanished += in.getLong();
      block++;
      if (limit.isReached(rows, bytes) || !blocks.hasNext()) {
        slices.add(
            new PlanSlice(partition, firstBlock, block - firstBlock, rows, files, bytes, vanished));
        vanished = 0;
        firstBlock = block;
        rows = 0;
        files = 0;
        bytes = 0;
      }
    }
    return slices;
  }

  /** One partition's slices in a dozen bytes each: a driver that plans for 10^5 containers holds millions. */
  static byte[] packSlices(List<PlanSlice> slices) {
    RowOutput out = new RowOutput(256);
    slices.forEach(slice -> slice.write(out));
    return out.toBytes();
  }

  /** What {@link #packSlices} was given, partition after partition. */
  static Iterator<PlanSlice> unpackSlices(List<byte[]> partitions) {
    Iterator<byte[]> remaining = partitions.iterator();
    return new Iterator<>() {
      private RowInput in = new RowInput(new byte[0]);

      @Override
      public boolean hasNext() {
        while (!in.hasRemaining() && remaining.hasNext()) {
          in = new RowInput(remaining.next());
        }
        return in.hasRemaining();
      }

      @Override
      public PlanSlice next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return PlanSlice.read(in);
      }
    };
  }

  /** The rows of one block, or none if it is not the group's. */
  static Iterator<PlannedRow> rows(byte[] block, FoldGroup group) {
    RowInput in = RowBlock.rows(block);
    int partition = in.getInt();
    int number = in.getInt();
    if (!group.holds(partition, number)) {
      return Collections.emptyIterator();
    }
    in.getLong();
    in.getLong();
    in.getLong();
    in.getLong();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return in.hasRemaining();
      }

      @Override
      public PlannedRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return PlannedRow.read(in);
      }
    };
  }

  private record SliceLimit(long rows, long bytes) {
    SliceLimit(FoldOptions options) {
      this(
          Math.max(1, options.maxEntries() / SLICES_PER_CONTAINER),
          Math.max(1, options.containerSize() / SLICES_PER_CONTAINER));
    }

    boolean isReached(long sliceRows, long sliceBytes) {
      return sliceRows >= rows || sliceBytes >= bytes;
    }
  }

  private static final class Packer implements Iterator<byte[]> {
    private final int partition;
    private final Iterator<PlannedRow> rows;
    private final SliceLimit limit;
    private int blocks;
    private long sliceRows;
    private long sliceBytes;

    Packer(int partition, Iterator<PlannedRow> rows, FoldOptions options) {
      this.partition = partition;
      this.rows = rows;
      this.limit = new SliceLimit(options);
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      RowOutput body = new RowOutput(RowBlock.TARGET_SIZE + 1024);
      long blockRows = 0;
      long blockFiles = 0;
      long blockBytes = 0;
      long blockVanished = 0;
      do {
        PlannedRow row = rows.next();
        row.write(body);
        boolean file = row.action() == PlannedRow.Action.FOLD
            || row.action() == PlannedRow.Action.PASS_THROUGH;
        blockRows += file || row.action() == PlannedRow.Action.RECORD_DIRECTORY ? 1 : 0;
        blockFiles += file ? 1 : 0;
        blockBytes += row.payloadBytes();
        blockVanished += row.isVanishedFile() ? 1 : 0;
      } while (rows.hasNext()
          && body.size() < RowBlock.TARGET_SIZE
          && !limit.isReached(sliceRows + blockRows, sliceBytes + blockBytes));
      sliceRows += blockRows;
      sliceBytes += blockBytes;
      if (limit.isReached(sliceRows, sliceBytes)) {
        sliceRows = 0;
        sliceBytes = 0;
      }
      RowOutput block = RowBlock.start(RowBlock.PLANNED)
          .putLong(partition)
          .putLong(blocks++)
          .putLong(blockRows)
          .putLong(blockFiles)
          .putLong(blockBytes)
          .putLong(blockVanished);
      return block.append(body).toBytes();
    }
  }
}
