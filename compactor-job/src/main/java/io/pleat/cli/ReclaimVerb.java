package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.maintain.ReclaimOptions;
import io.pleat.maintain.ReclaimReport;
import io.pleat.maintain.ReclaimRequest;
import io.pleat.maintain.Reclaimer;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "reclaim",
    header = "Deletes originals that the dataset provably holds.",
    description = {
      "Deletes below SOURCE each file that the newest snapshot of DATASET holds: read again, and equal byte for byte to what its container gives. "
          + "The entry is then the only copy; 'unfold' brings the file back. Files that are racy, pass through, or changed since the fold stay.",
      "A run that was interrupted is finished by the next one. Stops at the first proof that fails twice, and exits with 1. An object store must "
          + "support If-Match on DELETE."
    })
final class ReclaimVerb extends EngineVerb {
  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      converter = LocationText.class,
      description = "The tree that DATASET was folded from.")
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Option(
      names = "--grace",
      paramLabel = "SPAN",
      defaultValue = "7d",
      converter = TimeSpan.Converter.class,
      description = "Leaves originals of entries that were committed less long ago.")
  private Duration grace;

  @Option(
      names = "--skip-trash",
      description = "Deletes at once, even where the store has a trash.")
  private boolean skipTrash;

  @Option(
      names = "--remove-empty-directories",
      description =
          "Removes directories that it emptied, and those above them that this empties; never SOURCE itself. 'unfold' brings them back with their attributes.")
  private boolean removeEmptyDirectories;

  @Option(
      names = "--dry-run",
      description =
          "Says what would be tried; reads no file's bytes and writes nothing but a probe that asks for the store's clock, and goes at once.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints the report as one JSON object.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    ReclaimRequest request = new ReclaimRequest(source, dataset, settings().hadoop(), options());
    Progress progress = new Progress(messages(), metrics());
    ReclaimReport report;
    try (TaskEngine engine = openEngine()) {
      report = Reclaimer.reclaim(
          request, engine, new ParquetCatalogWriter(), new ParquetAuditLog(), progress);
    } finally {
      progress.done();
    }
    metrics().addReport("reclaim", report.toMap());
    metrics()
        .add(
            "reclaim_failures",
            "Proofs that failed in the last reclaim.",
            report.failures().size());
    if (json) {
      try (JsonGenerator generator = Json.object(out())) {
        Json.writeValue(generator, report.toMap());
      }
      out().line("");
    } else {
      print(report);
    }
    for (String failure : report.failures()) {
      messages().say("stopped: " + EscapedName.inMessage(failure));
    }
    for (String kept : report.keptAside()) {
      messages().say(EscapedName.inMessage(kept));
    }
    if (!report.keptBySnapshots().isEmpty()) {
      messages()
          .say("snapshots keep the space of what is deleted: "
              + String.join(", ", report.keptBySnapshots()));
    }
    return report.failures().isEmpty() && report.keptAside().isEmpty() ? DONE : FAILED;
  }

  private ReclaimOptions options() {
    return ReclaimOptions.defaults()
        .withGrace(grace)
        .withTrash(!skipTrash)
        .withDryRun(dryRun)
        .withEmptyDirectories(removeEmptyDirectories);
  }

  private void print(ReclaimReport report) throws IOException {
    String what = dryRun ? "proven" : "deleted";
    long files = report.outcomes().getOrDefault(what, 0L);
    String stay = report.outcomes().entrySet().stream()
        .filter(each -> !each.getKey().equals("proven") && !each.getKey().equals("deleted"))
        .map(each -> String.format(Locale.ROOT, ", %,d %s", each.getValue(), each.getKey()))
        .collect(Collectors.joining());
    out()
        .line(String.format(
            Locale.ROOT,
            "%s %s (%s) in %.1f s%s; version %d",
            dryRun ? "would prove and delete" : "deleted",
            Count.of(files, "original"),
            ByteSize.format(report.bytes().getOrDefault(what, 0L)),
            report.seconds(),
            stay,
            report.version()));
  }
}
