package io.pleat.maintain;

import java.util.UUID;

/**
 * What a rollback did.
 *
 * @param runId names the record {@code _pleat/runs/<run id>.json}
 * @param version the snapshot that has the earlier state; of a dry run, the newest one
 * @param restored the earlier snapshot
 * @param files live entries of it
 * @param unreachable only copies that the newest snapshot does not hold any more
 */
public record RollbackReport(
    UUID runId, boolean dryRun, long version, long restored, long files, long unreachable) {}
