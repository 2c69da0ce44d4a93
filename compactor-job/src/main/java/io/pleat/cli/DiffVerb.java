package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.SnapshotDiff;
import io.pleat.maintain.SnapshotDiff.Change;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    header = "Says how two snapshots differ.",
    description = {
      "Prints the files in which snapshot M of DATASET differs from snapshot N, in key order: '+' added, '-' removed, 'M' other bytes, 'a' the same bytes with other attributes.",
      "Which container has a file makes no difference. Directories are not compared."
    })
final class DiffVerb extends DatasetVerb {
  @Parameters(index = "1", paramLabel = "N", description = "The version to start from.")
  private long from;

  @Parameters(index = "2", paramLabel = "M", description = "The version to compare with it.")
  private long to;

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Override
  int run() throws IOException {
    try (FoldedDataset before = open(from);
        FoldedDataset after = open(to);
        JsonGenerator generator = json ? Json.lines(out()) : null) {
      SnapshotDiff.compare(
          before, after, (change, path, length) -> print(change, path, length, generator));
    }
    return DONE;
  }

  private FoldedDataset open(long version) throws IOException {
    return FoldedDataset.open(location(), version, settings().hadoop(), ReaderOptions.defaults());
  }

  private void print(Change change, LogicalPath path, long length, JsonGenerator generator)
      throws IOException {
    if (generator != null) {
      generator.writeStartObject();
      generator.writeStringField("change", change.name().toLowerCase(Locale.ROOT));
      generator.writeStringField("path", path.toString());
      generator.writeNumberField("length", length);
      generator.writeEndObject();
      generator.flush();
      out().print("\n");
      return;
    }
    out()
        .print(
            switch (change) {
              case ADDED -> "+ ";
              case REMOVED -> "- ";
              case CHANGED -> "M ";
              case ATTRIBUTES -> "a ";
            });
    out().name(path);
    out().line("");
  }
}
