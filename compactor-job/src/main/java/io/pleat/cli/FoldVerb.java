package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldReport.LooseFile;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.spark.SparkFold;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "fold",
    header = "Folds the small files of a tree into containers.",
    description = {
      "Folds the small files below SOURCE into containers of DATASET. Run again, it folds what is new or changed since.",
      "SOURCE is only read."
    })
final class FoldVerb extends EngineVerb {
  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      converter = LocationText.class,
      description = "The tree to fold.")
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree: new, empty, or folded from SOURCE before. Outside SOURCE.")
  private String dataset;

  @Mixin
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--container-size",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      converter = ByteSize.Converter.class,
      description = "A container closes at so many original bytes.")
  private long containerSize;

  @Option(
      names = "--codec",
      paramLabel = "CODEC",
      defaultValue = "none",
      converter = CodecConverter.class,
      description = "How payloads are stored: none, zstd or zstd:LEVEL (1 to 22).")
  private CodecChoice codec;

  @Option(
      names = "--mirror-deletes",
      description = {
        "Removes from the dataset what is not at SOURCE any more, but never an entry whose original was reclaimed.",
        "Refuses if SOURCE is empty or cannot be listed as a whole, or if more than a tenth of the files is gone."
      })
  private boolean mirrorDeletes;

  @Option(names = "--mirror-deletes-anyway", description = "The same without these refusals.")
  private boolean mirrorDeletesAnyway;

  @Option(
      names = "--strict",
      description = "Fails, committing nothing, if a file would be left loose.")
  private boolean strict;

  @Option(names = "--loose-ok", description = "Exits with 0 even if files were left loose.")
  private boolean looseOk;

  @Option(
      names = "--dry-run",
      description = "Lists and plans, says what would be done, writes nothing.")
  private boolean dryRun;

  @Option(
      names = "--allow-wider-access",
      description = "Folds even where that lets more people read the bytes than before.")
  private boolean allowWiderAccess;

  @Option(
      names = "--max-rps",
      paramLabel = "N",
      defaultValue = "0",
      description = "Calls to the source a second, over all tasks; 0 is no bound.")
  private long maxRequestsPerSecond;

  @Option(
      names = "--max-bandwidth",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = ByteSize.Converter.class,
      description = "Bytes read from the source a second, over all tasks; 0 is no bound.")
  private long maxBytesPerSecond;

  @Option(names = "--json", description = "Prints the report as one JSON object.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    FoldOptions options = selection
        .toFoldOptions()
        .withContainerSize(containerSize)
        .withCodec(codec)
        .withMirror(mirror())
        .withStrict(strict)
        .withDryRun(dryRun)
        .withAllowWiderAccess(allowWiderAccess)
        .withParallelism(parallelism())
        .withMaxRequestsPerSecond(maxRequestsPerSecond)
        .withMaxBytesPerSecond(maxBytesPerSecond);
    Progress progress = new Progress(messages(), metrics());
    progress.phase("start", 0, 0);
    FoldReport report;
    try {
      report = SparkFold.fold(
          new FoldRequest(source, dataset, settings().hadoop(), options),
          sparkSettings(),
          progress);
    } finally {
      progress.done();
    }
    metrics().addReport("fold", report.toMap());
    if (json) {
      printJson(report);
    } else {
      print(report);
    }
    sayWhatIsLeft(report);
    return report.looseFiles() > 0 && !looseOk ? LEFT_LOOSE : DONE;
  }

  private MirrorDeletes mirror() {
    if (mirrorDeletesAnyway) {
      return MirrorDeletes.ANYWAY;
    }
    return mirrorDeletes ? MirrorDeletes.CAREFUL : MirrorDeletes.OFF;
  }

  private void print(FoldReport report) throws IOException {
    double seconds = Math.max(report.seconds(), 1e-3);
    String containers = Count.of(report.newContainers(), "container");
    if (report.dryRun()) {
      out()
          .line("would fold " + Count.of(report.newFiles(), "file") + " ("
              + ByteSize.format(report.newBytes()) + ") into " + containers);
    } else if (report.committed().isPresent()) {
      out()
          .line(String.format(
              Locale.ROOT,
              "folded %s (%s) into %s in %.1f s: %,.0f files/s, %s/s",
              Count.of(report.newFiles(), "file"),
              ByteSize.format(report.newBytes()),
              containers,
              report.seconds(),
              report.newFiles() / seconds,
              ByteSize.format(report.newBytes() / seconds)));
    } else {
      out().line(String.format(Locale.ROOT, "nothing to do, seen in %.1f s", report.seconds()));
    }
    out()
        .line("version " + report.version() + ": " + Count.of(report.files(), "file") + ", "
            + Count.of(report.foldedFiles()) + " folded, " + Count.of(report.passThroughFiles())
            + " passed through; " + Count.of(report.looseFiles()) + " left loose");
    out()
        .line(String.format(
            Locale.ROOT,
            "objects: %,d before, %,d once the originals are reclaimed (%s)",
            report.objectsBefore(),
            report.objectsAfter(),
            Count.fewer(report.objectsBefore(), report.objectsAfter())));
  }

  private void printJson(FoldReport report) throws IOException {
    try (JsonGenerator generator = Json.object(out())) {
      Json.writeValue(generator, report.toMap());
    }
    out().line("");
  }

  private void sayWhatIsLeft(FoldReport report) {
    Map<String, List<LooseFile>> samples =
        report.looseSample().stream().collect(Collectors.groupingBy(LooseFile::reason));
    report.looseByReason().forEach((reason, files) -> {
      List<LooseFile> sample = samples.getOrDefault(reason, List.of());
      String names = sample.stream().map(LooseFile::path).collect(Collectors.joining(", "));
      String more = sample.size() < files && !sample.isEmpty() ? ", ..." : "";
      messages().say(Count.of(files) + " left loose, " + reason + ": " + names + more);
    });
    if (report.looseFiles() > 0 && !report.dryRun()) {
      messages()
          .say("the whole list of loose files lies beside _pleat/runs/" + report.runId() + ".json");
    }
    report.notKept().forEach((what, seen) -> messages().say(Count.of(seen) + " not kept: " + what));
  }

  /** For picocli. */
  static final class CodecConverter implements ITypeConverter<CodecChoice> {
    @Override
    public CodecChoice convert(String value) {
      try {
        return CodecChoice.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
