package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.LooseList;
import io.pleat.dataset.LooseListWriter;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The steps of a fold that an engine runs in many places at once. Holds values only, so that it travels; each step opens the stores that
 * it needs. Between steps rows move as blocks, which only this package can read.
 */
public final class FoldSteps implements Serializable {
  private static final long serialVersionUID = 1;

  private final FoldRequest request;
  private final ListingRules rules;
  private final UUID runId;
  private final RunContainers containers;
  private final long baseVersion;
  private final int concurrentTasks;
  private final EntryCatalogFactory catalog;

  /** Makes the writer of catalogue rows where a step runs. */
  public interface EntryCatalogFactory extends Serializable {
    /** A writer. */
    EntryCatalog create();
  }

  /** A step's output, whose producer must be stopped if it is not read to its end. */
  public interface Blocks extends Iterator<byte[]>, AutoCloseable {
    @Override
    void close();
  }

  /** @param baseVersion the snapshot that is added to, 0 if there is none */
  FoldSteps(
      FoldRequest request,
      ListingRules rules,
      UUID runId,
      RunContainers containers,
      long baseVersion,
      int concurrentTasks,
      EntryCatalogFactory catalog) {
    this.request = request;
    this.rules = rules;
    this.runId = runId;
    this.containers = containers;
    this.baseVersion = baseVersion;
    this.concurrentTasks = concurrentTasks;
    this.catalog = catalog;
  }

  /** The unit that everything starts from: the source root. */
  public static byte[] rootUnit() {
    RowOutput out = new RowOutput(16);
    new ListingUnit(LogicalPath.ROOT, AccessRule.OTHERS | AccessRule.MEMBERS, 0).write(out);
    return out.toBytes();
  }

  /**
   * Lists directories until the budget is spent.
   *
   * @param budget after which no other directory is started
   */
  public Blocks list(Iterator<byte[]> units, ListingBudget budget) {
    return new BlockPump("pleat-list", sink -> {
      try (Store source = Stores.open(request.source(), request.configuration())) {
        ListingTask.run(source, rules, throttle(), budget, listingUnits(units), sink);
      }
    });
  }

  /** The totals in a listing's blocks. */
  public static ListingTotals totals(Iterator<byte[]> blocks) {
    ListingTotals totals = new ListingTotals();
    while (blocks.hasNext()) {
      byte[] block = blocks.next();
      if (RowBlock.type(block) == RowBlock.TOTALS) {
        totals.add(RowBlock.totals(block));
      }
    }
    return totals;
  }

  /** The units that a listing's block hands back; none if it is of another type. */
  public static Iterator<byte[]> leftover(byte[] block) {
    List<byte[]> units = new ArrayList<>();
    if (RowBlock.type(block) == RowBlock.LEFTOVER) {
      RowInput in = RowBlock.rows(block);
      while (in.hasRemaining()) {
        RowOutput out = new RowOutput(256);
        ListingUnit.read(in).write(out);
        units.add(out.toBytes());
      }
    }
    return units.iterator();
  }

  /** The live rows of one container of the base snapshot, or its tombstones. */
  public Blocks held(long baseVersion, HeldContainer container) {
    ContainerSummary summary = container.summary();
    return new BlockPump("pleat-held", sink -> {
      LogicalPath path =
          container.tombstones() ? ContainerSummary.tombstonePathOf(summary.id()) : summary.path();
      try (Store dataset = Stores.open(request.dataset(), request.configuration());
          ByteSource source = dataset.open(path);
          ContainerReader reader = ContainerReader.open(source, summary.id())) {
        DatasetLog log = DatasetLog.open(dataset);
        Snapshot base = log.snapshot(baseVersion);
        if (container.tombstones()) {
          TombstoneRows.emit(
              container.index(), reader.index(), log.deadTombstones(base, summary.id()), sink);
        } else {
          HeldRows.emit(
              container.index(),
              summary,
              reader.index(),
              log.deletionVector(base, summary.id()),
              log.reclaimedRows(base, summary.id()),
              sink);
        }
      }
    });
  }

