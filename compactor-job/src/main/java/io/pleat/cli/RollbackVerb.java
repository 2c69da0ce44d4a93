package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.maintain.Rollback;
import io.pleat.maintain.RollbackReport;
import io.pleat.maintain.RollbackRequest;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rollback",
    header = "Makes an earlier snapshot the newest state.",
    description = {
      "Commits a new snapshot of DATASET that holds what the snapshot N held. Nothing is lost by that: the snapshots between stay until they expire.",
      "Files whose original was reclaimed since stay the only copy, and are known as such. Those that N does not hold as they are now are refused, unless "
          + "--only-copies gives their number."
    })
final class RollbackVerb extends DatasetVerb {
  @Parameters(index = "1", paramLabel = "N", description = "The version to go back to.")
  private long version;

  @Option(
      names = "--only-copies",
      paramLabel = "COUNT",
      defaultValue = "0",
      description = "So many only copies may become unreachable: exactly so many.")
  private long onlyCopies;

  @Option(names = "--dry-run", description = "Says what would be, writes nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    RollbackReport report = new Rollback(
            new RollbackRequest(location(), settings().hadoop(), version, onlyCopies, dryRun),
            new ParquetCatalogWriter())
        .run();
    if (json) {
      try (JsonGenerator generator = Json.object(out())) {
        generator.writeStartObject();
        generator.writeStringField("runId", report.runId().toString());
        generator.writeBooleanField("dryRun", report.dryRun());
        generator.writeNumberField("version", report.version());
        generator.writeNumberField("restored", report.restored());
        generator.writeNumberField("files", report.files());
        generator.writeNumberField("unreachableOnlyCopies", report.unreachable());
        generator.writeEndObject();
      }
      out().line("");
    } else {
      out()
          .line((report.dryRun() ? "would roll back to version " : "rolled back to version ")
              + report.restored() + ": " + Count.of(report.files(), "file")
              + (report.unreachable() > 0
                  ? ", without " + Count.of(report.unreachable(), "only copy", "only copies")
                  : ""));
      out().line("version " + report.version());
    }
    return DONE;
  }
}
