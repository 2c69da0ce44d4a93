package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.maintain.Finding;
import io.pleat.maintain.Verifier;
import io.pleat.maintain.VerifyListener;
import io.pleat.maintain.VerifyReport;
import io.pleat.maintain.VerifyRequest;
import io.pleat.maintain.VerifyRequest.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    header = "Checks a dataset.",
    description = {
      "Checks the newest snapshot of DATASET and prints one line a finding. Changes nothing and goes on after a finding.",
      "Levels, each with all before it: structure (snapshot, manifests, deletion vectors, containers' index blocks), metadata (every",
      "row, every record's header, the rules between containers, the catalogue's files), data (every byte of every container), source",
      "(every live file against its original).",
      "Exits with 1 if anything is damaged, if an original has the recorded length and time but other bytes (differs), or if it",
      "could not be looked at (unreadable). What was modified in the source since the fold is said (changed, attributes, missing, new), but",
      "is no damage."
    })
final class VerifyVerb extends DatasetVerb {
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

  @Option(names = "--json", description = "Prints findings and counts as one JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    int threads = parallelism > 0 ? parallelism : Runtime.getRuntime().availableProcessors();
    VerifyRequest request = new VerifyRequest(location(), level, settings().hadoop(), threads);
    Progress progress = new Progress(messages(), metrics());
    Listener listener = new Listener(progress);
    VerifyReport report;
    try {
      report = Verifier.verify(request, listener);
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
      generator.writeEndArray();
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
    private JsonGenerator generator;

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
