package io.pleat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.ContainerId;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDataLoader {
  @TempDir
  Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return DataLoader.run(
        args, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  private ContainerId build() throws IOException {
    try (Store store = Stores.open(directory.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/source");
      Content content = new Content().passThrough("huge", 1L << 40, DatasetBuilder.PLAIN);
      for (int i = 0; i < 50; i++) {
        content.file("d" + i % 5 + "/" + i, "0123456789");
      }
      ContainerId id = builder.add(content);
      builder.commit();
      return id;
    }
  }

  @Test
  void everyEpochReadsEveryFile() throws IOException {
    build();
    assertThat(run(directory.toString(), "2", "2", "7")).isZero();
    assertThat(out.toString(UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line)
                .startsWith("snapshot 1 of ")
                .endsWith(": 1 pass-through files left out"),
            line -> assertThat(line)
                .startsWith("epoch 1: 50 files, 500 bytes in ")
                .contains(" on 2 threads; token pleat-epoch-1:1:")
                .endsWith(":50"),
            line -> assertThat(line).startsWith("epoch 2: 50 files, 500 bytes in "));
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void missingDatasetIsOneLine() {
    assertThat(run(directory.resolve("nowhere").toString())).isEqualTo(1);
    assertThat(err.toString(UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("error: ")
        .endsWith("nowhere: no dataset is here: there is no snapshot under _pleat/snapshots");
  }

  @Test
  void missingContainerIsOneLine() throws IOException {
    ContainerId id = build();
    Files.delete(directory.resolve("containers/" + id + ".pleat"));
    assertThat(run(directory.toString())).isEqualTo(1);
    assertThat(err.toString(UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("error: CorruptDataException: container is missing");
  }

  @Test
  void wrongUsageIsTwo() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("a", "b")).isEqualTo(2);
    assertThat(run("a", "0")).isEqualTo(2);
    assertThat(run("a", "99999999999")).isEqualTo(2);
    assertThat(run("a", "1", "1", "1", "1")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("error: not a positive number: 'b'; usage: DataLoader DATASET");
  }
}
