package io.pleat.maintain;

import java.util.Map;

/**
 * What a check looked at and found.
 *
 * @param version the snapshot that was checked; 0 if none could be read
 * @param containers containers that the snapshot lists
 * @param files live entries, as far as containers could be read
 * @param bytesRead bytes of containers and originals that were read and compared
 * @param findings how many of each kind
 * @param seconds wall time
 */
public record VerifyReport(
    long version,
    int containers,
    long files,
    long bytesRead,
    Map<Finding.Kind, Long> findings,
    double seconds) {

  public VerifyReport {
    findings = Map.copyOf(findings);
  }

  /** Whether nothing was found that makes the dataset unsound. What was modified in the source since the fold does not. */
  public boolean isSound() {
    return findings.entrySet().stream()
        .noneMatch(count -> count.getKey().isFailure() && count.getValue() > 0);
  }
}