  /** Gives the sorted rows in a block, with their values; none if it is of another type. */
  public static void forEachRow(byte[] block, BiConsumer<byte[], byte[]> consumer) {
    if (RowBlock.type(block) == RowBlock.ROWS) {
      RowInput in = RowBlock.rows(block);
      while (in.hasRemaining()) {
        consumer.accept(in.getBytes(), in.getBytes());
      }
    }
  }

  /** Turns one partition's rows, sorted in unsigned byte order, into what is to be done. */
  public Iterator<byte[]> plan(int partition, Iterator<Map.Entry<byte[], byte[]>> sorted) {
    return FoldPlanner.pack(
        partition, new DiffMerge(sorted, rules.flat(), vanishRule()), request.options());
  }

  /** Cuts one partition of the plan into slices, packed. */
  public byte[] slices(int partition, Iterator<byte[]> planned) {
    return FoldPlanner.packSlices(FoldPlanner.slices(partition, planned, request.options()));
  }

  /**
   * Writes one group's container and checks it.
   *
   * @param part the group's number
   * @param parts how many groups there are: few share the bounds on calls and bytes among fewer
   */
  public StagedGroup write(int part, int parts, FoldGroup group, Iterator<byte[]> planned)
      throws IOException {
    try (Store source = Stores.open(request.source(), request.configuration());
        Store dataset = Stores.open(request.dataset(), request.configuration())) {
      GroupWriter writer = new GroupWriter(
          source,
          dataset,
          request.options(),
          Throttle.share(request.options(), Math.min(concurrentTasks, parts)),
          catalog.create(),
          LooseListWriter.create(dataset, runId, part),
          containers,
          baseVersion,
          LiveProgress::addAppended);
      return writer.write(new GroupRows(group, planned));
    }
  }

  /**
   * Writes the loose files in a listing's blocks to a part of the run's list; gives nothing if there are none.
   *
   * @param part the partition's number
   */
  public List<LooseList> writeLoose(int part, Iterator<byte[]> blocks) throws IOException {
    try (Store dataset = Stores.open(request.dataset(), request.configuration());
        LooseListWriter list = LooseListWriter.create(dataset, runId, part)) {
      while (blocks.hasNext()) {
        byte[] block = blocks.next();
        if (RowBlock.type(block) == RowBlock.LOOSE) {
          RowInput in = RowBlock.rows(block);
          while (in.hasRemaining()) {
            list.add(in.getString(), in.getString());
          }
        }
      }
      return list.finish().stream().toList();
    }
  }

  private Optional<VanishRule> vanishRule() {
    FoldOptions options = request.options();
    return options.mirror() == MirrorDeletes.OFF
        ? Optional.empty()
        : Optional.of(new VanishRule(options));
  }

  private Throttle throttle() {
    return Throttle.share(request.options(), concurrentTasks);
  }

  private static Iterator<ListingUnit> listingUnits(Iterator<byte[]> units) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return units.hasNext();
      }

      @Override
      public ListingUnit next() {
        return ListingUnit.read(new RowInput(units.next()));
      }
    };
  }

  /** The rows of a group, out of the blocks of the partitions that it touches. */
  private static final class GroupRows implements Iterator<PlannedRow> {
    private final FoldGroup group;
    private final Iterator<byte[]> blocks;
    private Iterator<PlannedRow> rows = java.util.Collections.emptyIterator();

    GroupRows(FoldGroup group, Iterator<byte[]> blocks) {
      this.group = group;
      this.blocks = blocks;
    }

    @Override
    public boolean hasNext() {
      while (!rows.hasNext() && blocks.hasNext()) {
        rows = FoldPlanner.rows(blocks.next(), group);
      }
      return rows.hasNext();
    }

    @Override
    public PlannedRow next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      return rows.next();
    }
  }
}
