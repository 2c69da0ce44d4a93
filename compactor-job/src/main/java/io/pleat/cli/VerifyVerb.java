package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogReader;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.DamageCost;
import io.pleat.maintain.Finding;
import io.pleat.maintain.Verifier;
import io.pleat.maintain.VerifyListener;
import io.pleat.maintain.VerifyReport;
import io.pleat.maintain.VerifyRequest;
import io.pleat.maintain.VerifyRequest.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    header = "Checks a dataset.",
    description = {
      "Checks a snapshot of DATASET and prints one line a finding, then the files that damage costs and which command mends it. Changes nothing and "
          + "goes on after a finding.",
      "Levels, each with all before it: structure (snapshot, manifests, deletion vectors, containers' index blocks), metadata (every",
      "row, every record's header, the rules between containers, the catalogue's files), data (every byte of every container), source",
      "(every live file against its original).",
      "Exits with 1 if anything is damaged, if an original has the recorded length and time but other bytes (differs), or if it",
      "could not be looked at (unreadable). What was modified in the source since the fold is said (changed, attributes, missing, new), but",
      "is no damage."
    })
final class VerifyVerb extends SnapshotVerb {
  /** Lost files that are named of each damaged file of the dataset. */
  private static final int NAMED = 10;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      defaultValue = "data",
      converter = LevelConverter.class,
      description = "structure, metadata, data or source.")
  private Level level;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "0",
      description = "Containers checked at once; 0 is one for each core.")
  private int parallelism;

  @Option(
      names = "--record",
      description =
          "Writes a record of the run, and a list of all lost files, below _pleat/runs of DATASET.")
  private boolean record;

  @Option(
      names = "--json",
      description = "Prints findings, all lost files and counts as one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    int threads = parallelism > 0 ? parallelism : Runtime.getRuntime().availableProcessors();
    VerifyRequest request = new VerifyRequest(
        location(), level, version().orElse(0), settings().hadoop(), threads, record);
    Progress progress = new Progress(messages(), metrics());
    Listener listener = new Listener(progress);
    VerifyReport report;
    try {
      report = Verifier.verify(request, new ParquetCatalogReader(), listener);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      progress.done();
    }
    metrics()
        .add("verify_sound", "1 if nothing was found that is damage.", report.isSound() ? 1 : 0);
    report
        .findings()
        .forEach((kind, count) ->
            metrics().add("verify_findings", "Findings by kind.", count, "kind", lowerCase(kind)));
    if (json) {
      JsonGenerator generator = listener.startedJson();
      listener.endLists();
      writeCounts(generator, report);
      generator.writeEndObject();
      generator.close();
      out().line("");
    } else {
      print(report);
    }
    return report.isSound() ? DONE : FAILED;
  }

  private void print(VerifyReport report) throws IOException {
    TreeMap<Finding.Kind, Long> found = new TreeMap<>(report.findings());
    found.values().removeIf(count -> count == 0);
    StringBuilder text = new StringBuilder();
    found.forEach(
        (kind, count) -> text.append(", ").append(count).append(' ').append(lowerCase(kind)));
    out()
        .line(String.format(
            Locale.ROOT,
            "%s at level %s: version %d, %s, %s, %s read in %.1f s%s",
            report.isSound() ? "sound" : "NOT SOUND",
            lowerCase(level),
            report.version(),
            Count.of(report.containers(), "container"),
            Count.of(report.files(), "file"),
            ByteSize.format(report.bytesRead()),
            report.seconds(),
            text));
  }

  private static void writeCounts(JsonGenerator generator, VerifyReport report) throws IOException {
    generator.writeNumberField("version", report.version());
    generator.writeNumberField("containers", report.containers());
    generator.writeNumberField("files", report.files());
    generator.writeNumberField("bytesRead", report.bytesRead());
    for (Map.Entry<Finding.Kind, Long> count : new TreeMap<>(report.findings()).entrySet()) {
      generator.writeNumberField(lowerCase(count.getKey()), count.getValue());
    }
    generator.writeBooleanField("sound", report.isSound());
    generator.writeNumberField("seconds", report.seconds());
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private final class Listener implements VerifyListener {
    private final Progress progress;
    private final List<DamageCost> costs = new ArrayList<>();
    private JsonGenerator generator;
    private boolean losing;
    private int named;

    Listener(Progress progress) {
      this.progress = progress;
    }

    /** The object, begun when first asked for: a check that cannot even start prints none. */
    private JsonGenerator startedJson() throws IOException {
      if (generator == null) {
        generator = Json.object(out());
        generator.writeStartObject();
        generator.writeStringField("dataset", location());
        generator.writeStringField("level", lowerCase(level));
        generator.writeArrayFieldStart("findings");
      }
      return generator;
    }

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

    /** Ends the list of findings and that of lost files, and writes what they cost. */
    private void endLists() throws IOException {
      startLost();
      generator.writeEndArray();
      generator.writeFieldName("costs");
      Json.writeValue(generator, costs.stream().map(DamageCost::toMap).toList());
    }

    private JsonGenerator startLost() throws IOException {
      JsonGenerator json = startedJson();
      if (!losing) {
        json.writeEndArray();
        json.writeArrayFieldStart("lost");
        losing = true;
      }
      return json;
    }

    @Override
    public synchronized void lost(String where, LogicalPath path) {
      try {
        if (json) {
          JsonGenerator array = startLost();
          array.writeStartObject();
          array.writeStringField("path", path.toString());
          array.writeStringField("where", where);
          array.writeEndObject();
        } else if (named++ < NAMED) {
          messages().clearStatus();
          out().line("lost: " + EscapedName.inMessage(path.toString()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public synchronized void cost(DamageCost cost) {
      try {
        if (json) {
          costs.add(cost);
          return;
        }
        messages().clearStatus();
        if (named > NAMED) {
          out()
              .line(
                  "lost: " + Count.of(named - NAMED, "more file") + ", all by --json or --record");
        }
        if (cost.unnamed() > 0) {
          out().line("lost: " + Count.of(cost.unnamed(), "file") + " whose path nobody knows");
        }
        out().line("cost: " + text(cost));
        named = 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public synchronized void found(Finding finding) {
      try {
        if (json) {
          JsonGenerator array = startedJson();
          array.writeStartObject();
          array.writeStringField("kind", lowerCase(finding.kind()));
          array.writeStringField("where", finding.where());
          array.writeStringField("what", finding.what());
          array.writeEndObject();
        } else {
          messages().clearStatus();
          out()
              .line(lowerCase(finding.kind()) + ": " + EscapedName.inMessage(finding.where()) + ": "
                  + EscapedName.inMessage(finding.what()));
          if (messages().terminal().outIsTerminal()) {
            out().flush();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What a person needs to know at 3 a.m.: what does not read, what still does, and what mends it. */
  private String text(DamageCost cost) {
    String where = EscapedName.inMessage(cost.where());
    String dataset = EscapedName.inMessage(location());
    String files = Count.of(cost.files(), "file");
    String newHead = "mend it with 'pleat repair --from-containers " + dataset + "'";
    return switch (cost.part()) {
      case SNAPSHOT -> where + ": the dataset does not open, no file can be read; " + newHead;
      case MANIFEST ->
        where + ": the dataset does not open; it lists the containers of " + files + "; " + newHead;
      case DELETION_VECTOR ->
        where + ": the dataset does not open; nobody can tell which of " + files
            + " of its container were removed; " + newHead;
      case CONTAINER ->
        where + ": " + files + " cannot be read, those of other containers can; mend it with "
            + "'pleat repair --container " + cost.container() + " " + dataset + "'";
    };
  }

  /** For picocli. */
  static final class LevelConverter implements picocli.CommandLine.ITypeConverter<Level> {
    @Override
    public Level convert(String value) {
      for (Level level : Level.values()) {
        if (lowerCase(level).equals(value)) {
          return level;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'" + value + "' is no level, expected structure, metadata, data or source");
    }
  }
}
