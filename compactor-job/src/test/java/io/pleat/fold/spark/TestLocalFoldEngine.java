package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.LocalFoldEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fold without an engine makes the same of a tree as one on Spark. */
class TestLocalFoldEngine extends AbstractTestFold {
  private static final FoldOptions OPTIONS =
      FoldOptions.defaults().withContainerSize(16 << 10).withMaxFileSize(4_000);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void reportsAndDatasetsAreThoseOfSpark(long seed) throws IOException {
    Path local = temp.resolve("local");
    Random random = new Random(seed);
    List<Path> files = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      change(random, files);
      FoldReport onSpark = fold(OPTIONS);
      FoldReport here = foldLocally(local, OPTIONS);
      assertThat(withoutChance(here))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(withoutChance(onSpark));
      assertThat(contentsOf(local)).as("seed %d, round %d", seed, round).isEqualTo(contents());
    }
  }

  @Test
  void secondRunCommitsNothing() throws IOException {
    write("a/b", "content");
    Path local = temp.resolve("local");
    assertThat(foldLocally(local, OPTIONS).committed()).hasValue(1);
    assertThat(foldLocally(local, OPTIONS).committed()).isEmpty();
  }

  @Test
  void needsAThread() {
    assertThatThrownBy(() -> new LocalFoldEngine(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 threads");
  }

  private void change(Random random, List<Path> files) throws IOException {
    for (int i = 0; i < 60; i++) {
      if (!files.isEmpty() && random.nextInt(6) == 0) {
        Files.deleteIfExists(files.remove(random.nextInt(files.size())));
      } else {
        String path =
            "d" + random.nextInt(5) + "/e" + random.nextInt(3) + "/f" + random.nextInt(200);
        files.add(write(path, "x".repeat(random.nextInt(4_100))));
      }
    }
  }

  private FoldReport foldLocally(Path to, FoldOptions options) throws IOException {
    try (LocalFoldEngine engine = new LocalFoldEngine(2)) {
      return new FoldAction(
              new FoldRequest(source.toString(), to.toString(), Map.of(), options),
              engine,
              new ParquetCatalogWriter(),
              ParquetEntryCatalog::new,
              ProgressListener.NONE)
          .run();
    }
  }

  private Map<String, String> contentsOf(Path folded) throws IOException {
    try (FoldedDataset reader = FoldedDataset.open(
        folded.toString(),
        Map.of(),
        ReaderOptions.defaults()
            .withAllowedSourceRoots(java.util.Set.of(source.toRealPath().toString())))) {
      return contents(reader);
    }
  }

  /** All but ids, times, and bytes whose number depends on where containers were cut and what compressed how. */
  private static Map<String, Object> withoutChance(FoldReport report) {
    Map<String, Object> map = new TreeMap<>(report.toMap());
    List.of(
            "runId",
            "seconds",
            "phases",
            "filesPerSecond",
            "bytesPerSecond",
            "peakBufferedBytes",
            "metadataBytes",
            "indexBytes")
        .forEach(map::remove);
    return map;
  }
}
