package io.pleat.fold;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** What a run did, as {@code _pleat/runs/<run id>.json}. */
final class RunRecord {
  private final Store dataset;
  private final UUID runId;

  RunRecord(Store dataset, UUID runId) {
    this.dataset = dataset;
    this.runId = runId;
  }

  void write(Map<String, Object> run, Map<String, Object> outcome) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(run);
    all.putAll(outcome);
    byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all);
    try (ByteSink sink = dataset.create(LogicalPath.of("_pleat/runs/" + runId + ".json"))) {
      sink.write(ByteBuffer.wrap(json));
      sink.finish();
    }
  }
}
