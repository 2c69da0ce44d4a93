package io.pleat.maintain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RecordedRun;
import io.pleat.dataset.RunHistory;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.maintain.Survey.CompactionGain;
import io.pleat.maintain.Survey.DeadSpace;
import io.pleat.maintain.Survey.GrowthPoint;
import io.pleat.maintain.Survey.NameNodeHeap;
import io.pleat.maintain.Survey.ReclaimGain;
import io.pleat.maintain.Survey.Run;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * Looks at a dataset, in one pass over its index blocks and in memory that is bounded whatever it holds: no row of a file is kept. Writes nothing.
 */
public final class Surveyor {
  private static final int MOST_DIRECTORIES = 20;
  private static final int MOST_DEAD_CONTAINERS = 20;
  private static final int MOST_SNAPSHOTS = 200;
  private static final int MOST_RUNS = 100;
  private static final int FILL_STEPS = 10;

  private final Store store;
  private final DatasetLog log;
  private final FoldedDataset dataset;
  private final Snapshot head;
  private final BlockCount blockCount;
  private final List<String> gaps = new ArrayList<>();
  private final SizeClasses before = new SizeClasses();
  private final SizeClasses passThrough = new SizeClasses();
  private final LargestDirectories directories = new LargestDirectories(MOST_DIRECTORIES);
  private final Map<ContainerId, ReclaimedRows> reclaimed = new HashMap<>();
  private final List<Run> runs = new ArrayList<>();
  private Map<String, Long> looseByReason;
  private long containerBytes;
  private long reclaimFiles;
  private long reclaimBytes;
  private long racyFiles;
  private long blocksBefore;
  private long passThroughBlocks;

  private Surveyor(Store store, DatasetLog log, FoldedDataset dataset) {
    this.store = store;
    this.log = log;
    this.dataset = dataset;
    this.head = dataset.snapshot();
    this.blockCount = new BlockCount(store);
  }

