package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.maintain.Packer;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "pack",
    header = "Gathers all index blocks in one file, for readers that open the whole dataset.",
    description = {
      "Writes the index blocks of all containers of the newest snapshot of DATASET to one file below _pleat/packs, and deletes the packs of older snapshots. A reader "
          + "that keeps index blocks on its local disk then gets all of them in one sequential read. No reader needs the pack; one that finds it stale takes from it "
          + "what it has. Exits with 1 if an index block is damaged or missing; the pack then holds the others."
    })
final class PackVerb extends DatasetVerb {
  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    Packer.Report report;
    try (Store store = Stores.open(location(), settings().hadoop())) {
      report = Packer.pack(store, (container, reason) -> messages().say(reason.getMessage()));
    }
    if (json) {
      try (JsonGenerator generator = Json.lines(out())) {
        generator.writeStartObject();
        generator.writeNumberField("version", report.version());
        generator.writeStringField("path", report.path().toString());
        generator.writeNumberField("indexBlocks", report.blocks());
        generator.writeNumberField("reused", report.reused());
        generator.writeNumberField("bytes", report.bytes());
        generator.writeNumberField("skipped", report.skipped());
        generator.writeNumberField("packsDeleted", report.deleted());
        generator.writeEndObject();
        generator.flush();
        out().print("\n");
      }
    } else {
      out()
          .line(String.format(
              Locale.ROOT,
              "%s: %s, %,d bytes, snapshot %d",
              report.path(),
              Count.of(report.blocks(), "index block"),
              report.bytes(),
              report.version()));
    }
    return report.skipped() == 0 ? DONE : FAILED;
  }
}
