package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.RemoveReport;
import io.pleat.maintain.RemoveRequest;
import io.pleat.maintain.Remover;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    header = "Removes files from a dataset.",
    description = {
      "Removes files, and with -r directories, from DATASET: all of them in one snapshot, or none. The source is not touched.",
      "What is removed stays away: the next fold leaves it out for as long as the source has it unchanged. Earlier snapshots still have it, "
          + "until they expire; 'pleat rollback' brings it back."
    })
final class RmVerb extends DatasetVerb {
  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PATH",
      description = "The files and directories.")
  private List<String> paths;

  @Option(names = "-r", description = "Directories, too, with all that is in them.")
  private boolean recursive;

  @Option(
      names = "--only-copy",
      description =
          "Also files whose original was reclaimed, so that the dataset has the only copy.")
  private boolean onlyCopy;

  @Option(names = "--dry-run", description = "Says what would be removed, writes nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    List<LogicalPath> targets = new ArrayList<>();
    for (String path : paths) {
      targets.add(path(path));
    }
    RemoveRequest request =
        new RemoveRequest(location(), settings().hadoop(), targets, recursive, onlyCopy, dryRun);
    RemoveReport report = new Remover(request, new ParquetCatalogWriter()).run();
    metrics().addReport("rm", report.toMap());
    if (json) {
      printJson(report);
    } else {
      print(report);
    }
    return DONE;
  }

  private void print(RemoveReport report) throws IOException {
    out()
        .line((report.dryRun() ? "would remove " : "removed ")
            + Count.of(report.files(), "file") + " (" + ByteSize.format(report.bytes()) + ")"
            + (report.directories() > 0
                ? report.directories() == 1
                    ? " and 1 directory"
                    : " and " + Count.of(report.directories()) + " directories"
                : "")
            + (report.onlyCopies() > 0
                ? ", " + Count.of(report.onlyCopies()) + " of them the only copy"
                : ""));
    out().line("version " + report.version());
  }

  private void printJson(RemoveReport report) throws IOException {
    try (JsonGenerator generator = Json.object(out())) {
      Json.writeValue(generator, report.toMap());
    }
    out().line("");
  }
}