  /**
   * Surveys the newest snapshot. A container, older snapshot or note that is damaged becomes a gap.
   *
   * @throws NoSuchFileException if there is no dataset
   * @throws CorruptDataException if the newest snapshot, its manifest or a deletion vector is damaged
   */
  public static Survey survey(Store store) throws IOException {
    DatasetLog log = DatasetLog.open(store);
    try (FoldedDataset dataset = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults())) {
      return new Surveyor(store, log, dataset).run();
    }
  }

  private Survey run() throws IOException {
    readReclaimed();
    list();
    readRuns();
    List<GrowthPoint> growth = growth();
    List<ContainerWeight> weights = weigh();
    DatasetTotals totals = DatasetTotals.of(dataset, store);
    SizeClasses after = new SizeClasses();
    after.addAll(totals.sizes());
    after.addAll(passThrough);
    long readable = head.retention().kept(head.version()).size();
    return new Survey(
        store.location(),
        head,
        totals,
        before,
        after,
        growth,
        Math.max(0, readable - MOST_SNAPSHOTS),
        containerBytes,
        fills(weights),
        mostDead(weights),
        directories.byFiles(),
        directories.byBytes(),
        looseByReason == null ? Map.of() : looseByReason,
        compaction(weights),
        new ReclaimGain(reclaimFiles, reclaimBytes, racyFiles, head.reclaimedFiles()),
        heap(totals),
        runs,
        gaps);
  }

  private void readReclaimed() throws IOException {
    for (Snapshot.ReclaimedReference each : head.reclaimed()) {
      try {
        reclaimed.put(each.container(), log.reclaimedRows(head, each.container()));
      } catch (CorruptDataException | UnsupportedFormatException | NoSuchFileException e) {
        gaps.add("which files of a container are only copies is not known: " + Reason.of(e));
      }
    }
  }

  private void list() throws IOException {
    try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      items.forEach(item -> {
        directories.add(item);
        item.file().ifPresent(this::count);
      });
    } catch (UncheckedIOException e) {
      if (!isDamage(e.getCause())) {
        throw e.getCause();
      }
      gaps.add("files of a damaged container are not counted, 'pleat verify' names them all: "
          + Reason.of(e.getCause()));
    }
    directories.end();
  }

  private void count(Entry entry) {
    before.add(entry.length());
    long blocks = blockCount.of(entry.length());
    blocksBefore += blocks;
    if (entry.kind() == Entry.Kind.PASS_THROUGH) {
      passThrough.add(entry.length());
      passThroughBlocks += blocks;
    } else if (entry.racy()) {
      racyFiles++;
    } else if (!isReclaimed(entry)) {
      reclaimFiles++;
      reclaimBytes += entry.length();
    }
  }

  private boolean isReclaimed(Entry entry) {
    return reclaimed
        .getOrDefault(entry.extent().container(), ReclaimedRows.NONE)
        .contains(entry.ordinal());
  }

  private static boolean isDamage(IOException e) {
    return e instanceof CorruptDataException
        || e instanceof UnsupportedFormatException
        || e instanceof NoSuchFileException;
  }

  private void readRuns() throws IOException {
    ObjectMapper json = new ObjectMapper();
    RunHistory.forEach(store, MOST_RUNS, run -> {
      JsonNode record;
      try {
        record = json.readTree(run.json());
      } catch (JsonProcessingException e) {
        gaps.add("the record of run " + run.runId() + " cannot be read: " + e.getOriginalMessage());
        return true;
      }
      runs.add(run(run, record));
      if (run.verb().equals("fold") && record.has("report") && looseByReason == null) {
        containerBytes = record.path("options").path("containerSize").asLong();
        looseByReason = counts(record.path("report").path("looseByReason"));
      }
      return true;
    });
    if (containerBytes <= 0) {
      containerBytes = CompactionRules.defaults().containerBytes();
    }
  }

  private static Run run(RecordedRun run, JsonNode record) {
    Optional<Instant> started = instant(record.path("started").asText());
    JsonNode newFiles = record.path("report").path("newFiles");
    return new Run(
        run.runId(),
        run.verb(),
        run.outcome(),
        run.finished(),
        started.isPresent() && run.finished().isPresent()
            ? Optional.of(Duration.between(started.get(), run.finished().get()).toMillis() / 1e3)
            : Optional.empty(),
        newFiles.isIntegralNumber() ? Optional.of(newFiles.asLong()) : Optional.empty());
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Long> counts(JsonNode object) {
    Map<String, Long> counts = new LinkedHashMap<>();
    object
        .properties()
        .forEach(each -> counts.put(each.getKey(), each.getValue().asLong()));
    return counts;
  }

  private List<GrowthPoint> growth() throws IOException {
    long[] versions = head.retention().kept(head.version()).stream().toArray();
    List<GrowthPoint> points = new ArrayList<>();
    for (int i = Math.max(0, versions.length - MOST_SNAPSHOTS); i < versions.length; i++) {
      try {
        points.add(point(versions[i] == head.version() ? head : log.snapshot(versions[i])));
      } catch (SnapshotExpiredException e) {
        continue; // since the head was read
      } catch (CorruptDataException | UnsupportedFormatException | NoSuchFileException e) {
        gaps.add("snapshot " + versions[i] + " cannot be read: " + Reason.of(e));
      }
    }
    return points;
  }

  private static GrowthPoint point(Snapshot snapshot) {
    SnapshotStatistics statistics = snapshot.statistics();
    return new GrowthPoint(
        snapshot.version(),
        snapshot.committedAt(),
        snapshot.operation(),
        statistics.files(),
        statistics.payloadBytes() + statistics.passThroughBytes(),
        snapshot.manifests().stream()
            .mapToLong(manifest -> manifest.containers())
            .sum());
  }

  private List<ContainerWeight> weigh() throws IOException {
    List<ContainerWeight> weights = new ArrayList<>();
    for (ContainerSummary container : dataset.containers()) {
      try {
        weights.add(ContainerWeight.measure(
            store, container, log.deletionVector(head, container.id()).toBitmap()));
      } catch (CorruptDataException | UnsupportedFormatException | NoSuchFileException e) {
        gaps.add("what of a container is dead is not known: " + Reason.of(e));
      }
    }
    return weights;
  }

  private List<Integer> fills(List<ContainerWeight> weights) {
    int[] counts = new int[FILL_STEPS + 1];
    for (ContainerWeight weight : weights) {
      double fill = (double) weight.livePayloadBytes() / containerBytes;
      counts[(int) Math.min(FILL_STEPS, fill * FILL_STEPS)]++;
    }
    List<Integer> fills = new ArrayList<>();
    for (int count : counts) {
      fills.add(count);
    }
    return fills;
  }

  private static List<DeadSpace> mostDead(List<ContainerWeight> weights) {
    Comparator<DeadSpace> byDeadBytes =
        Comparator.comparingLong(DeadSpace::deadBytes).thenComparing(DeadSpace::container);
    PriorityQueue<DeadSpace> most = new PriorityQueue<>(byDeadBytes);
    for (ContainerWeight weight : weights) {
      ContainerSummary container = weight.container();
      long dead = container.storedBytes() - weight.liveStoredBytes();
      if (dead > 0) {
        most.add(new DeadSpace(
            container.id(),
            weight.liveEntries(),
            container.entries(),
            weight.liveStoredBytes(),
            dead));
        if (most.size() > MOST_DEAD_CONTAINERS) {
          most.poll();
        }
      }
    }
    return most.stream().sorted(byDeadBytes.reversed()).toList();
  }

  private CompactionGain compaction(List<ContainerWeight> weights) throws IOException {
    CompactionRules rules = CompactionRules.defaults();
    List<CompactionGroup> groups = new CompactionPlanner(rules)
        .plan(weights, DamageNote.containers(store, DamageNote.State.FOUND));
    int removed = 0;
    int added = 0;
    long bytesRemoved = 0;
    long bytesAdded = 0;
    for (CompactionGroup group : groups) {
      removed += group.containers().size();
      added += group.newContainers(rules);
      bytesAdded += group.newBytes();
      for (ContainerWeight each : group.containers()) {
        bytesRemoved += each.container().length();
      }
    }
    return new CompactionGain(removed, added, bytesRemoved, bytesAdded);
  }

  private NameNodeHeap heap(DatasetTotals totals) {
    SnapshotStatistics statistics = head.statistics();
    long loose = 2 * statistics.looseFiles(); // small: an inode and a block
    long directories = statistics.sourceDirectories();
    return new NameNodeHeap(
        blockCount.hasNameNode(),
        statistics.files() + blocksBefore + loose + directories,
        totals.files()
            + totals.directories()
            + totals.likelyBlocks()
            + statistics.passThroughFiles()
            + passThroughBlocks
            + loose
            + directories);
  }
}
