package io.pleat.maintain;

import io.pleat.dataset.LooseList;
import io.pleat.dataset.LooseListWriter;
import io.pleat.dataset.RunRecord;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes down what a check finds: the first findings in the run's record, all lost files in a list beside it, which goes to the store as it
 * grows. Passes everything on. Where the dataset cannot be written, the check goes on and says so.
 */
final class VerifyRecord implements VerifyListener, Closeable {
  private static final int MAX_FINDINGS = 1000;

  private final VerifyRequest request;
  private final Store store;
  private final VerifyListener next;
  private final UUID runId = UUID.randomUUID();
  private final Instant started = Instant.now();
  private final LooseListWriter lost;
  private final List<Map<String, Object>> findings = new ArrayList<>();
  private final List<Map<String, Object>> costs = new ArrayList<>();
  private long lostFiles;
  private boolean broken;

  VerifyRecord(VerifyRequest request, Store store, VerifyListener next) {
    this.request = request;
    this.store = store;
    this.next = next;
    this.lost = LooseListWriter.createLost(store, runId);
  }

  @Override
  public void phase(String name, long files, long bytes) {
    next.phase(name, files, bytes);
  }

  @Override
  public void progress(long files, long bytes) {
    next.progress(files, bytes);
  }

  @Override
  public void message(String line) {
    next.message(line);
  }

  @Override
  public synchronized void found(Finding finding) {
    if (findings.size() < MAX_FINDINGS) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kind", finding.kind().name().toLowerCase(Locale.ROOT));
      map.put("where", finding.where());
      map.put("what", finding.what());
      findings.add(map);
    }
    next.found(finding);
  }

  @Override
  public void lost(String where, LogicalPath path) {
    lostFiles++;
    if (!broken) {
      try {
        lost.add(path.toString(), where);
      } catch (IOException | RuntimeException e) {
        isBroken(e);
      }
    }
    next.lost(where, path);
  }

  @Override
  public void cost(DamageCost cost) {
    if (costs.size() < MAX_FINDINGS) {
      costs.add(cost.toMap());
    }
    next.cost(cost);
  }

  private void isBroken(Exception e) {
    broken = true;
    next.message("the run's record could not be written: " + Reason.of(e));
  }

  /** Ends the list, and writes the record. */
  void write(VerifyReport report) {
    if (broken) {
      return;
    }
    try {
      Optional<LooseList> list = lost.finish();
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("verb", "verify");
      facts.put("dataset", store.location());
      facts.put("started", started.toString());
      facts.put("finished", Instant.now().toString());
      facts.put("outcome", report.isSound() ? "sound" : "not sound");
      facts.put("level", request.level().name().toLowerCase(Locale.ROOT));
      facts.put("version", report.version());
      facts.put("containers", report.containers());
      facts.put("files", report.files());
      facts.put("bytesRead", report.bytesRead());
      Map<String, Object> counts = new TreeMap<>();
      report
          .findings()
          .forEach((kind, count) -> counts.put(kind.name().toLowerCase(Locale.ROOT), count));
      facts.put("counts", counts);
      facts.put("findings", findings);
      facts.put("costs", costs);
      facts.put("lostFiles", lostFiles);
      facts.put("lostLists", list.map(VerifyRecord::listed).map(List::of).orElse(List.of()));
      new RunRecord(runId, facts, List.of()).write(store);
    } catch (IOException | RuntimeException e) {
      isBroken(e);
    }
  }

  private static Map<String, Object> listed(LooseList list) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("path", list.path());
    map.put("length", list.length());
    map.put("crc32c", HexFormat.of().toHexDigits(list.crc32c()));
    map.put("rows", list.rows());
    return map;
  }

  @Override
  public void close() throws IOException {
    lost.close();
  }
}
