package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.read.cache.CacheOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class TestCacheVerbs {
  @TempDir
  Path directory;

  private String dataset;
  private String cache;

  @BeforeEach
  void fold() throws IOException {
    MiniHdfs cluster = MiniHdfs.shared();
    dataset = cluster.freshDirectory() + "/images.pleat";
    cache = directory.resolve("cache").toString();
    build(dataset, cluster.configuration());
  }

  private static void build(String location, Map<String, String> configuration) throws IOException {
    try (Store store = Stores.open(location, configuration)) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/source");
      Random random = new Random(1);
      for (String top : new String[] {"a", "b"}) {
        Content content = new Content();
        for (int i = 0; i < 24; i++) {
          byte[] bytes = new byte[512 << 10];
          random.nextBytes(bytes);
          content.file(top + "/f" + i, bytes, DatasetBuilder.PLAIN);
        }
        builder.add(content);
      }
      builder.commit();
    }
  }

  @Test
  void datasetIsLoadedShownReadAndLetGo() throws IOException {
    CommandRun warmed = CommandRun.of("warm", dataset, "b", "--cache-dir", cache, "--threads", "2");
    assertThat(warmed.err()).isEmpty();
    assertThat(warmed.code()).isZero();
    assertThat(warmed.out()).matches("12,[0-9,]+ bytes loaded, 0 were there, of 12,[0-9,]+\n");
    assertThat(CommandRun.of("warm", dataset, "b", "--conf", "pleat.cache.dir=" + cache)
            .out())
        .matches("0 bytes loaded, 12,[0-9,]+ were there, of 12,[0-9,]+\n");

    try (FoldedDataset opened = FoldedDataset.open(
        dataset,
        Map.of(),
        ReaderOptions.defaults().withCache(CacheOptions.of(Path.of(cache), 10L << 30)))) {
      opened.read(LogicalPath.of("b/f3"));
      assertThat(opened.statistics().storeReads()).isZero();
    }

    assertThat(CommandRun.of("cache", "ls", "--cache-dir", cache).out())
        .matches(" +12,[0-9,]+ bytes  hdfs://.*/images.pleat\n");
    assertThat(CommandRun.of("cache", "ls", "--json", "--cache-dir", cache).out())
        .matches("\\{\"dataset\":\"hdfs://.*/images.pleat\",\"chunks\":13,\"bytes\":12[0-9]+\\}\n");
    assertThat(CommandRun.of("cache", "ls", dataset, "--cache-dir", cache).out().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("100.0 %  containers/"))
        .last()
        .asString()
        .endsWith("50.0 %  all of 2 containers");
    assertThat(CommandRun.of("cache", "ls", dataset, "a", "--cache-dir", cache).out())
        .contains(" 0.0 %  all of 1 container\n");
    assertThat(CommandRun.of("cache", "evict", dataset, "b/f0", "--cache-dir", cache)
            .out())
        .matches("[123],[0-9,]+ bytes freed\n");
    assertThat(CommandRun.of("cache", "evict", dataset, "--cache-dir", cache).out())
        .matches("(8|9|10|11),[0-9,]+ bytes freed\n");
    assertThat(CommandRun.of("cache", "ls", "--cache-dir", cache).out()).isEmpty();
  }

  @Test
  void limitThatIsTooSmallIsSaid() {
    CommandRun run =
        CommandRun.of("warm", dataset, "--cache-dir", cache, "--cache-size", "16MiB", "--json");
    assertThat(run.code()).isEqualTo(Verb.LEFT_LOOSE);
    assertThat(run.err())
        .hasLineCount(1)
        .contains("the cache is too small: what is asked for takes 24.")
        .contains("--cache-size");
    assertThat(run.out()).contains("\"bytes\":2", "\"lastingBytes\":1");
  }

  @Test
  void folderThatCannotBeWrittenIsAFailure() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    CommandRun run = CommandRun.of("warm", dataset, "a", "--cache-dir", file.toString());
    assertThat(run.code()).isEqualTo(Verb.FAILED);
    assertThat(run.err()).contains("could not be kept");
    assertThat(CommandRun.of("cache", "ls", "--cache-dir", file.toString()).err())
        .isEqualTo("pleat: there is no cache: " + file + " is no folder\n");
  }

  @Test
  void wrongUsageIsSaidInOneLine() throws IOException {
    assertUsage("where is the cache? Say --cache-dir DIR", "warm", dataset);
    assertUsage("where is the cache? Say --cache-dir DIR", "cache", "ls");
    Files.createDirectories(Path.of(cache));
    assertUsage("'pleat cache evict' needs a DATASET", "cache", "evict", "--cache-dir", cache);
    assertUsage(
        "at least 16777216 are needed",
        "warm",
        dataset,
        "--cache-dir",
        cache,
        "--cache-size",
        "1MiB");
    assertUsage(
        "less than one read thread: 0", "warm", dataset, "--cache-dir", cache, "--threads", "0");
    assertUsage("at most 1, not 2", "warm", dataset, "--cache-dir", cache, "--cache-share", "2");
    String local = directory.resolve("local").toString();
    build(local, Map.of());
    assertUsage(
        "the dataset is on a local disk, where nothing is cached: ",
        "warm",
        local,
        "--cache-dir",
        cache);
  }

  private static void assertUsage(String message, String... args) {
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(Verb.WRONG_USAGE);
  }
}
