package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.DatasetTotals;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "stat",
    header = "Says what a dataset holds and saves.",
    description = {
      "Says what DATASET holds, what it takes up and what it saves; with PATH, what is recorded of that file or directory.",
      "The source's counts are those of the last fold."
    })
final class StatVerb extends SnapshotVerb {
  @Parameters(
      index = "1",
      paramLabel = "PATH",
      arity = "0..1",
      defaultValue = "",
      showDefaultValue = Visibility.NEVER,
      description = "A file or directory.")
  private String path;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    LogicalPath wanted = path(path);
    try (FoldedDataset dataset = open()) {
      if (!path.isEmpty()) {
        ListedItem item = dataset
            .find(wanted)
            .orElseThrow(
                () -> new IOException(location() + " holds no file or directory '" + wanted + "'"));
        if (json) {
          try (JsonGenerator generator = Json.object(out())) {
            ItemText.writeJson(generator, item);
          }
          out().line("");
        } else {
          print(item);
        }
        return DONE;
      }
      try (Store store = Stores.open(location(), settings().hadoop())) {
        DatasetTotals totals = DatasetTotals.of(dataset, store);
        if (json) {
          printJson(dataset.snapshot(), totals);
        } else {
          print(dataset.snapshot(), totals);
        }
      }
      return DONE;
    }
  }

  private void print(ListedItem item) throws IOException {
    out().print("path        ");
    out().name(item.path().isRoot() ? "/" : item.path().toString());
    out().line("");
    line("kind", ItemText.kind(item));
    if (ItemText.attributes(item).isPresent()) {
      var attributes = ItemText.attributes(item).get();
      line("modified", ItemText.modified(attributes).toString());
      if (attributes.hasMode()) {
        line(
            "mode",
            String.format(
                Locale.ROOT, "%04o (%s)", attributes.mode(), ItemText.modeLetters(attributes)));
      }
      if (!attributes.owner().isEmpty()) {
        line("owner", attributes.owner() + ":" + attributes.group());
      }
      if (!attributes.etag().isEmpty()) {
        line("etag", attributes.etag());
      }
    }
    if (item.file().isPresent()) {
      Entry entry = item.file().get();
      line("length", String.format(Locale.ROOT, "%,d bytes", entry.length()));
      if (entry.kind() == Entry.Kind.FOLDED) {
        line("container", ContainerSummary.pathOf(entry.extent().container()).toString());
        line(
            "stored",
            String.format(
                Locale.ROOT,
                "%,d bytes at offset %d, codec %s, ordinal %d",
                entry.extent().length(),
                entry.extent().offset(),
                ItemText.codecName(entry.codec()),
                entry.ordinal()));
        line("crc32c", HexFormat.of().toHexDigits(entry.crc32c()));
      }
      if (entry.racy()) {
        line("racy", "modified in the instant of the fold: the next fold reads it again");
      }
    }
  }

  private void print(Snapshot snapshot, DatasetTotals totals) throws IOException {
    SnapshotStatistics statistics = snapshot.statistics();
    line(
        "version",
        snapshot.version() + ", " + snapshot.operation() + " of " + snapshot.committedAt());
    line("source", EscapedName.of(snapshot.sourceRoot()));
    line(
        "files",
        String.format(
            Locale.ROOT,
            "%,d: %,d folded, %,d passed through; %,d left loose",
            statistics.files(),
            statistics.foldedFiles(),
            statistics.passThroughFiles(),
            statistics.looseFiles()));
    line("containers", String.format(Locale.ROOT, "%,d", totals.containers()));
    line(
        "bytes",
        ByteSize.format(statistics.payloadBytes()) + " original, "
            + ByteSize.format(statistics.storedBytes()) + " stored, "
            + ByteSize.format(statistics.indexBytes()) + " index, "
            + ByteSize.format(totals.metadataBytes()) + " metadata"
            + (totals.deadBytes() > 0 ? ", " + ByteSize.format(totals.deadBytes()) + " dead" : ""));
    line(
        "objects",
        String.format(
            Locale.ROOT,
            "%,d now, originals still there; %,d before the fold, %,d after reclaim (%s)",
            totals.objectsNow(),
            statistics.sourceFiles(),
            totals.objectsAfter(),
            Count.fewer(statistics.sourceFiles(), totals.objectsAfter())));
    line(
        "name node",
        String.format(
            Locale.ROOT,
            "%,d -> %,d inodes and blocks",
            totals.nameNodeObjectsBefore(),
            totals.nameNodeObjectsAfter()));
  }

  private void line(String name, String value) throws IOException {
    out().line(String.format(Locale.ROOT, "%-11s %s", name, value));
  }

  private void printJson(Snapshot snapshot, DatasetTotals totals) throws IOException {
    SnapshotStatistics statistics = snapshot.statistics();
    try (JsonGenerator generator = Json.object(out())) {
      generator.writeStartObject();
      generator.writeNumberField("version", snapshot.version());
      generator.writeStringField("sourceRoot", snapshot.sourceRoot());
      generator.writeStringField("committedAt", snapshot.committedAt().toString());
      generator.writeStringField("operation", snapshot.operation());
      generator.writeStringField("runId", snapshot.runId().toString());
      generator.writeNumberField("files", statistics.files());
      generator.writeNumberField("foldedFiles", statistics.foldedFiles());
      generator.writeNumberField("passThroughFiles", statistics.passThroughFiles());
      generator.writeNumberField("looseFiles", statistics.looseFiles());
      generator.writeNumberField("directories", statistics.directories());
      generator.writeNumberField("containers", totals.containers());
      generator.writeNumberField("payloadBytes", statistics.payloadBytes());
      generator.writeNumberField("storedBytes", statistics.storedBytes());
      generator.writeNumberField("passThroughBytes", statistics.passThroughBytes());
      generator.writeNumberField("indexBytes", statistics.indexBytes());
      generator.writeNumberField("metadataBytes", totals.metadataBytes());
      generator.writeNumberField("deadBytes", totals.deadBytes());
      generator.writeNumberField("objectsNow", totals.objectsNow());
      generator.writeNumberField("objectsBefore", statistics.sourceFiles());
      generator.writeNumberField("objectsAfter", totals.objectsAfter());
      generator.writeNumberField("objectReduction", totals.objectReduction());
      generator.writeNumberField("nameNodeObjectsBefore", totals.nameNodeObjectsBefore());
      generator.writeNumberField("nameNodeObjectsAfter", totals.nameNodeObjectsAfter());
      generator.writeEndObject();
    }
    out().line("");
  }
}
