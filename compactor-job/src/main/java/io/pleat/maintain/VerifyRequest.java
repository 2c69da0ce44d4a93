package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What to check, and how thoroughly.
 *
 * @param version the snapshot to check; 0 for the newest
 * @param record whether to write a record of the run, with the list of lost files, into the dataset; without it nothing is written
 * @param dataset location of the dataset
 * @param configuration Hadoop settings for it and its source; may hold secrets, so it is never logged
 * @param parallelism containers checked at once, at least 1
 */
public record VerifyRequest(
    String dataset,
    Level level,
    long version,
    Map<String, String> configuration,
    int parallelism,
    boolean record) {

  /** How much is checked; each level includes those before it. */
  public enum Level {
    /** Snapshot, manifests, deletion vectors; of containers: length, header, footer, index block. Reads no records. */
    STRUCTURE,
    /**
     * Every row of every index block, every record's header against it, the rules that hold between containers, and the catalogue's
     * files. Reads no payload, but where passing over it would take longer.
     */
    METADATA,
    /** Every byte of every container: payload checksums, decoding, the whole file's CRC. */
    DATA,
    /** Every live file against its original, by length, time and bytes; and what the source has beside them. */
    SOURCE
  }

  public VerifyRequest {
    requireNonNull(dataset, "dataset is null");
    requireNonNull(level, "level is null");
    configuration = Map.copyOf(configuration);
    checkArgument(version >= 0, "version is %s, the first is 1", version);
    checkArgument(parallelism >= 1, "parallelism is %s, at least 1 is needed", parallelism);
  }

  /** Checks the newest snapshot, and writes nothing. */
  public VerifyRequest(
      String dataset, Level level, Map<String, String> configuration, int parallelism) {
    this(dataset, level, 0, configuration, parallelism, false);
  }

  @Override
  public String toString() {
    return "verify " + dataset + " at level " + level;
  }
}
