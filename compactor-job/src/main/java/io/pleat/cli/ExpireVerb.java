package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.maintain.ExpireReport;
import io.pleat.maintain.ExpireRequest;
import io.pleat.maintain.Expirer;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "expire",
    header = "Lets old snapshots go, and files that no snapshot refers to.",
    description = {
      "Works in two steps, a run apart. First it condemns, in a commit of its own: snapshots that are neither among the newest nor young nor pinned by a reader, "
          + "files that only they refer to, and old files that nobody refers to, such as those of runs that were killed. A later run deletes what was condemned, "
          + "once the grace period is over by the store's clock, and then condemns anew. The newest snapshot and all that it holds always stay. Unfinished uploads to "
          + "an object store below DATASET are ended when they are as old as the grace period."
    })
final class ExpireVerb extends DatasetVerb {
  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "So many of the newest snapshots stay, at least 1. Those by expire itself do not count.")
  private int keep;

  @Option(
      names = "--older-than",
      paramLabel = "SPAN",
      defaultValue = "7d",
      converter = TimeSpan.Converter.class,
      description = "A snapshot stays until it is so old: 90s, 30m, 6h, 7d.")
  private Duration olderThan;

  @Option(
      names = "--grace",
      paramLabel = "SPAN",
      defaultValue = "1d",
      converter = TimeSpan.Converter.class,
      description =
          "Time between condemning and deleting. Longer than any run, and than readers without a lease take.")
  private Duration grace;

  @Option(names = "--dry-run", description = "Says what would be done, and does nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    ExpireRequest request = new ExpireRequest(keep, olderThan, grace, dryRun);
    ExpireReport report;
    try (Store store = Stores.open(location(), settings().hadoop())) {
      report = Expirer.expire(store, request, new ParquetCatalogWriter(), UUID.randomUUID());
    }
    Map<String, Object> facts = facts(report);
    metrics().addReport("expire", facts);
    report.waiting().forEach(messages()::say);
    if (json) {
      printJson(facts);
    } else {
      print(report);
    }
    return DONE;
  }

  private void print(ExpireReport report) throws IOException {
    String would = dryRun ? "would be " : "";
    out()
        .line("snapshots " + would + "expired: " + report.expired() + "; "
            + Count.of(report.deletedFiles(), "file") + " " + would + "deleted");
    out()
        .line("snapshots " + would + "condemned: " + report.condemned() + "; "
            + Count.of(report.condemnedFiles(), "file") + " ("
            + ByteSize.format(report.condemnedBytes())
            + ") " + would + "condemned");
    if (report.abortedUploads() > 0) {
      out().line(Count.of(report.abortedUploads(), "unfinished upload") + " ended");
    }
  }

  private void printJson(Map<String, Object> facts) throws IOException {
    try (JsonGenerator generator = Json.object(out())) {
      Json.writeValue(generator, facts);
    }
    out().line("");
  }

  private Map<String, Object> facts(ExpireReport report) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dryRun", dryRun);
    facts.put("version", report.version());
    facts.put("expiredSnapshots", report.expired().size());
    facts.put("deletedFiles", report.deletedFiles());
    facts.put("condemnedSnapshots", report.condemned().size());
    facts.put("condemnedFiles", report.condemnedFiles());
    facts.put("condemnedBytes", report.condemnedBytes());
    facts.put("abortedUploads", report.abortedUploads());
    facts.put("waiting", report.waiting());
    return facts;
  }
}
