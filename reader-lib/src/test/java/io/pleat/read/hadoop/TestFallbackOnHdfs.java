package io.pleat.read.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A data node that dies under readers, and comes back. */
@Timeout(180)
class TestFallbackOnHdfs {
  private static final List<String> FILES =
      IntStream.range(0, 12).mapToObj(i -> "dir/file-" + (char) ('a' + i)).toList();

  /** Else the client would wait for seconds before it gives up. */
  private static final Map<String, String> IMPATIENT = Map.of(
      "dfs.client.retry.window.base", "1",
      "dfs.client.max.block.acquire.failures", "1");

  @TempDir
  Path directory;

  private MiniHdfs cluster;
  private Path source;
  private String location;

  @BeforeEach
  void fold() throws IOException {
    cluster = MiniHdfs.shared();
    source = Files.createDirectories(directory.resolve("source/dir")).getParent();
    location = cluster.freshDirectory() + "/dataset.pleat";
    for (String file : FILES) {
      Files.writeString(source.resolve(file), content(file));
    }
    try (Store store = Stores.open(location, cluster.configuration());
        Store tree = Stores.open(source.toString(), Map.of())) {
      Content content = new Content().directory("").directory("dir");
      for (String file : FILES) {
        content.file(
            file,
            content(file).getBytes(UTF_8),
            tree.stat(LogicalPath.of(file)).orElseThrow().attributes());
      }
      DatasetBuilder builder = DatasetBuilder.on(store, tree.location());
      builder.add(content);
      builder.commit();
    }
  }

  private static String content(String file) {
    return ("content of " + file + "\n").repeat(100);
  }

  private FileSystem open(String... settings) throws IOException {
    Configuration conf = new Configuration();
    IMPATIENT.forEach(conf::set);
    conf.set("pleat.dataset.images", location);
    conf.set("pleat.fallback.avoid", "0s");
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    return FileSystem.newInstance(URI.create("pleat://images/"), conf);
  }

  private static org.apache.hadoop.fs.Path path(String file) {
    return new org.apache.hadoop.fs.Path("/" + file);
  }

  private static String text(FileSystem images, String file) throws IOException {
    try (FSDataInputStream in = images.open(path(file))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void streamsOfTheFileSystemGoOnFromTheOriginalsAndComeBack() throws IOException {
    try (FileSystem images = open("pleat.source.roots", source.toString());
        FSDataInputStream running = images.open(path(FILES.get(0)))) {
      byte[] start = running.readNBytes(100);
      cluster.withoutDataNode(() -> {
        running.unbuffer(); // it has to read again
        assertThat(new String(start, UTF_8) + new String(running.readAllBytes(), UTF_8))
            .isEqualTo(content(FILES.get(0)));
        assertThat(text(images, FILES.get(1))).isEqualTo(content(FILES.get(1)));
        byte[] part = new byte[10];
        try (FSDataInputStream other = images.open(path(FILES.get(2)))) {
          other.readFully(8, part);
        }
        assertThat(new String(part, UTF_8)).isEqualTo(content(FILES.get(2)).substring(8, 18));
        assertThat(images.getStorageStatistics().getLong("pleat_fallback_reads"))
            .isEqualTo(3);
        assertThat(gauge(images, "pleat_avoided_containers")).isOne();
      });
      for (String file : FILES) {
        Files.delete(source.resolve(file)); // so it is the container that answers
      }
      running.unbuffer();
      running.seek(100);
      assertThat(new String(running.readAllBytes(), UTF_8))
          .isEqualTo(content(FILES.get(0)).substring(100));
      for (String file : FILES) {
        assertThat(text(images, file)).isEqualTo(content(file));
      }
      assertThat(images.getStorageStatistics().getLong("pleat_fallback_reads")).isEqualTo(3);
      assertThat(gauge(images, "pleat_avoided_containers")).isZero();
    }
  }

  private static long gauge(FileSystem images, String name) {
    return ((IOStatisticsSource) images).getIOStatistics().gauges().get(name);
  }

  @Test
  void secondProcessReadsFromTheCacheOnTheLocalDisk() throws IOException {
    String cache = directory.resolve("cache").toString();
    for (int process = 0; process < 2; process++) {
      try (FileSystem images = open("pleat.cache.dir", cache, "pleat.cache.size", "32m")) {
        for (String file : FILES) {
          assertThat(text(images, file)).isEqualTo(content(file));
        }
        assertThat(images.getStorageStatistics().getLong("pleat_store_reads"))
            .isEqualTo(process == 0 ? 1L : 0L);
        assertThat(images.getStorageStatistics().getLong("pleat_cache_hits")).isPositive();
      }
    }
  }

  @Test
  void withoutPermissionTheStoresFailureIsTheAnswer() throws IOException {
    try (FileSystem images = open()) {
      images.getFileStatus(path(FILES.get(0)));
      cluster.withoutDataNode(() -> assertThatThrownBy(() -> text(images, FILES.get(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Could not obtain block"));
    }
  }

  @Test
  void batchThatRunsFallsBackAndComesBack() throws IOException {
    ReaderOptions options = ReaderOptions.defaults()
        .withAllowedSourceRoots(Set.of(source.toString()))
        .withReadThreads(1)
        .withBatchBytes(1)
        .withAvoidance(Duration.ZERO);
    List<LogicalPath> paths = FILES.stream().map(LogicalPath::of).toList();
    try (FoldedDataset dataset = FoldedDataset.open(location, IMPATIENT, options)) {
      Iterator<ByteBuffer> reads = dataset.readAll(paths).iterator();
      for (int i = 0; i < 4; i++) {
        assertContent(FILES.get(i), reads.next());
      }
      assertThat(dataset.statistics().fallbackReads()).isZero();
      cluster.withoutDataNode(() -> {
        for (int i = 4; i < 8; i++) {
          assertContent(FILES.get(i), reads.next());
        }
      });
      assertThat(dataset.statistics().fallbackReads()).isEqualTo(4);
      assertThat(dataset.statistics().avoidedContainers()).isOne();
      for (int i = 8; i < 12; i++) {
        assertContent(FILES.get(i), reads.next());
      }
      assertThat(dataset.statistics().fallbackReads()).isEqualTo(4);
      assertThat(dataset.statistics().avoidedContainers()).isZero();
    }
  }

  private static void assertContent(String file, ByteBuffer bytes) {
    assertThat(UTF_8.decode(bytes).toString()).isEqualTo(content(file));
  }
}
