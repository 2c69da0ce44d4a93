package io.pleat.fold;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What waits to be folded.
 *
 * @param version snapshot that the source was compared with; absent if nothing was folded yet
 * @param lastFold when the last fold ended that committed or found nothing to do; absent if none is known
 * @param newFiles files that no entry holds
 * @param changedFiles files whose entry has another length, time, mode, owner, group or etag
 * @param racyFiles files that were modified in the instant of their fold, and are to be read again
 * @param waitingBytes bytes of new, changed and racy files
 * @param sourceFiles regular files that the fold is asked to take, those that pass through among them
 * @param passThroughFiles those of them that are too large to be folded
 * @param directories directories listed
 * @param notListed what cannot be folded because it cannot be listed or named
 * @param notListedSample the first few of it, with the reason
 * @param seconds that listing and comparing took
 */
public record PendingReport(
    OptionalLong version,
    Optional<Instant> lastFold,
    long newFiles,
    long changedFiles,
    long racyFiles,
    long waitingBytes,
    long sourceFiles,
    long passThroughFiles,
    long directories,
    long notListed,
    List<String> notListedSample,
    double seconds) {
  public PendingReport {
    requireNonNull(version, "version is null");
    requireNonNull(lastFold, "last fold is null");
    notListedSample = List.copyOf(notListedSample);
  }

  /** Files that a fold would read: new, changed and racy. */
  public long waitingFiles() {
    return newFiles + changedFiles + racyFiles;
  }

  /** The numbers by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", version.orElse(0));
    lastFold.ifPresent(instant -> map.put("lastFold", instant.toString()));
    map.put("waitingFiles", waitingFiles());
    map.put("waitingBytes", waitingBytes);
    map.put("newFiles", newFiles);
    map.put("changedFiles", changedFiles);
    map.put("racyFiles", racyFiles);
    map.put("sourceFiles", sourceFiles);
    map.put("passThroughFiles", passThroughFiles);
    map.put("directories", directories);
    map.put("notListed", notListed);
    map.put("seconds", seconds);
    return map;
  }
}
