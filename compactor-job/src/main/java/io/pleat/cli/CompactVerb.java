package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.maintain.BrokenContainer;
import io.pleat.maintain.CompactListener;
import io.pleat.maintain.CompactReport;
import io.pleat.maintain.CompactRequest;
import io.pleat.maintain.CompactionRules;
import io.pleat.maintain.Compactor;
import io.pleat.maintain.LeftBehind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "compact",
    header = "Rewrites containers that are mostly dead or far too small.",
    description = {
      "Carries the live files of such containers of DATASET over into new ones, and commits each group of them as soon as it is written: an "
          + "interrupted run keeps what it finished, and deletes and folds that are committed meanwhile survive. The old containers are free once "
          + "the snapshots before have expired. A second run finds nothing to do.",
      "A damaged file stays where it is and is said; 'repair' is for those. Exits with 1 if there was one."
    })
final class CompactVerb extends EngineVerb {
  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Option(
      names = "--container-size",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      converter = ByteSize.Converter.class,
      description =
          "Original bytes that a container is meant to have. One that has less than a quarter is far too small.")
  private long containerSize;

  @Option(
      names = "--min-dead",
      paramLabel = "PERCENT",
      defaultValue = "50%",
      converter = ShareConverter.class,
      description =
          "Rewrites containers of which so much is dead, of their files or of their stored bytes.")
  private double minDeadShare;

  @Option(
      names = "--min-small",
      paramLabel = "N",
      defaultValue = "4",
      description = "Merges far too small containers if there are so many, at least 2.")
  private int minSmall;

  @Option(names = "--dry-run", description = "Says what would be done, and writes nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints the report as one JSON object.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    CompactionRules rules = CompactionRules.defaults()
        .withContainerBytes(containerSize)
        .withMinDeadShare(minDeadShare)
        .withMinSmall(minSmall);
    Progress progress = new Progress(messages(), metrics());
    Damage damage = new Damage(progress);
    CompactReport report;
    try (TaskEngine engine = openEngine()) {
      report = Compactor.compact(
          new CompactRequest(dataset, settings().hadoop(), rules, dryRun),
          engine,
          new ParquetCatalogWriter(),
          ParquetEntryCatalog::new,
          damage);
    } finally {
      progress.done();
    }
    metrics().addReport("compact", report.toMap());
    if (json) {
      try (JsonGenerator generator = Json.object(out())) {
        Map<String, Object> all = new LinkedHashMap<>(report.toMap());
        all.put("damage", damage.said);
        Json.writeValue(generator, all);
      }
      out().line("");
    } else {
      for (Map<String, Object> each : damage.said) {
        out()
            .line("damaged: " + EscapedName.inMessage((String) each.get("where")) + ": "
                + EscapedName.inMessage((String) each.get("what")));
      }
      print(report);
    }
    return report.isSound() ? DONE : FAILED;
  }

  private void print(CompactReport report) throws IOException {
    String old = Count.of(report.removed(), "container") + " ("
        + ByteSize.format(report.bytesRemoved()) + ")";
    if (report.removed() == 0 && report.commits() == 0) {
      out()
          .line("nothing to do: version " + report.version() + ", "
              + Count.of(report.containersBefore(), "container"));
    } else if (report.dryRun()) {
      out()
          .line("would rewrite " + old + " as " + Count.of(report.added()) + " (at most "
              + ByteSize.format(report.bytesAdded()) + ")");
    } else {
      out()
          .line(String.format(
              Locale.ROOT,
              "rewrote %s as %s (%s) in %.1f s: %s, version %d",
              old,
              Count.of(report.added()),
              ByteSize.format(report.bytesAdded()),
              report.seconds(),
              Count.of(report.commits(), "commit"),
              report.version()));
    }
    if (report.dropped() > 0) {
      messages()
          .say(Count.of(report.dropped(), "task") + " in vain: others rewrote the same containers");
    }
    if (report.leftBehind() > 0) {
      messages()
          .say(Count.of(report.leftBehind(), "damaged file")
              + " left where they are; 'pleat repair' may mend them");
    }
  }

  /** Gathers what is said of damage, as far as a person reads. */
  private static final class Damage implements CompactListener {
    private static final int MOST = 1000;

    private final Progress progress;
    private final List<Map<String, Object>> said = new ArrayList<>();

    Damage(Progress progress) {
      this.progress = progress;
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

    @Override
    public void leftBehind(LeftBehind file) {
      add(file.path().toString(), file.reason());
    }

    @Override
    public void broken(BrokenContainer container) {
      add("containers/" + container.container() + ".pleat", container.reason());
    }

    private void add(String where, String what) {
      if (said.size() < MOST) {
        said.add(Map.of("where", where, "what", what));
      }
    }
  }

  /** For picocli. */
  static final class ShareConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      String digits = value.endsWith("%") ? value.substring(0, value.length() - 1) : value;
      try {
        double share = Double.parseDouble(digits) / 100;
        if (share > 0 && share <= 1) {
          return share;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new TypeConversionException(
          "'" + value + "' is no share, expected a percentage above 0 and up to 100, such as 50%");
    }
  }
}
