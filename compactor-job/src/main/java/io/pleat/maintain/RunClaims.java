package io.pleat.maintain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.RecordedRun;
import io.pleat.dataset.RunHistory;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What the records of the last runs say of the dataset: evidence of a head that is gone.
 *
 * @param version the highest snapshot that a run committed or saw; 0 if none tells
 * @param source the source root of the last fold, if one tells
 */
record RunClaims(long version, Optional<String> source) {
  private static final int RECORDS = 256;
  private static final ObjectMapper JSON = new ObjectMapper();

  static RunClaims of(Store dataset) throws IOException {
    long[] version = {0};
    String[] source = {null};
    RunHistory.forEach(dataset, RECORDS, run -> {
      JsonNode record = parsed(run);
      for (JsonNode each : List.of(record, record.path("report"))) {
        version[0] = Math.max(version[0], each.path("version").asLong(0));
      }
      if (source[0] == null && run.verb().equals("fold")) {
        source[0] = record.path("source").asText(null);
      }
      return true;
    });
    return new RunClaims(version[0], Optional.ofNullable(source[0]));
  }

  private static JsonNode parsed(RecordedRun run) throws IOException {
    return JSON.readTree(run.json());
  }
}
