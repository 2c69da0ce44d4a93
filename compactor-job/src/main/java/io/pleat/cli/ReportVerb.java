package io.pleat.cli;

import io.pleat.maintain.Survey;
import io.pleat.maintain.Surveyor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "report",
    header = "Makes a page with charts of a dataset.",
    description = {
      "Makes one self-contained HTML page of the newest snapshot of DATASET: sizes of files before and after, objects saved, growth, how full containers are and "
          + "how much of them is dead, the largest directories, files that are not folded, what compact and reclaim would gain, and the history of "
          + "runs. It loads nothing, shows a table beside each chart, and fits a phone.",
      "Reads index blocks and metadata, and writes nothing but the page. What is damaged and not needed for the rest is named on the page, and makes the exit code 1."
    })
final class ReportVerb extends DatasetVerb {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "Where the page goes, in place of what is there: a local file.")
  private Path output;

  @Override
  int run() throws IOException {
    WholeFile page = WholeFile.at(output);
    Survey survey;
    try (Store store = Stores.open(location(), settings().hadoop())) {
      survey = Surveyor.survey(store);
    }
    byte[] content = ReportPage.of(survey, Instant.now());
    page.write(content);
    metrics().add("report_files", "Live files.", survey.snapshot().statistics().files());
    metrics().add("report_containers", "Containers.", survey.totals().containers());
    metrics().add("report_dead_bytes", "Dead bytes in them.", survey.totals().deadBytes());
    metrics().add("report_gaps", "What could not be read.", survey.gaps().size());
    for (String gap : survey.gaps()) {
      messages().say(gap);
    }
    out()
        .line("wrote " + EscapedName.of(output.toString()) + " ("
            + ByteSize.format(content.length) + "): version "
            + survey.snapshot().version() + ", "
            + Count.of(survey.snapshot().statistics().files(), "file"));
    return survey.gaps().isEmpty() ? DONE : FAILED;
  }
}
