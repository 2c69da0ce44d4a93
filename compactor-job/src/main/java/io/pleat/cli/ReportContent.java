package io.pleat.cli;

import io.pleat.cli.ReportChart.Kind;
import io.pleat.cli.ReportChart.Series;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.maintain.DirectorySize;
import io.pleat.maintain.SizeClasses.SizeClass;
import io.pleat.maintain.Survey;
import io.pleat.maintain.Survey.CompactionGain;
import io.pleat.maintain.Survey.DeadSpace;
import io.pleat.maintain.Survey.GrowthPoint;
import io.pleat.maintain.Survey.NameNodeHeap;
import io.pleat.maintain.Survey.ReclaimGain;
import io.pleat.maintain.Survey.Run;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Puts a survey into words, charts and tables. */
final class ReportContent {
  private static final Set<String> GOOD =
      Set.of("committed", "done", "mended", "sound", "nothing to do", "nothing done");

  private final Survey survey;
  private final Snapshot snapshot;
  private final SnapshotStatistics statistics;

  ReportContent(Survey survey) {
    this.survey = survey;
    this.snapshot = survey.snapshot();
    this.statistics = snapshot.statistics();
  }

  /** What the page is of. */
  String subtitle(Instant made) {
    return "Version " + snapshot.version() + ", " + snapshot.operation() + " of "
        + time(snapshot.committedAt()) + ", folded from " + snapshot.sourceRoot()
        + ". Looked at " + time(made) + ".";
  }

  /** The few figures that matter most, by what they are. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("files", Count.of(statistics.files()));
    figures.put(
        "original bytes",
        ByteSize.format(statistics.payloadBytes() + statistics.passThroughBytes()));
    figures.put("containers", Count.of(survey.totals().containers()));
    figures.put(
        "objects after reclaim",
        Count.fewer(survey.objectsBefore(), survey.totals().objectsAfter()));
    figures.put("name-node heap saved", signedBytes(survey.heap().savedBytes()));
    figures.put("left loose", Count.of(statistics.looseFiles()));
    return figures;
  }

  /** All parts, in the order in which they are read. */
  List<ReportSection> sections() {
    List<ReportSection> all = new ArrayList<>();
    all.add(objects());
    all.add(sizes("size-files", "Files by size", "files", Kind.LOG_COLUMNS, SizeClass::files));
    all.add(sizes("size-bytes", "Bytes by size of file", "bytes", Kind.COLUMNS, SizeClass::bytes));
    all.add(growth("growth-files", "Files over snapshots", "files", GrowthPoint::files));
    all.add(growth("growth-bytes", "Bytes over snapshots", "bytes", GrowthPoint::bytes));
    all.add(fills());
    all.add(deadBytes());
    all.add(directories(
        "directories-files", "Directories with the most files", "files", survey.byFiles()));
    all.add(directories(
        "directories-bytes", "Directories with the most bytes", "bytes", survey.byBytes()));
    all.add(notFolded());
    all.add(gains());
    all.add(heap());
    all.add(runs());
    return all;
  }

  private ReportSection objects() {
    long before = survey.objectsBefore();
    long now = survey.objectsNow();
    long after = survey.totals().objectsAfter();
    List<String> labels = List.of("before", "now", "after reclaim");
    return new ReportSection(
        "objects",
        "Objects before and after",
        Count.of(before, "file") + " would be as many objects on their own. With the dataset's own "
            + Count.of(survey.totals().files(), "file") + " it is " + Count.of(now) + " now, and "
            + Count.of(after) + " once the originals are reclaimed: "
            + Count.fewer(before, after) + ".",
        Optional.of(ReportChart.of(
            Kind.LOG_COLUMNS, "objects", labels, "objects", List.of(before, now, after))),
        List.of("", "objects"),
        List.of(
            List.of(labels.get(0), Count.of(before)),
            List.of(labels.get(1), Count.of(now)),
            List.of(labels.get(2), Count.of(after))));
  }

