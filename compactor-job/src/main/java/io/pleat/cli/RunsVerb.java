package io.pleat.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.LocationState;
import io.pleat.dataset.RecordedRun;
import io.pleat.dataset.RunHistory;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "runs",
    header = "Shows the records of the runs on a dataset.",
    description = {
      "Prints one line a run that left a record in DATASET, the newest first: when it ended, verb, outcome, and its id, which names the record "
          + "_pleat/runs/ID.json. Damaged records are passed over."
    })
final class RunsVerb extends Verb {
  private static final JsonFactory JSON = new JsonFactory();

  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Option(
      names = "--verb",
      paramLabel = "VERB",
      description = "Only runs of this verb, such as fold.")
  private String only;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most so many runs, at least 1.")
  private int last;

  @Option(names = "--json", description = "The whole record of each run, one JSON object a line.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    if (last < 1) {
      throw new IllegalArgumentException("--last is " + last + ", at least 1 is needed");
    }
    try (Store store = Stores.open(dataset, settings().hadoop())) {
      LocationState state = DatasetLog.inspect(store);
      if (state != LocationState.DATASET && state != LocationState.UNFINISHED) {
        throw new NoSuchFileException(store.location(), null, "no dataset is here");
      }
      int[] shown = {0};
      RunHistory.forEach(store, Integer.MAX_VALUE, run -> {
        if (only == null || only.equals(run.verb())) {
          print(run);
          shown[0]++;
        }
        return shown[0] < last;
      });
    }
    return DONE;
  }

  private void print(RecordedRun run) throws IOException {
    if (!json) {
      out()
          .line(String.join(
              "  ",
              run.finished().map(Instant::toString).orElse("-"),
              run.verb().isEmpty() ? "-" : EscapedName.inMessage(run.verb()),
              run.outcome().isEmpty() ? "-" : EscapedName.inMessage(run.outcome()),
              run.runId().toString()));
      return;
    }
    try (JsonParser parser = JSON.createParser(run.json());
        JsonGenerator generator = Json.lines(out())) {
      parser.nextToken();
      generator.copyCurrentStructure(parser);
    }
    out().line("");
  }
}
