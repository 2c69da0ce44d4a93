package io.pleat.dataset;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonMappingException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run did: a JSON object for people and monitoring, which no reader needs. It is written once, at the end of the run, whatever
 * its outcome.
 *
 * @param facts in the order in which they are to appear: strings, numbers, booleans, and lists and maps of such. The caller leaves
 *     secrets out.
 * @param loose the finished parts of the list of loose files
 */
public record RunRecord(UUID runId, Map<String, ?> facts, List<LooseList> loose) {
  static final String FORMAT = "pleat-run";

  private static final Logger LOGGER = LoggerFactory.getLogger(RunRecord.class);
  static final int VERSION_DRAFT = 0;

  public RunRecord {
    requireNonNull(runId, "run id is null");
    requireNonNull(facts, "facts are null");
    loose = List.copyOf(loose);
  }

  /** Where the record of a run lies in its dataset. */
  public static LogicalPath pathOf(UUID runId) {
    return LogicalPath.of(DatasetLayout.RUN_DIRECTORY + "/" + runId + ".json");
  }

  /**
   * Writes the record, durable.
   *
   * @throws IllegalArgumentException if a fact has no JSON form
   * @throws java.nio.file.FileAlreadyExistsException if the run has a record
   */
  public FileReference write(Store dataset) throws IOException {
    byte[] content;
    try {
      content = SealedJson.write(this::writeMembers);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException("a fact has no JSON form: " + e.getOriginalMessage(), e);
    }
    return ReferencedFile.write(dataset, pathOf(runId), content);
  }

  /** Writes the record of a run whose work is done: that it cannot be written is logged, and undoes nothing. */
  public void writeAfterwards(Store dataset) {
    try {
      write(dataset);
    } catch (IOException | RuntimeException e) {
      LOGGER.warn(
          "the work is done, but its record {} could not be written: {}",
          pathOf(runId),
          e.toString());
    }
  }

  private void writeMembers(JsonGenerator json) throws IOException {
    json.writeStringField("format", FORMAT);
    json.writeNumberField("formatVersion", VERSION_DRAFT);
    json.writeStringField("runId", runId.toString());
    for (Map.Entry<String, ?> fact : facts.entrySet()) {
      json.writeFieldName(fact.getKey());
      json.writePOJO(fact.getValue());
    }
    json.writeArrayFieldStart("looseLists");
    for (LooseList part : loose) {
      json.writeStartObject();
      json.writeStringField("path", part.path());
      json.writeNumberField("length", part.length());
      json.writeStringField("crc32c", HexFormat.of().toHexDigits(part.crc32c()));
      json.writeNumberField("rows", part.rows());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
