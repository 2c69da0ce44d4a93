package io.pleat.fold.spark;

import io.pleat.dataset.LooseList;
import io.pleat.fold.FoldEngine;
import io.pleat.fold.FoldGroup;
import io.pleat.fold.FoldSteps;
import io.pleat.fold.FoldValues;
import io.pleat.fold.HeldContainer;
import io.pleat.fold.ListingBudget;
import io.pleat.fold.ListingTotals;
import io.pleat.fold.StagedGroup;
import java.io.IOException;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Runs the steps of a fold as Spark jobs. Rows live in executors, packed into blocks and spilled to their disks; the driver sees totals,
 * slices and staged containers only.
 */
final class SparkEngine implements FoldEngine {
  /* The first round finds directories to share out, the second finds out where the mass lies, the others list it. */
  private static final long FIRST_COST = 5_000;
  private static final long TASK_COST = 50_000;

  /**
   * A round lists this part of what all before it have listed, at least: so rounds are few however large the tree is, and so are the
   * short tasks of the last one.
   */
  private static final int ROUND_SHARE = 4;

  /** Tasks of a round at most, where there are not more at once; beyond them tasks grow. */
  private static final int ROUND_TASKS = 64;

  /** Rows of one part of the list of loose files, about. */
  private static final long ROWS_PER_LOOSE_LIST = 100_000;

  /** Rows that a task hands out to sorting tasks. */
  private static final long ROWS_PER_SHUFFLE = 500_000;

  /** Rows that a sorting task is meant to have: some tens of MB. */
  private static final long ROWS_PER_SORT = 100_000;

  private final JavaSparkContext context;
  private final int concurrentTasks;
  private final List<JavaRDD<byte[]>> persisted = new ArrayList<>();
  private JavaRDD<byte[]> listing;
  private JavaRDD<byte[]> plan;
  private ListingTotals totals;

  /* Named, so that Spark shows them with its stages. A task that was tried twice counts twice: good enough for a display. */
  private final LongAccumulator listedFiles;
  private final LongAccumulator writtenFiles;
  private final LongAccumulator writtenBytes;

  SparkEngine(JavaSparkContext context, int parallelism) {
    this.context = context;
    this.listedFiles = context.sc().longAccumulator("files listed");
    this.writtenFiles = context.sc().longAccumulator("files folded");
    this.writtenBytes = context.sc().longAccumulator("bytes folded");
    this.concurrentTasks =
        parallelism > 0 ? parallelism : Math.max(1, context.defaultParallelism());
  }

  @Override
  public int concurrentTasks() {
    return concurrentTasks;
  }

  @Override
  public ListingTotals inventory(FoldSteps steps) throws IOException {
    return SparkJob.run(() -> {
      LongAccumulator fileCount = listedFiles; // not this engine: only it travels
      ListingTotals all = new ListingTotals();
      List<JavaRDD<byte[]>> rounds = new ArrayList<>();
      JavaRDD<byte[]> units = context.parallelize(List.of(FoldSteps.rootUnit()), 1);
      ListingBudget budget = new ListingBudget(FIRST_COST, concurrentTasks, all.sampleBound());
      while (true) {
        ListingBudget taskBudget = budget;
        JavaRDD<byte[]> round =
            persist(units.mapPartitions(part -> stopping(steps.list(part, taskBudget))), "listing");
        rounds.add(round);
        ListingTotals found = new ListingTotals();
        round
            .mapPartitions(blocks -> {
              ListingTotals part = FoldSteps.totals(blocks);
              fileCount.add(part.files());
              return FoldValues.freeze(part);
            })
            .collect()
            .forEach(bytes -> found.add(FoldValues.thaw(bytes, ListingTotals.class)));
        all.add(found);
        if (found.leftoverUnits() == 0) {
          break;
        }
        long share = all.cost() / ROUND_SHARE;
        int most = Math.max(ROUND_TASKS, 2 * concurrentTasks);
        long cost = rounds.size() == 1 ? FIRST_COST : Math.max(TASK_COST, share / most);
        int tasks = (int) Math.max(2L * concurrentTasks, Math.min(most, share / cost));
        tasks = (int) Math.min(tasks, found.leftoverUnits());
        units = round.flatMap(FoldSteps::leftover).repartition(tasks);
        budget = new ListingBudget(cost, Integer.MAX_VALUE, all.sampleBound());
      }
      totals = all;
      // Flat: a union of unions nests as deep as there are rounds.
      listing = rounds.size() == 1 ? rounds.get(0) : union(rounds);
      return all;
    });
  }

  private JavaRDD<byte[]> union(List<JavaRDD<byte[]>> all) {
    @SuppressWarnings({"unchecked", "rawtypes"})
    JavaRDD<byte[]>[] array = all.toArray(JavaRDD[]::new);
    return context.union(array);
  }

  @Override
  public List<byte[]> plan(FoldSteps steps, OptionalLong baseVersion, List<HeldContainer> base)
      throws IOException {
    return SparkJob.run(() -> {
      JavaRDD<byte[]> blocks = listing;
      long heldRows = 0;
      if (baseVersion.isPresent() && !base.isEmpty()) {
        long version = baseVersion.getAsLong();
        List<byte[]> numbered = new ArrayList<>();
        for (HeldContainer container : base) {
          numbered.add(FoldValues.bytes(container));
          heldRows += container.summary().entries();
        }
        JavaRDD<byte[]> held = context
            .parallelize(numbered, numbered.size())
            .mapPartitions(part -> concatenated(part, steps, version));
        blocks = blocks.union(held);
      }
      long rows = totals.rows() + heldRows;
      int partitions = sortPartitions(rows);
      KeyPartitioner partitioner = new KeyPartitioner(totals.keyCuts(partitions));
      plan = persist(
          pairs(blocks.coalesce(shufflingTasks(rows)))
              .repartitionAndSortWithinPartitions(partitioner, ByteOrder.INSTANCE)
              .mapPartitionsWithIndex((index, part) -> steps.plan(index, entries(part)), true),
          "plan");
      return plan.mapPartitionsWithIndex(
              (index, part) -> Collections.singleton(steps.slices(index, part)).iterator(), true)
          .collect();
    });
  }

