package io.pleat.fold.spark;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.LooseList;
import io.pleat.fold.FoldEngine;
import io.pleat.fold.FoldGroup;
import io.pleat.fold.FoldSteps;
import io.pleat.fold.FoldValues;
import io.pleat.fold.ListingBudget;
import io.pleat.fold.ListingTotals;
import io.pleat.fold.PlanSlice;
import io.pleat.fold.StagedGroup;
import java.io.IOException;
import java.io.Serializable;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Runs the steps of a fold as Spark jobs. Rows live in executors, packed into blocks and spilled to their disks; the driver sees totals,
 * slices and staged containers only.
 */
final class SparkEngine implements FoldEngine {
  /* The first round finds directories to share out, the second finds out where the mass lies, the others list it. */
  private static final long SECOND_ROUND_COST = 5_000;
  private static final long ROUND_COST = 50_000;

  /** Directories that a listing task starts with at most. */
  private static final long UNITS_PER_TASK = 20_000;

  /** Rows of one part of the list of loose files, about. */
  private static final long ROWS_PER_LOOSE_LIST = 100_000;

  /** Rows that a sorting task is meant to have: some tens of MB. */
  private static final long ROWS_PER_SORT = 100_000;

  private final JavaSparkContext context;
  private final int concurrentTasks;
  private final List<JavaRDD<byte[]>> persisted = new ArrayList<>();
  private JavaRDD<byte[]> listing;
  private JavaRDD<byte[]> plan;
  private ListingTotals totals;

  /** Counts a task that was tried twice twice: good enough for a display. */
  private final LongAccumulator writtenFiles;

  private final LongAccumulator writtenBytes;

  SparkEngine(JavaSparkContext context, int parallelism) {
    this.context = context;
    this.writtenFiles = context.sc().longAccumulator();
    this.writtenBytes = context.sc().longAccumulator();
    this.concurrentTasks =
        parallelism > 0 ? parallelism : Math.max(1, context.defaultParallelism());
  }

  @Override
  public int concurrentTasks() {
    return concurrentTasks;
  }

  @Override
  public ListingTotals inventory(FoldSteps steps) throws IOException {
    return run(() -> {
      ListingTotals all = new ListingTotals();
      JavaRDD<byte[]> units = context.parallelize(List.of(FoldSteps.rootUnit()), 1);
      ListingBudget budget = new ListingBudget(SECOND_ROUND_COST, concurrentTasks);
      for (long cost = SECOND_ROUND_COST; ; cost = ROUND_COST) {
        ListingBudget taskBudget = budget;
        JavaRDD<byte[]> round =
            persist(units.mapPartitions(part -> stopping(steps.list(part, taskBudget))), "listing");
        listing = listing == null ? round : listing.union(round);
        ListingTotals found = new ListingTotals();
        round
            .mapPartitions(blocks -> FoldValues.freeze(FoldSteps.totals(blocks)))
            .collect()
            .forEach(bytes -> found.add(FoldValues.thaw(bytes, ListingTotals.class)));
        all.add(found);
        if (found.leftoverUnits() == 0) {
          break;
        }
        units = round.flatMap(FoldSteps::leftover).repartition(listingTasks(found.leftoverUnits()));
        budget = new ListingBudget(cost, Integer.MAX_VALUE);
      }
      totals = all;
      return all;
    });
  }

  private int listingTasks(long units) {
    return (int) Math.max(2L * concurrentTasks, (units + UNITS_PER_TASK - 1) / UNITS_PER_TASK);
  }

  @Override
  public List<PlanSlice> plan(
      FoldSteps steps, OptionalLong baseVersion, List<ContainerSummary> base) throws IOException {
    return run(() -> {
      JavaPairRDD<byte[], byte[]> rows = pairs(listing);
      long heldRows = 0;
      if (baseVersion.isPresent() && !base.isEmpty()) {
        long version = baseVersion.getAsLong();
        List<byte[]> numbered = new ArrayList<>();
        for (int i = 0; i < base.size(); i++) {
          numbered.add(FoldValues.bytes(new HeldContainer(i, base.get(i))));
          heldRows += base.get(i).entries();
        }
        JavaRDD<byte[]> held = context
            .parallelize(numbered, numbered.size())
            .mapPartitions(part -> concatenated(part, steps, version));
        rows = rows.union(pairs(held));
      }
      int partitions = sortPartitions(totals.rows() + heldRows);
      KeyPartitioner partitioner = new KeyPartitioner(totals.keyCuts(partitions));
      plan = persist(
          rows.repartitionAndSortWithinPartitions(partitioner, ByteOrder.INSTANCE)
              .mapPartitionsWithIndex((index, part) -> steps.plan(index, entries(part)), true),
          "plan");
      return FoldValues.thawAll(
          plan.mapPartitionsWithIndex(
                  (index, blocks) -> FoldValues.freeze(steps.slices(index, blocks)), true)
              .collect(),
          PlanSlice.class);
    });
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
    return run(() -> {
      List<FoldGroup> all = new ArrayList<>(groups);
      LongAccumulator fileCount = writtenFiles; // not this engine: only they travel
      LongAccumulator byteCount = writtenBytes;
      List<byte[]> staged = plan.rdd()
          .coalesce(
              all.size(),
              false,
              scala.Option.apply(new GroupCoalescer(all)),
              scala.math.Ordering.ordered((byte[] bytes) -> null))
          .toJavaRDD()
          .mapPartitionsWithIndex(
              (index, blocks) -> {
                StagedGroup group = steps.write(index, all.size(), all.get(index), blocks);
                fileCount.add(group.newFiles());
                byteCount.add(group.newBytes());
                return FoldValues.freeze(List.of(group));
              },
              true)
          .collect();
      return FoldValues.thawAll(staged, StagedGroup.class);
    });
  }

  @Override
  public List<LooseList> writeLoose(FoldSteps steps) throws IOException {
    return run(() -> FoldValues.thawAll(
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
          blocks = stopping(steps.held(version, next.index(), next.summary()));
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

  /** A container of the base snapshot with its place in the base's list. */
  private record HeldContainer(int index, ContainerSummary summary) implements Serializable {}

  /** Stops the producer when the task ends, however it ends. */
  private static Iterator<byte[]> stopping(FoldSteps.Blocks blocks) {
    TaskContext.get().addTaskCompletionListener((TaskContext task) -> blocks.close());
    return blocks;
  }

  private interface Job<T> {
    T run() throws Exception;
  }

  /** Runs a job; an error of ours in a task comes out as itself, not as Spark's report of it. */
  private static <T> T run(Job<T> job) throws IOException {
    try {
      return job.run();
    } catch (IOException | RuntimeException e) {
      throw cause(e);
    } catch (Exception e) {
      throw cause(e);
    }
  }

  /** The outermost error of ours: what caused it says less, and in another's words. */
  private static IOException cause(Exception failure) {
    Throwable deepest = failure;
    while (true) {
      if (deepest instanceof IOException io) {
        return io;
      }
      if (deepest.getCause() == null || deepest.getCause() == deepest) {
        break;
      }
      deepest = deepest.getCause();
    }
    String message = deepest instanceof SparkException || deepest.getMessage() == null
        ? deepest.toString()
        : deepest.getMessage();
    return new IOException(firstLine(message), failure);
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
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