  private ReportSection sizes(
      String id, String title, String unit, Kind kind, ToLongFunction<SizeClass> value) {
    List<SizeClass> before = survey.before().classes();
    List<SizeClass> after = survey.after().classes();
    List<String> labels = new ArrayList<>();
    List<Long> valuesBefore = new ArrayList<>();
    List<Long> valuesAfter = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      String label = label(before.get(i));
      labels.add(label);
      valuesBefore.add(value.applyAsLong(before.get(i)));
      valuesAfter.add(value.applyAsLong(after.get(i)));
      rows.add(List.of(label, shown(valuesBefore.get(i), unit), shown(valuesAfter.get(i), unit)));
    }
    return new ReportSection(
        id,
        title,
        "Before: the files of the tree. After: those of the dataset, and those that are too large to fold.",
        Optional.of(new ReportChart(
            kind,
            unit,
            labels,
            List.of(
                new Series("before", "second", valuesBefore),
                new Series("after", "first", valuesAfter)))),
        List.of("size", unit + " before", unit + " after"),
        rows);
  }

  private static String label(SizeClass of) {
    if (of.from() == 0) {
      return "empty";
    }
    return of.to() == Long.MAX_VALUE
        ? "from " + roundSize(of.from())
        : "under " + roundSize(of.to());
  }

  /** Ends of size classes are round. */
  private static String roundSize(long bytes) {
    return ByteSize.format(bytes).replace(".0 ", " ");
  }

  private ReportSection growth(
      String id, String title, String unit, ToLongFunction<GrowthPoint> value) {
    List<GrowthPoint> points = survey.growth();
    List<List<String>> rows = new ArrayList<>();
    long before = -1;
    for (GrowthPoint point : points) {
      long now = value.applyAsLong(point);
      rows.add(List.of(
          point.version() + ", " + time(point.committedAt()),
          point.operation(),
          shown(now, unit),
          before < 0 ? "" : unit.equals("bytes") ? signedBytes(now - before) : signed(now - before),
          Count.of(point.containers())));
      before = now;
    }
    Collections.reverse(rows);
    return new ReportSection(
        id,
        title,
        Count.of(points.size(), "snapshot")
            + (survey.olderSnapshots() > 0
                ? ", and " + Count.of(survey.olderSnapshots()) + " older ones that are not shown"
                : "")
            + ". What each holds, pass-through files included.",
        Optional.of(ReportChart.of(
            Kind.LINES,
            unit,
            points.stream()
                .map(point -> point.version() + ", " + day(point.committedAt()))
                .toList(),
            unit,
            points.stream().map(value::applyAsLong).toList())),
        List.of("version", "by", unit, "change", "containers"),
        rows);
  }

  private ReportSection fills() {
    List<String> labels = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    int steps = survey.fills().size() - 1;
    for (int i = 0; i <= steps; i++) {
      int from = 100 * i / steps;
      labels.add(i == steps ? "100 % and more" : from + " to " + 100 * (i + 1) / steps + " %");
      rows.add(List.of(labels.get(i), Count.of(survey.fills().get(i))));
    }
    return new ReportSection(
        "fill",
        "How full containers are",
        Count.of(survey.totals().containers(), "container") + "; one is full with live files of "
            + ByteSize.format(survey.containerBytes())
            + ", as the last fold was told. The last one of a fold is as full as it happens to be.",
        Optional.of(
            ReportChart.of(Kind.COLUMNS, "containers", labels, "containers", survey.fills())),
        List.of("filled to", "containers"),
        rows);
  }

  private ReportSection deadBytes() {
    List<DeadSpace> most = survey.mostDead();
    List<String> labels = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (DeadSpace each : most) {
      labels.add(each.container().toString());
      rows.add(List.of(
          ContainerSummary.pathOf(each.container()).toString(),
          ByteSize.format(each.liveBytes()),
          ByteSize.format(each.deadBytes()),
          Count.of(each.liveEntries()) + " of " + Count.of(each.entries())));
    }
    long dead = survey.totals().deadBytes();
    return new ReportSection(
        "dead",
        "Dead bytes",
        dead == 0
            ? "No byte of any container is dead."
            : ByteSize.format(dead)
                + " in containers belong to files that were removed or replaced. "
                + "The containers with most of them:",
        most.isEmpty()
            ? Optional.empty()
            : Optional.of(new ReportChart(
                Kind.STACKED_BARS,
                "bytes",
                labels,
                List.of(
                    new Series(
                        "live", "first", most.stream().map(DeadSpace::liveBytes).toList()),
                    new Series(
                        "dead", "bad", most.stream().map(DeadSpace::deadBytes).toList())))),
        List.of("container", "live", "dead", "live files"),
        rows);
  }

  private ReportSection directories(
      String id, String title, String unit, List<DirectorySize> largest) {
    List<String> labels = new ArrayList<>();
    List<Long> values = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (DirectorySize each : largest) {
      String name = EscapedName.of(each.path().toString());
      labels.add(name);
      values.add(unit.equals("bytes") ? each.bytes() : each.files());
      rows.add(List.of(name, Count.of(each.files()), ByteSize.format(each.bytes())));
    }
    return new ReportSection(
        id,
        title,
        largest.isEmpty()
            ? "There are no directories below the root."
            : "With all that is below them. Directories that hold nothing but one other are left out.",
        largest.isEmpty()
            ? Optional.empty()
            : Optional.of(ReportChart.of(Kind.BARS, unit, labels, unit, values)),
        List.of("directory", "files", "bytes"),
        rows);
  }

  private ReportSection notFolded() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of(
        "folded", Count.of(statistics.foldedFiles()), ByteSize.format(statistics.payloadBytes())));
    rows.add(List.of(
        "pass-through",
        Count.of(statistics.passThroughFiles()),
        ByteSize.format(statistics.passThroughBytes())));
    rows.add(List.of("loose", Count.of(statistics.looseFiles()), ""));
    survey
        .looseByReason()
        .forEach((reason, files) -> rows.add(List.of("loose: " + reason, Count.of(files), "")));
    return new ReportSection(
        "not-folded",
        "Loose and pass-through files",
        Count.of(statistics.passThroughFiles(), "file") + " ("
            + ByteSize.format(statistics.passThroughBytes())
            + ") too large to fold stay where they are and are read from there; "
            + Count.of(statistics.looseFiles()) + " small ones were left loose by the last fold.",
        Optional.of(ReportChart.of(
            Kind.LOG_COLUMNS,
            "files",
            List.of("folded", "pass-through", "loose"),
            "files",
            List.of(
                statistics.foldedFiles(), statistics.passThroughFiles(), statistics.looseFiles()))),
        List.of("", "files", "bytes"),
        rows);
  }

  private ReportSection gains() {
    CompactionGain compaction = survey.compaction();
    ReclaimGain reclaim = survey.reclaim();
    long freed = Math.max(0, compaction.bytesRemoved() - compaction.bytesAdded());
    String compacting = compaction.removed() == 0
        ? "compact has nothing to do. "
        : "compact would make " + Count.of(compaction.removed(), "container") + " into "
            + Count.of(compaction.added()) + " and free " + ByteSize.format(freed)
            + " once older snapshots have expired. ";
    return new ReportSection(
        "gains",
        "What compact and reclaim would gain",
        compacting + "reclaim would delete up to " + Count.of(reclaim.files(), "original") + " ("
            + ByteSize.format(reclaim.bytes())
            + "), those that are there unchanged; " + Count.of(reclaim.reclaimedFiles())
            + " were reclaimed before, and " + Count.of(reclaim.racyFiles())
            + " must be folded again first.",
        Optional.of(ReportChart.of(
            Kind.BARS,
            "bytes",
            List.of("compact", "reclaim"),
            "bytes freed",
            List.of(freed, reclaim.bytes()))),
        List.of("", "files", "bytes freed"),
        List.of(
            List.of(
                "compact",
                Count.of(compaction.removed()) + " \u2192 " + Count.of(compaction.added()),
                ByteSize.format(freed)),
            List.of("reclaim", Count.of(reclaim.files()), ByteSize.format(reclaim.bytes()))));
  }

  private ReportSection heap() {
    NameNodeHeap heap = survey.heap();
    long each = NameNodeHeap.BYTES_AN_OBJECT;
    String formula = String.format(
        Locale.ROOT,
        "(%,d inodes and blocks before \u2212 %,d after reclaim) \u00d7 %d bytes = %s.",
        heap.objectsBefore(),
        heap.objectsAfter(),
        each,
        signedBytes(heap.savedBytes()));
    return new ReportSection(
        "heap",
        "Name-node heap saved",
        (heap.isThere()
                ? ""
                : "There is no name node here; one that held both, with blocks of 128 MiB, would save: ")
            + formula
            + " A file of one block, that is an inode and a block, was measured to take 2 \u00d7 "
            + each + " bytes. Directories stay.",
        Optional.of(ReportChart.of(
            Kind.COLUMNS,
            "bytes",
            List.of("before", "after reclaim"),
            "heap",
            List.of(heap.objectsBefore() * each, heap.objectsAfter() * each))),
        List.of("", "inodes and blocks", "heap"),
        List.of(
            List.of(
                "before",
                Count.of(heap.objectsBefore()),
                ByteSize.format(heap.objectsBefore() * each)),
            List.of(
                "after reclaim",
                Count.of(heap.objectsAfter()),
                ByteSize.format(heap.objectsAfter() * each))));
  }

  private ReportSection runs() {
    List<String> labels = new ArrayList<>();
    List<Double> good = new ArrayList<>();
    List<Double> bad = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (Run run : survey.runs()) {
      boolean isGood = GOOD.contains(run.outcome());
      double seconds = run.seconds().orElse(0.0);
      labels.add(run.verb() + run.finished().map(end -> ", " + day(end)).orElse(""));
      good.add(isGood ? seconds : 0);
      bad.add(isGood ? 0 : seconds);
      rows.add(List.of(
          run.finished().map(ReportContent::time).orElse("?"),
          run.verb(),
          run.outcome(),
          run.seconds().map(s -> String.format(Locale.ROOT, "%,.1f s", s)).orElse(""),
          run.newFiles().map(Count::of).orElse("")));
    }
    Collections.reverse(labels);
    Collections.reverse(good);
    Collections.reverse(bad);
    return new ReportSection(
        "runs",
        "Runs",
        rows.isEmpty()
            ? "No run left a record."
            : "How long runs took, by their records in _pleat/runs; at most the last hundred.",
        rows.isEmpty()
            ? Optional.empty()
            : Optional.of(new ReportChart(
                Kind.STACKED_COLUMNS,
                "seconds",
                labels,
                List.of(
                    new Series("went well", "good", good),
                    new Series("failed, stopped or unknown", "bad", bad)))),
        List.of("ended", "verb", "outcome", "took", "new files"),
        rows);
  }

  private static String shown(long value, String unit) {
    return unit.equals("bytes") ? ByteSize.format(value) : Count.of(value);
  }

  private static String signed(long value) {
    return String.format(Locale.ROOT, "%+,d", value);
  }

  private static String signedBytes(long bytes) {
    return bytes < 0 ? "\u2212" + ByteSize.format(-(double) bytes) : ByteSize.format(bytes);
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.MINUTES).toString().replace("T", " ").replace(":00Z", " UTC");
  }

  private static String day(Instant at) {
    return at.toString().substring(0, 10);
  }
}
