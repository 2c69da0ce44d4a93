package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TestRunRecord {
  private static final UUID RUN = new UUID(1, 2);

  private final MemoryStore store = new MemoryStore();

  @Test
  void factsKeepTheirOrderAndTheFileIsSealed() throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("outcome", "committed");
    facts.put("version", 3L);
    facts.put("seconds", 1.5);
    facts.put("looseByReason", Map.of("vanished", 2));
    facts.put("settings", List.of("a", "b"));
    LooseList part = new LooseList("_pleat/runs/x/loose-0.tsv", 10, 0xabcd, 2);

    new RunRecord(RUN, facts, List.of(part)).write(store);

    byte[] bytes = store.get("_pleat/runs/" + RUN + ".json");
    SealedJson.check("run", bytes);
    JsonNode json = new ObjectMapper().readTree(bytes);
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "format",
            "formatVersion",
            "runId",
            "outcome",
            "version",
            "seconds",
            "looseByReason",
            "settings",
            "looseLists",
            "crc32c");
    assertThat(json.at("/looseByReason/vanished").asInt()).isEqualTo(2);
    assertThat(json.at("/looseLists/0/crc32c").asText()).isEqualTo("0000abcd");
    assertThat(json.at("/looseLists/0/rows").asLong()).isEqualTo(2);
  }

  @Test
  void recordIsWrittenOnce() throws IOException {
    RunRecord record = new RunRecord(RUN, Map.of(), List.of());
    record.write(store);

    assertThatThrownBy(() -> record.write(store)).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void factWithoutJsonFormIsMisuse() {
    RunRecord record = new RunRecord(RUN, Map.of("x", new Object()), List.of());

    assertThatThrownBy(() -> record.write(store))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a fact has no JSON form");
    assertThat(store.files()).isEmpty();
  }

  @Test
  void looseListHoldsAnyNameOnOneLine() throws IOException {
    String awkward = "a\tb\nc\"d\\e/\u00e9\ud83d\ude00\u0001\ufffd\ud800";
    LooseList part;
    try (LooseListWriter writer = LooseListWriter.create(store, RUN, 7)) {
      writer.add(awkward, "permission denied:\n\"no\"");
      writer.add("plain", "vanished");
      part = writer.finish().orElseThrow();
    }

    assertThat(part.path()).matches("_pleat/runs/" + RUN + "/loose-000007-[0-9a-f-]{36}\\.tsv");
    assertThat(part.rows()).isEqualTo(2);
    StoredBytes stored = StoredBytes.read(
        store, new FileReference(LogicalPath.of(part.path()), part.length(), part.crc32c()));
    String[] lines = new String(stored.bytes(), UTF_8).split("\n", -1);
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).isEqualTo("path\treason");
    String[] cells = lines[1].split("\t", -1);
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readValue(cells[0], String.class)).isEqualTo(awkward.replace('\ud800', '?'));
    assertThat(json.readValue(cells[1], String.class)).isEqualTo("permission denied:\n\"no\"");
    assertThat(lines[2]).isEqualTo("\"plain\"\t\"vanished\"");
    assertThat(lines[3]).isEmpty();
  }

  @Test
  void listWithoutRowsMakesNoFile() throws IOException {
    try (LooseListWriter writer = LooseListWriter.create(store, RUN, 0)) {
      assertThat(writer.finish()).isEqualTo(Optional.empty());
    }
    assertThat(store.files()).isEmpty();
  }

  @Test
  void listThatWasNotFinishedLeavesNothing() throws IOException {
    try (LooseListWriter writer = LooseListWriter.create(store, RUN, 0)) {
      writer.add("x".repeat(100_000), "long");
    }
    assertThat(store.files()).isEmpty();
  }
}
