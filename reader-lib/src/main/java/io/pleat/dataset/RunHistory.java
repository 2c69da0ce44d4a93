package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/** What the records of a dataset's runs say about the runs that were. Records are for people: what is damaged or missing is passed over. */
public final class RunHistory {
  /** Records that are looked at, the newest; enough for any verb that runs now and then. */
  private static final int RECORDS = 256;

  private static final Set<String> DONE = Set.of("committed", "nothing to do");

  private RunHistory() {}

  /**
   * When the last fold ended that committed or found nothing to do. Nothing if neither a record nor {@code newest} tells of one.
   *
   * @param newest the newest snapshot, for datasets whose records are gone
   */
  public static Optional<Instant> lastFold(Store dataset, Snapshot newest) throws IOException {
    for (LogicalPath record : newestRecords(dataset)) {
      Optional<Instant> end = endOfFold(dataset, record);
      if (end.isPresent()) {
        return end;
      }
    }
    return newest.operation().equals("fold") ? Optional.of(newest.committedAt()) : Optional.empty();
  }

  /** Newest first, by the store's times. */
  private static List<LogicalPath> newestRecords(Store dataset) throws IOException {
    Comparator<FileInfo> byTime = Comparator.<FileInfo>comparingLong(
            file -> file.attributes().mtimeSeconds())
        .thenComparingInt(file -> file.attributes().mtimeNanos())
        .thenComparing(FileInfo::path);
    PriorityQueue<FileInfo> oldestFirst = new PriorityQueue<>(byTime);
    try {
      dataset.list(LogicalPath.of(DatasetLayout.RUN_DIRECTORY), new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          if (file.kind() == FileInfo.Kind.FILE && file.path().name().endsWith(".json")) {
            oldestFirst.add(file);
            if (oldestFirst.size() > RECORDS) {
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

  private static Optional<Instant> endOfFold(Store dataset, LogicalPath record) throws IOException {
    String[] verb = {""};
    String[] outcome = {""};
    Instant[] finished = {null};
    StoredBytes file;
    try {
      file = StoredBytes.read(dataset, record);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try (JsonObjectReader json = new JsonObjectReader(file.source(), file.bytes())) {
      json.readFile(name -> {
        switch (name) {
          case "verb" -> verb[0] = json.text();
          case "outcome" -> outcome[0] = json.text();
          case "finished" -> finished[0] = json.instant();
          default -> json.skip();
        }
      });
    } catch (io.pleat.format.CorruptDataException e) {
      return Optional.empty();
    }
    return verb[0].equals("fold") && DONE.contains(outcome[0])
        ? Optional.ofNullable(finished[0])
        : Optional.empty();
  }
}
