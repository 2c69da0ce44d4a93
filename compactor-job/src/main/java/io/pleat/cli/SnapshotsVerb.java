package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Lease;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "snapshots",
    header = "Lists the snapshots of a dataset.",
    description = {
      "Lists the snapshots of DATASET that can be read, oldest first: version, time of the commit, what it was, totals and what changed since the one before, "
          + "whether a reader pins it, and whether it is condemned.",
      "Whether a lease still holds is judged by this machine's clock."
    })
final class SnapshotsVerb extends DatasetVerb {
  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  private Optional<Snapshot> before = Optional.empty();

  @Override
  int run() throws IOException {
    try (Store store = Stores.open(location(), settings().hadoop());
        JsonGenerator generator = json ? Json.lines(out()) : null) {
      DatasetLog log = DatasetLog.open(store);
      Snapshot head = log.current()
          .orElseThrow(() -> new NoSuchFileException(
              store.location(),
              null,
              "no dataset is here: there is no snapshot under _pleat/snapshots"));
      Map<Long, Instant> pins = Lease.held(store, Instant.now(), ended -> {});
      for (long version = 1; version <= head.version(); version++) {
        if (head.retention().expired().contains(version)) {
          before = Optional.empty();
          continue;
        }
        Snapshot snapshot;
        try {
          snapshot = version == head.version() ? head : log.snapshot(version);
        } catch (SnapshotExpiredException e) {
          before = Optional.empty();
          continue; // expired since the head was read
        } catch (IOException e) {
          messages().say(Main.oneLine(e));
          before = Optional.empty();
          continue;
        }
        Optional<Long> condemnedBy = head.retention().condemnedBy(version);
        Optional<Instant> pinnedUntil = Optional.ofNullable(pins.get(version));
        if (generator != null) {
          write(generator, snapshot, pinnedUntil, condemnedBy);
        } else {
          print(snapshot, pinnedUntil, condemnedBy);
        }
        before = Optional.of(snapshot);
      }
    }
    return DONE;
  }

  private static long containers(Snapshot snapshot) {
    return snapshot.manifests().stream()
        .mapToLong(manifest -> manifest.containers())
        .sum();
  }

  private void print(Snapshot snapshot, Optional<Instant> pinned, Optional<Long> condemnedBy)
      throws IOException {
    long files = snapshot.statistics().files();
    String change = before
        .map(old ->
            String.format(Locale.ROOT, " (%+,d)", files - old.statistics().files()))
        .orElse("");
    out()
        .line(String.format(
            Locale.ROOT,
            "%d  %s  %-8s  %s%s, %s in %s%s%s%s",
            snapshot.version(),
            snapshot.committedAt(),
            EscapedName.of(snapshot.operation()),
            Count.of(files, "file"),
            change,
            ByteSize.format(
                snapshot.statistics().payloadBytes() + snapshot.statistics().passThroughBytes()),
            Count.of(containers(snapshot), "container"),
            snapshot.reclaimedFiles() > 0
                ? ", " + Count.of(snapshot.reclaimedFiles(), "only copy", "only copies")
                : "",
            pinned.isPresent() ? ", pinned" : "",
            condemnedBy.map(by -> ", condemned by version " + by).orElse("")));
  }

  private void write(
      JsonGenerator generator,
      Snapshot snapshot,
      Optional<Instant> pinned,
      Optional<Long> condemnedBy)
      throws IOException {
    generator.writeStartObject();
    generator.writeNumberField("version", snapshot.version());
    generator.writeStringField("committedAt", snapshot.committedAt().toString());
    generator.writeStringField("operation", snapshot.operation());
    generator.writeStringField("runId", snapshot.runId().toString());
    generator.writeNumberField("files", snapshot.statistics().files());
    generator.writeNumberField("foldedFiles", snapshot.statistics().foldedFiles());
    generator.writeNumberField("passThroughFiles", snapshot.statistics().passThroughFiles());
    generator.writeNumberField("directories", snapshot.statistics().directories());
    generator.writeNumberField("payloadBytes", snapshot.statistics().payloadBytes());
    generator.writeNumberField("passThroughBytes", snapshot.statistics().passThroughBytes());
    generator.writeNumberField("containers", containers(snapshot));
    generator.writeNumberField("onlyCopies", snapshot.reclaimedFiles());
    if (before.isPresent()) {
      generator.writeNumberField(
          "filesChange",
          snapshot.statistics().files() - before.get().statistics().files());
    }
    if (pinned.isPresent()) {
      generator.writeStringField("pinnedUntil", pinned.get().toString());
    }
    if (condemnedBy.isPresent()) {
      generator.writeNumberField("condemnedBy", condemnedBy.get());
    }
    generator.writeEndObject();
    generator.flush();
    out().print("\n");
  }
}
