package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.fold.FoldGate;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.PendingCount;
import io.pleat.fold.PendingReport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pending",
    header = "Counts the files that wait to be folded, and says whether a fold is worth it.",
    description = {
      "Lists SOURCE, compares it with the newest snapshot of DATASET by the rules of fold, and counts what a fold would read: new and changed files, and racy "
          + "ones (modified in the instant of their fold). Reads no file of SOURCE, writes nothing, and needs no Spark.",
      "A fold is worth it when more than --min-files wait and the last fold is older than --min-age, or when more than --files-at-once wait. The decision "
          + "is the last line of the output, or 'fold' in --json; the exit code is 0 either way."
    })
final class PendingVerb extends Verb {
  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      converter = LocationText.class,
      description = "The tree to fold.")
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree; need not exist yet.")
  private String dataset;

  @Option(
      names = "--min-files",
      paramLabel = "N",
      defaultValue = "10000",
      description = "A fold starts when more files wait, and the last one is older than --min-age.")
  private long minFiles;

  @Option(
      names = "--min-age",
      paramLabel = "SPAN",
      defaultValue = "6h",
      converter = TimeSpan.Converter.class,
      description = "How old: 90s, 30m, 6h, 7d. A fold that failed does not count.")
  private Duration minAge;

  @Option(
      names = "--files-at-once",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "A fold starts when more files wait, however old the last one is.")
  private long filesAtOnce;

  @Mixin
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Directories listed at once; 0 is one for each core of a local tree, at least 16 elsewhere.")
  private int parallelism;

  @Option(
      names = "--max-rps",
      paramLabel = "N",
      defaultValue = "0",
      description = "Directories listed a second; 0 is no bound.")
  private long maxRequestsPerSecond;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    FoldGate gate = new FoldGate(minFiles, minAge, filesAtOnce);
    FoldOptions options = selection
        .toFoldOptions()
        .withParallelism(parallelism)
        .withMaxRequestsPerSecond(maxRequestsPerSecond);
    Progress progress = new Progress(messages(), metrics());
    PendingReport report;
    try {
      report = new PendingCount(
              new FoldRequest(source, dataset, settings().hadoop(), options), progress)
          .run();
    } finally {
      progress.done();
    }
    FoldGate.Decision decision =
        gate.decide(report.waitingFiles(), report.lastFold(), Instant.now());
    metrics().addReport("pending", report.toMap());
    metrics().add("pending_fold", "1 if a fold is worth it.", decision.fold() ? 1 : 0);
    if (json) {
      printJson(report, gate, decision);
    } else {
      print(report, decision);
    }
    if (report.notListed() > 0) {
      messages()
          .say(Count.of(report.notListed()) + " cannot be listed and would be left loose: "
              + String.join(", ", report.notListedSample())
              + (report.notListed() > report.notListedSample().size() ? ", ..." : ""));
    }
    return DONE;
  }

  private void print(PendingReport report, FoldGate.Decision decision) throws IOException {
    out()
        .line(Count.of(report.waitingFiles(), "file waits", "files wait") + " ("
            + ByteSize.format(report.waitingBytes()) + "): " + Count.of(report.newFiles())
            + " new, " + Count.of(report.changedFiles()) + " changed, "
            + Count.of(report.racyFiles()) + " to be read again");
    out()
        .line(Count.of(report.sourceFiles(), "file") + " in "
            + Count.of(report.directories(), "directory", "directories") + " of the source, "
            + Count.of(report.passThroughFiles()) + " too large to fold; "
            + (report.version().isPresent()
                ? "compared with version " + report.version().getAsLong()
                : "nothing was folded yet"));
    out().line((decision.fold() ? "fold: " : "wait: ") + decision.reason());
  }

  private void printJson(PendingReport report, FoldGate gate, FoldGate.Decision decision)
      throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("source", source);
    all.put("dataset", dataset);
    all.putAll(report.toMap());
    all.put("minFiles", gate.files());
    all.put("minAgeSeconds", gate.age().toSeconds());
    all.put("filesAtOnce", gate.filesAtOnce());
    all.put("fold", decision.fold());
    all.put("reason", decision.reason());
    try (JsonGenerator generator = Json.object(out())) {
      Json.writeValue(generator, all);
    }
    out().line("");
  }
}
