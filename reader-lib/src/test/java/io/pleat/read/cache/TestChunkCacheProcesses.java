package io.pleat.read.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a folder, and some that are killed at any moment. */
@Timeout(120)
class TestChunkCacheProcesses {
  private static final ContainerId ID = ContainerId.parse("00112233445566778899aabbccddeeff");
  private static final long LIMIT = CacheOptions.LEAST_BYTES;
  private static final long LENGTH = 40L << 20;
  private static final long SEED = 42;

  @TempDir
  Path directory;

  @Test
  void processesThatShareAFolderAndAreKilledDoNoHarm() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Process> killed = new ArrayList<>();
    Process patient = child(500);
    try {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
      do {
        Process victim = child(1_000_000);
        killed.add(victim);
        awaitReading(victim);
        long more = random.nextInt(200);
        if (!victim.waitFor(more, TimeUnit.MILLISECONDS)) {
          victim.destroyForcibly().waitFor();
        }
        assertThat(bytesOnDisk(true)).as("seed %s", seed).isLessThanOrEqualTo(LIMIT + (4 << 20));
      } while (System.nanoTime() < until);
      assertThat(patient.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(patient.exitValue()).as(Files.readString(errors())).isZero();
    } finally {
      patient.destroyForcibly();
      killed.forEach(Process::destroyForcibly);
    }
    for (Process victim : killed) {
      assertThat(victim.exitValue()).as(Files.readString(errors())).isEqualTo(128 + 9);
    }
    // What the dead left is cleaned up, once it is old, and counted.
    try (Stream<Path> files = Files.walk(directory.resolve("cache"))) {
      for (Path left : files.filter(file -> file.toString().endsWith(".tmp")).toList()) {
        Files.setLastModifiedTime(
            left, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
      }
    }
    KnownSource store = new KnownSource(SEED, LENGTH);
    CacheStatistics statistics = new CacheStatistics();
    try (ChunkCache cache = open(directory.resolve("cache"), statistics);
        ByteSource source = cache.through(ID, LENGTH, "images", () -> store)) {
      int kept = cache.present(ID).nextSetBit(0);
      assertThat(kept).isNotNegative();
      source.readFully((long) kept * ChunkCache.CHUNK_LENGTH, ByteBuffer.allocate(10));
      assertThat(statistics.hits()).isOne();
      ByteBuffer all = ByteBuffer.allocate((int) LENGTH);
      source.readFully(0, all);
      assertThat(store.holds(0, all.flip())).isTrue();
    }
    assertThat(statistics.damagedChunks()).isZero();
    assertThat(bytesOnDisk(false)).isLessThanOrEqualTo(LIMIT);
    assertThat(bytesOnDisk(true)).isEqualTo(bytesOnDisk(false));
    assertThat(CacheFolder.account(directory.resolve("cache")).total())
        .isEqualTo(bytesOnDisk(false));
  }

  private static ChunkCache open(Path folder, CacheStatistics statistics) {
    return ChunkCache.open(CacheOptions.of(folder, LIMIT), "hdfs://nn/images", statistics);
  }

  private static void awaitReading(Process process) throws IOException {
    assertThat(process.getInputStream().read()).as("first read").isEqualTo('r');
  }

  private long bytesOnDisk(boolean temporary) throws IOException {
    long[] sum = {0};
    CacheFolder.visitDatasets(
        directory.resolve("cache"),
        dataset -> CacheFolder.visitChunks(dataset, (file, attributes, isChunk) -> {
          sum[0] += isChunk || temporary ? attributes.size() : 0;
        }));
    return sum[0];
  }

  private Process child(int reads) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            directory.resolve("cache").toString(),
            Integer.toString(reads))
        .redirectError(ProcessBuilder.Redirect.appendTo(errors().toFile()))
        .start();
  }

  private Path errors() {
    return directory.resolve("errors");
  }

  /** Reads at random, and checks what it gets. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      KnownSource store = new KnownSource(SEED, LENGTH);
      Random random = new Random();
      try (ChunkCache cache = open(Path.of(args[0]), new CacheStatistics());
          ByteSource source = cache.through(ID, LENGTH, "images", () -> store)) {
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
          ByteBuffer target = ByteBuffer.allocate(1 + random.nextInt(100_000));
          long at = (long) (random.nextDouble() * (LENGTH - target.capacity()));
          source.readFully(at, target);
          if (!store.holds(at, target.flip())) {
            System.err.println("wrong bytes at " + at);
            System.exit(1);
          }
          if (i == 0) {
            System.out.print('r');
            System.out.flush();
          }
        }
      }
    }
  }
}
