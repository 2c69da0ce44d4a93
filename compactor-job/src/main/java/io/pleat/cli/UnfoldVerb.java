package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.UnfoldListener;
import io.pleat.maintain.UnfoldReport;
import io.pleat.maintain.UnfoldRequest;
import io.pleat.maintain.UnfoldRequest.Existing;
import io.pleat.maintain.Unfolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "unfold",
    header = "Restores files and directories.",
    description = {
      "Restores files and directories of DATASET below DEST: bytes, names, time of modification, mode and, where permitted, owner and",
      "group. Pass-through files are copied from the recorded source root. Files that exist are kept and reported, unless",
      "--overwrite. Nothing is written outside DEST, whatever symbolic links stand there. A file appears whole or not at all;",
      "a killed run can leave files named .pleat-unfold-*, which may be deleted.",
      "Exits with 1 if a file or directory was not restored; a missing attribute alone is only said."
    })
final class UnfoldVerb extends SnapshotVerb {
  /** Messages of one kind before the rest is only counted. */
  private static final int SHOWN = 20;

  @Parameters(
      index = "1",
      paramLabel = "DEST",
      converter = LocationText.class,
      description = "The directory to restore into; created if it is not there.")
  private String target;

  @Parameters(
      index = "2..*",
      arity = "0..*",
      paramLabel = "PATH",
      description = "Files and directories to restore; without any, everything.")
  private List<String> paths = new ArrayList<>();

  @Option(
      names = "--overwrite",
      description =
          "Replaces files and links that stand in the way, and sets attributes of directories that exist.")
  private boolean overwrite;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "0",
      description = "Files restored at once; 0 is two for each core, at least 4.")
  private int parallelism;

  @Option(names = "--json", description = "Prints the report as one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    List<LogicalPath> wanted = paths.stream().map(DatasetVerb::path).toList();
    int threads =
        parallelism > 0 ? parallelism : Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    UnfoldRequest request = new UnfoldRequest(
        location(),
        version(),
        target,
        wanted,
        settings().hadoop(),
        overwrite ? Existing.REPLACE : Existing.KEEP,
        threads);
    Listener listener = new Listener();
    UnfoldReport report;
    try {
      report = Unfolder.unfold(request, listener);
    } finally {
      listener.progress.done();
    }
    listener.sayWhatWasNotShown();
    if (json) {
      printJson(report);
    } else {
      print(report);
    }
    return report.failures() == 0 ? DONE : FAILED;
  }

  private void print(UnfoldReport report) throws IOException {
    double seconds = Math.max(report.seconds(), 1e-3);
    out()
        .line(String.format(
            Locale.ROOT,
            "unfolded %s (%s) and %s of version %d in %.1f s: %,.0f files/s",
            Count.of(report.files(), "file"),
            ByteSize.format(report.bytes()),
            Count.of(report.directories(), "directory", "directories"),
            report.version(),
            report.seconds(),
            report.files() / seconds));
    if (report.incomplete() > 0) {
      out()
          .line(String.format(Locale.ROOT, "%,d of them lack some attribute", report.incomplete()));
    }
    if (report.failures() > 0) {
      out().line(String.format(Locale.ROOT, "%,d were not restored", report.failures()));
    }
  }

  private void printJson(UnfoldReport report) throws IOException {
    double seconds = Math.max(report.seconds(), 1e-3);
    try (JsonGenerator generator = Json.object(out())) {
      generator.writeStartObject();
      generator.writeNumberField("version", report.version());
      generator.writeNumberField("files", report.files());
      generator.writeNumberField("directories", report.directories());
      generator.writeNumberField("bytes", report.bytes());
      generator.writeNumberField("failures", report.failures());
      generator.writeNumberField("incomplete", report.incomplete());
      generator.writeNumberField("seconds", report.seconds());
      generator.writeNumberField("filesPerSecond", report.files() / seconds);
      generator.writeNumberField("bytesPerSecond", report.bytes() / seconds);
      generator.writeEndObject();
    }
    out().line("");
  }

  private final class Listener implements UnfoldListener {
    private final Progress progress = new Progress(messages(), metrics());
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong incomplete = new AtomicLong();

    @Override
    public void phase(String name, long files, long bytes) {
      progress.phase(name, files, bytes);
    }

    @Override
    public void progress(long files, long bytes) {
      progress.progress(files, bytes);
    }

    @Override
    public void message(String line) {
      progress.message(line);
    }

    @Override
    public void failed(LogicalPath path, String reason) {
      if (failures.getAndIncrement() < SHOWN || isVerbose()) {
        messages().say("not restored: " + name(path) + ": " + reason);
      }
    }

    @Override
    public void incomplete(LogicalPath path, String reason) {
      if (incomplete.getAndIncrement() < SHOWN || isVerbose()) {
        messages().say("attributes: " + name(path) + ": " + reason);
      }
    }

    private String name(LogicalPath path) {
      return path.isRoot() ? "(the root)" : path.toString();
    }

    private void sayWhatWasNotShown() {
      if (!isVerbose()) {
        sayMore(failures.get(), "were not restored");
        sayMore(incomplete.get(), "lack some attribute");
      }
    }

    private void sayMore(long all, String what) {
      if (all > SHOWN) {
        messages().say((all - SHOWN) + " more " + what + " (--verbose names them all)");
      }
    }
  }
}
