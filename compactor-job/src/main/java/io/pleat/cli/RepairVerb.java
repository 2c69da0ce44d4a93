package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.parquet.ParquetCatalogReader;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.ContainerId;
import io.pleat.maintain.HeadReport;
import io.pleat.maintain.LeftBehind;
import io.pleat.maintain.RepairListener;
import io.pleat.maintain.RepairReport;
import io.pleat.maintain.RepairRequest;
import io.pleat.maintain.Repairer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "repair",
    header = "Mends damaged containers, or a damaged head.",
    description = {
      "Reads every byte of the containers of DATASET, and makes new containers to take the place of damaged ones: from the records where the index block is "
          + "gone, from the catalogue where a record is, and from the original where a payload is and the original is unchanged. Files of the catalogue "
          + "are written anew from index blocks. Nothing is patched in place, and each container is a commit.",
      "--from-containers first makes a new head, if the newest snapshot, or a manifest, deletion vector or the like that it refers to, is damaged "
          + "or missing: from what can be read of the newest readable snapshot, the catalogue, and the containers that lie there. It prints what cannot "
          + "be known, such as which removed files may come back. Let nobody write to DATASET meanwhile, and look at --dry-run first.",
      "A file that is beyond repair is named. It stays, and fails whoever reads it, unless --set-aside takes it out of the dataset; its old "
          + "container is kept on storage even then. Exits with 1 if anything is damaged still."
    })
final class RepairVerb extends EngineVerb {
  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Option(
      names = "--container",
      paramLabel = "ID",
      description = "Looks at this container only, repeatable: its 32 digits, or its file's name.")
  private List<String> containers = new ArrayList<>();

  @Option(names = "--dry-run", description = "Says what could be done, and writes nothing.")
  private boolean dryRun;

  @Option(
      names = "--set-aside",
      description =
          "Takes files that are beyond repair out of the dataset, so that the rest is sound.")
  private boolean setAside;

  @Option(
      names = "--from-containers",
      description =
          "Makes a new head first, if the newest snapshot or what it refers to is damaged.")
  private boolean fromContainers;

  @Option(
      names = "--source",
      paramLabel = "SOURCE",
      converter = LocationText.class,
      description = "What DATASET was folded from, where nothing that is left of it says so.")
  private String source;

  @Option(names = "--json", description = "Prints findings and report as one JSON object.")
  private boolean json;

  @Override
  String subject() {
    return dataset;
  }

  @Override
  int run() throws IOException {
    Set<ContainerId> chosen =
        containers.stream().map(RepairVerb::container).collect(Collectors.toSet());
    Progress progress = new Progress(messages(), metrics());
    Listener listener = new Listener(progress);
    RepairReport report;
    try (TaskEngine engine = openEngine()) {
      report = Repairer.repair(
          new RepairRequest(
              dataset,
              settings().hadoop(),
              chosen,
              dryRun,
              setAside,
              fromContainers,
              source == null ? "" : source),
          engine,
          new ParquetCatalogWriter(),
          new ParquetCatalogReader(),
          ParquetEntryCatalog::new,
          listener);
    } finally {
      progress.done();
    }
    metrics().addReport("repair", report.toMap());
    if (json) {
      try (JsonGenerator generator = Json.object(out())) {
        Map<String, Object> all = new LinkedHashMap<>(report.toMap());
        all.put("damage", listener.damage);
        all.put("lost", listener.lost);
        Json.writeValue(generator, all);
      }
      out().line("");
    } else {
      for (String line : listener.damage) {
        out().line("damaged: " + EscapedName.inMessage(line));
      }
      for (Map<String, String> file : listener.lost) {
        out()
            .line("lost: " + EscapedName.inMessage(file.get("path")) + ": "
                + EscapedName.inMessage(file.get("why")));
      }
      print(report);
    }
    return report.isSound() ? DONE : FAILED;
  }

  private static ContainerId container(String text) {
    String name = text.substring(text.lastIndexOf('/') + 1);
    return ContainerId.parse(
        name.endsWith(".pleat") ? name.substring(0, name.length() - ".pleat".length()) : name);
  }

  private void print(HeadReport head) throws IOException {
    for (String line : head.unknown()) {
      out().line("unknown: " + EscapedName.inMessage(line));
    }
    for (String line : head.leftOut()) {
      out().line("left out: " + EscapedName.inMessage(line));
    }
    out()
        .line(String.format(
            Locale.ROOT,
            "%s version %d %s: %s (%s in no readable manifest, %s made anew from records), %s; %s gave way to newer ones, %s removed by the catalogue or a tombstone",
            dryRun ? "could make" : "made",
            head.version(),
            head.base() == 0 ? "of what lies there" : "on top of version " + head.base(),
            Count.of(head.containers(), "container"),
            Count.of(head.found()),
            Count.of(head.rewritten()),
            Count.of(head.files(), "file"),
            Count.of(head.superseded()),
            Count.of(head.removed())));
  }

  private void print(RepairReport report) throws IOException {
    if (report.head().isPresent()) {
      print(report.head().get());
      if (dryRun) {
        return;
      }
    }
    if (report.damaged() == 0 && report.catalogFiles() == 0) {
      out()
          .line("nothing to repair: version " + report.version() + ", "
              + Count.of(report.checked(), "container") + " checked");
      return;
    }
    out()
        .line(String.format(
            Locale.ROOT,
            "%s %s of %s damaged, %s: %s carried over, %s from originals, %s beyond repair%s; %s of the catalogue; version %d",
            dryRun ? "could mend" : "mended",
            Count.of(dryRun ? report.damaged() : report.mended()),
            Count.of(report.damaged()),
            Count.of(report.checked(), "container") + " checked",
            Count.of(report.carried(), "row"),
            Count.of(report.rescued(), "file"),
            Count.of(report.lost(), "file"),
            report.lost() > 0 && setAside && !dryRun ? " and set aside" : "",
            Count.of(report.catalogFiles(), "file"),
            report.version()));
    if (report.lost() > 0 && !setAside) {
      messages()
          .say("files beyond repair stay, and fail whoever reads them; --set-aside takes them out");
    }
  }

  private static final class Listener implements RepairListener {
    private static final int MOST = 100_000;

    private final Progress progress;
    private final List<String> damage = new ArrayList<>();
    private final List<Map<String, String>> lost = new ArrayList<>();

    Listener(Progress progress) {
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
    public void damaged(String what) {
      if (damage.size() < MOST) {
        damage.add(what);
      }
    }

    @Override
    public void lost(LeftBehind file) {
      if (lost.size() < MOST) {
        String path = file.path().isRoot()
            ? "file " + file.row() + " of container " + file.container()
            : file.path().toString();
        lost.add(Map.of("path", path, "why", file.reason()));
      }
    }
  }
}