  /** Few, as each of them makes a piece for each partition. {@code coalesce} never makes more than there are. */
  private int shufflingTasks(long rows) {
    return (int) Math.max(4L * concurrentTasks, Math.min(rows / ROWS_PER_SHUFFLE, 100_000));
  }

  private int sortPartitions(long rows) {
    long wanted = (rows + ROWS_PER_SORT - 1) / ROWS_PER_SORT;
    return (int) Math.max(rows > ROWS_PER_SORT / 5 ? concurrentTasks : 1, Math.min(wanted, 20_000));
  }

  @Override
  public Written written() {
    return new Written(writtenFiles.value(), writtenBytes.value());
  }

  @Override
  public List<StagedGroup> write(FoldSteps steps, List<FoldGroup> groups) throws IOException {
    return SparkJob.run(() -> {
      LongAccumulator fileCount = writtenFiles; // not this engine: only they travel
      LongAccumulator byteCount = writtenBytes;
      int parts = groups.size();
      // Broadcast: part of a task, all groups would be sent and read again with each.
      Broadcast<byte[][]> all =
          context.broadcast(groups.stream().map(FoldValues::bytes).toArray(byte[][]::new));
      List<byte[]> staged = plan.rdd()
          .coalesce(
              parts,
              false,
              scala.Option.apply(new GroupCoalescer(groups)),
              scala.math.Ordering.ordered((byte[] bytes) -> null))
          .toJavaRDD()
          .mapPartitionsWithIndex(
              (index, blocks) -> {
                FoldGroup group = FoldValues.thaw(all.value()[index], FoldGroup.class);
                StagedGroup written = steps.write(index, parts, group, blocks);
                fileCount.add(written.newFiles());
                byteCount.add(written.newBytes());
                return FoldValues.freeze(List.of(written));
              },
              true)
          .collect();
      all.destroy();
      return FoldValues.thawAll(staged, StagedGroup.class);
    });
  }

  @Override
  public List<LooseList> writeLoose(FoldSteps steps) throws IOException {
    return SparkJob.run(() -> FoldValues.thawAll(
        listing
            .coalesce(looseParts())
            .mapPartitionsWithIndex(
                (part, blocks) -> FoldValues.freeze(steps.writeLoose(part, blocks)), true)
            .collect(),
        LooseList.class));
  }

  /** One part of the list, unless it is so long that one task would be slow. */
  private int looseParts() {
    long parts = Math.min(concurrentTasks, 1 + totals.notFolded() / ROWS_PER_LOOSE_LIST);
    return (int) Math.min(listing.getNumPartitions(), parts);
  }

  @Override
  public void close() {
    // Waits, or the context may stop under the removal, which then says so at length.
    persisted.forEach(rdd -> rdd.unpersist(true));
    persisted.clear();
  }

  private JavaRDD<byte[]> persist(JavaRDD<byte[]> rdd, String name) {
    JavaRDD<byte[]> kept = rdd.setName(name).persist(StorageLevel.DISK_ONLY());
    persisted.add(kept);
    return kept;
  }

  private static JavaPairRDD<byte[], byte[]> pairs(JavaRDD<byte[]> blocks) {
    return blocks.flatMapToPair(block -> {
      List<Tuple2<byte[], byte[]>> rows = new ArrayList<>();
      FoldSteps.forEachRow(block, (key, value) -> rows.add(new Tuple2<>(key, value)));
      return rows.iterator();
    });
  }

  private static Iterator<Map.Entry<byte[], byte[]>> entries(
      Iterator<Tuple2<byte[], byte[]>> tuples) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return tuples.hasNext();
      }

      @Override
      public Map.Entry<byte[], byte[]> next() {
        Tuple2<byte[], byte[]> tuple = tuples.next();
        return new SimpleImmutableEntry<>(tuple._1(), tuple._2());
      }
    };
  }

  private static Iterator<byte[]> concatenated(
      Iterator<byte[]> containers, FoldSteps steps, long version) {
    return new Iterator<>() {
      private Iterator<byte[]> blocks = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!blocks.hasNext() && containers.hasNext()) {
          HeldContainer next = FoldValues.thaw(containers.next(), HeldContainer.class);
          blocks = stopping(steps.held(version, next));
        }
        return blocks.hasNext();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        return blocks.next();
      }
    };
  }

  /** Stops the producer when the task ends, however it ends. */
  private static Iterator<byte[]> stopping(FoldSteps.Blocks blocks) {
    TaskContext.get().addTaskCompletionListener((TaskContext task) -> blocks.close());
    return blocks;
  }

  /** Unsigned lexicographic order. */
  enum ByteOrder implements Comparator<byte[]> {
    INSTANCE;

    @Override
    public int compare(byte[] a, byte[] b) {
      return java.util.Arrays.compareUnsigned(a, b);
    }
  }
}
