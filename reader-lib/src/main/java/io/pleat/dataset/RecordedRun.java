package io.pleat.dataset;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What the record of a run says.
 *
 * @param verb what ran; empty if the record does not say
 * @param outcome how it ended: {@code committed}, {@code nothing to do}, {@code failed}, {@code unknown}; empty if the record does not say
 * @param finished when it ended, if the record says so
 * @param json the whole record
 */
public record RecordedRun(
    UUID runId, String verb, String outcome, Optional<Instant> finished, String json) {
  public RecordedRun {
    requireNonNull(runId, "run id is null");
    requireNonNull(verb, "verb is null");
    requireNonNull(outcome, "outcome is null");
    requireNonNull(finished, "finished is null");
    requireNonNull(json, "json is null");
  }
}
