package io.pleat.dataset;

import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;

/** The records of a dataset's runs. They are for people and monitoring: what is damaged or has gone meanwhile is passed over. */
public final class RunHistory {
  /** Records that are looked at for the last fold; enough for any verb that runs now and then. */
  private static final int RECORDS = 256;

  private static final Set<String> DONE = Set.of("committed", "nothing to do");

  private RunHistory() {}

  /** Hears of runs. */
  public interface Visitor {
    /** One run; whether to go on to the one before it. */
    boolean visit(RecordedRun run) throws IOException;
  }

  /**
   * Visits the runs, the one whose record was written last first, by the store's times.
   *
   * @param most records to look at, at least 1
   */
  public static void forEach(Store dataset, int most, Visitor visitor) throws IOException {
    for (LogicalPath path : newestRecords(dataset, most)) {
      Optional<RecordedRun> run = read(dataset, path);
      if (run.isPresent() && !visitor.visit(run.get())) {
        return;
      }
    }
  }

  /**
   * When the last fold ended that committed or found nothing to do. Nothing if neither a record nor {@code newest} tells of one.
   *
   * @param newest the newest snapshot, for datasets whose records are gone
   */
  public static Optional<Instant> lastFold(Store dataset, Snapshot newest) throws IOException {
    List<Instant> ends = new ArrayList<>(1);
    forEach(dataset, RECORDS, run -> {
      if (run.verb().equals("fold") && DONE.contains(run.outcome())) {
        run.finished().ifPresent(ends::add);
      }
      return ends.isEmpty();
    });
    if (!ends.isEmpty()) {
      return Optional.of(ends.get(0));
    }
    return newest.operation().equals("fold") ? Optional.of(newest.committedAt()) : Optional.empty();
  }

  private static List<LogicalPath> newestRecords(Store dataset, int most) throws IOException {
    Comparator<FileInfo> byTime = Comparator.<FileInfo>comparingLong(
            file -> file.attributes().mtimeSeconds())
        .thenComparingInt(file -> file.attributes().mtimeNanos())
        .thenComparing(FileInfo::path);
    PriorityQueue<FileInfo> oldestFirst = new PriorityQueue<>(byTime);
    try {
      dataset.list(LogicalPath.of(DatasetLayout.RUN_DIRECTORY), new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          if (file.kind() == FileInfo.Kind.FILE && idOf(file.path()).isPresent()) {
            oldestFirst.add(file);
            if (oldestFirst.size() > most) {
              oldestFirst.poll();
            }
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return List.of();
    }
    List<FileInfo> files = new ArrayList<>(oldestFirst);
    files.sort(byTime.reversed());
    return files.stream().map(FileInfo::path).toList();
  }

  /** The run whose record has this name, if it is a record's. */
  private static Optional<UUID> idOf(LogicalPath path) {
    String name = path.name();
    if (!name.endsWith(".json")) {
      return Optional.empty();
    }
    try {
      return Optional.of(UUID.fromString(name.substring(0, name.length() - ".json".length())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<RecordedRun> read(Store dataset, LogicalPath path) throws IOException {
    StoredBytes file;
    try {
      file = StoredBytes.read(dataset, path);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Members members = new Members();
    try (JsonObjectReader json = new JsonObjectReader(file.source(), file.bytes())) {
      SealedJson.check(file.source(), file.bytes());
      json.readFile(name -> members.read(name, json));
    } catch (CorruptDataException e) {
      return Optional.empty();
    }
    return Optional.of(new RecordedRun(
        idOf(path).orElseThrow(),
        members.verb,
        members.outcome,
        Optional.ofNullable(members.finished),
        new String(file.bytes(), StandardCharsets.UTF_8)));
  }

  /** What a record's members say that matter here. */
  private static final class Members {
    private String verb = "";
    private String outcome = "";
    private Instant finished;

    void read(String name, JsonObjectReader json) throws IOException {
      switch (name) {
        case "verb" -> verb = json.text();
        case "outcome" -> outcome = json.text();
        case "finished" -> finished = json.instant();
        default -> json.skip();
      }
    }
  }
}
