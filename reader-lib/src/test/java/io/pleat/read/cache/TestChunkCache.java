package io.pleat.read.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.read.CapturedLog;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TestChunkCache {
  private static final int CHUNK = ChunkCache.CHUNK_LENGTH;
  private static final ContainerId ID = ContainerId.parse("00112233445566778899aabbccddeeff");
  private static final ContainerId OTHER = ContainerId.parse("ffeeddccbbaa99887766554433221100");
  private static final long LIMIT = CacheOptions.LEAST_BYTES;

  @TempDir
  Path directory;

  private final CapturedLog log = CapturedLog.of(ChunkCache.class.getName());
  private final CacheStatistics statistics = new CacheStatistics();

  @AfterEach
  void close() {
    log.close();
  }

  private Path folder() {
    return directory.resolve("cache");
  }

  private ChunkCache open() {
    return ChunkCache.open(CacheOptions.of(folder(), LIMIT), "hdfs://nn/images", statistics);
  }

  private static ByteSource through(ChunkCache cache, KnownSource store) {
    return cache.through(ID, store.length(), "images/" + ID, () -> store);
  }

  private static void assertRange(ByteSource source, KnownSource store, long at, int length)
      throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(length + 3).position(2).limit(length + 2);
    source.readFully(at, direct);
    assertThat(direct.position()).isEqualTo(length + 2);
    assertThat(store.holds(at, direct.position(2)))
        .as("%s bytes at %s", length, at)
        .isTrue();
  }

  private List<Path> chunks() throws IOException {
    if (!Files.exists(folder())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder())) {
      return files
          .filter(file -> file.toString().contains(".chunk"))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  private long bytesOnDisk() throws IOException {
    long sum = 0;
    for (Path chunk : chunks()) {
      sum += Files.size(chunk);
    }
    return sum;
  }

  @Test
  void rangesAreRightAndFetchedOnce() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    KnownSource store = new KnownSource(seed, 5 * CHUNK + 12_345);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      for (int i = 0; i < 200; i++) {
        long at = (long) (random.nextDouble() * store.length());
        int length = (int)
            Math.min(store.length() - at, random.nextInt(random.nextBoolean() ? 3 * CHUNK : 50));
        assertRange(source, store, at, length);
      }
      assertRange(source, store, 0, (int) store.length());
      assertThat(store.bytes.get()).as("seed %s", seed).isEqualTo(store.length());
      assertThat(statistics.misses()).isEqualTo(6);
      assertThat(statistics.storedChunks()).isEqualTo(6);
      assertThat(statistics.storedBytes()).isEqualTo(bytesOnDisk());
      assertThatThrownBy(() -> source.readFully(store.length() - 1, ByteBuffer.allocate(2)))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining(ID.toString());
    }
    try (ChunkCache again = open(); // as another process would
        ByteSource source = again.through(ID, store.length(), "gone", () -> {
          throw new IOException("the store is away");
        })) {
      assertRange(source, store, 0, (int) store.length());
    }
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void chunksThatLieSideBySideAreFetchedByOneRead() throws IOException {
    KnownSource store = new KnownSource(1, 7 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 3 * CHUNK + 5, 1);
      assertRange(source, store, 0, 7 * CHUNK);
      assertThat(store.reads.get()).isEqualTo(3);
      assertThat(store.bytes.get()).isEqualTo(7 * CHUNK);
    }
  }

  @Test
  void threadsThatWantOneChunkFetchItOnce() throws Exception {
    KnownSource store = new KnownSource(2, 2 * CHUNK);
    CountDownLatch all = new CountDownLatch(8);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int at = 1000 * i;
        readers.add(threads.submit(() -> {
          all.countDown();
          all.await();
          assertRange(source, store, at, 900);
          return null;
        }));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
      assertThat(store.bytes.get())
          .isLessThanOrEqualTo(2L * CHUNK); // who looks before and asks after fetches once more
      assertThat(statistics.hits() + statistics.misses()).isEqualTo(8);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void failureOfTheStoreIsTheReadersAndPasses() throws IOException {
    KnownSource store = new KnownSource(3, 2 * CHUNK);
    store.failure = new IOException("no data node");
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> source.readFully(7, ByteBuffer.allocate(9)))
            .isSameAs(store.failure);
      }
      store.failure = null;
      assertRange(source, store, 7, 9);
    }
  }

  @Test
  void everyDamageIsSeenAndFetchedAnew() throws IOException {
    KnownSource store = new KnownSource(4, 60_000);
    Random random = new Random(5);
    Path file;
    try (ChunkCache cache = open()) {
      assertRange(through(cache, store), store, 0, 1);
      file = chunks().get(0);
    }
    byte[] sound = Files.readAllBytes(file);
    List<byte[]> damages = new ArrayList<>();
    int checked = 300; // behind it only the data is covered
    for (int bit = 0; bit < 8 * checked; bit += 5) {
      damages.add(flipped(sound, bit));
    }
    for (int i = 0; i < 100; i++) {
      damages.add(flipped(sound, 8 * (512 + random.nextInt(60_000)) + random.nextInt(8)));
    }
    for (int length : new int[] {0, 1, 299, 300, 511, 512, 513, 20_000, sound.length - 1}) {
      damages.add(java.util.Arrays.copyOf(sound, length));
    }
    damages.add(java.util.Arrays.copyOf(sound, sound.length + 1));
    damages.add(new byte[sound.length]);
    for (byte[] damaged : damages) {
      Files.write(file, damaged);
      long before = statistics.damagedChunks();
      try (ChunkCache cache = open()) {
        assertRange(through(cache, store), store, 0, 60_000);
      }
      assertThat(statistics.damagedChunks()).isEqualTo(before + 1);
      assertThat(Files.readAllBytes(file)).isEqualTo(sound);
    }
    assertThat(log.lines()).isEmpty();
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << bit % 8);
    return copy;
  }

  @Test
  void chunkInAnothersPlaceIsRefused() throws IOException {
    KnownSource store = new KnownSource(6, 3 * CHUNK);
    KnownSource other = new KnownSource(7, 3 * CHUNK);
    try (ChunkCache cache = open()) {
      assertRange(through(cache, store), store, 0, 3 * CHUNK);
      assertRange(cache.through(OTHER, 3 * CHUNK, "other", () -> other), other, 0, 1);
    }
    Path dataset = CacheFolder.dataset(folder(), "hdfs://nn/images");
    Files.write(
        CacheFolder.chunk(dataset, ID, 1), Files.readAllBytes(CacheFolder.chunk(dataset, ID, 0)));
    Files.write(
        CacheFolder.chunk(dataset, ID, 0),
        Files.readAllBytes(CacheFolder.chunk(dataset, OTHER, 0)));
    try (ChunkCache cache = open()) {
      assertRange(through(cache, store), store, 0, 3 * CHUNK);
    }
    assertThat(statistics.damagedChunks()).isEqualTo(2);
  }

  @Test
  void damageUnderAnOpenChunkIsSeen() throws IOException {
    KnownSource store = new KnownSource(8, 2 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 0, 10);
      try (var channel =
          java.nio.channels.FileChannel.open(chunks().get(0), StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[100]), 512 + 40_000);
      }
      assertRange(source, store, 0, 10);
      assertThat(statistics.damagedChunks()).isZero(); // another block
      assertRange(source, store, 40_050, 10);
      assertThat(statistics.damagedChunks()).isOne();
    }
  }

  @Test
  void limitHoldsAndWhatWasUsedLastStays() throws IOException {
    KnownSource store = new KnownSource(9, 60 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      for (int chunk = 0; chunk < 60; chunk++) {
        assertRange(source, store, (long) chunk * CHUNK + 77, 3);
        assertThat(bytesOnDisk()).isLessThanOrEqualTo(LIMIT);
        Files.setLastModifiedTime(
            CacheFolder.chunk(CacheFolder.dataset(folder(), "hdfs://nn/images"), ID, chunk),
            FileTime.from(Instant.ofEpochSecond(1_000_000 + chunk)));
      }
      BitSet present = cache.present(ID);
      assertThat(present.cardinality()).isBetween(13, 15);
      assertThat(present.nextSetBit(0)).isEqualTo(60 - present.cardinality());
      assertThat(statistics.evictedChunks()).isEqualTo(60 - present.cardinality());
      assertThat(CacheFolder.account(folder()).total()).isEqualTo(bytesOnDisk());
    }
  }

  @Test
  void datasetKeepsToItsShareAndOthersKeepTheirs() throws IOException {
    KnownSource store = new KnownSource(10, 40 * CHUNK);
    CacheOptions quarter = CacheOptions.of(folder(), LIMIT).withShare(0.25);
    try (ChunkCache big = ChunkCache.open(quarter, "hdfs://nn/a", statistics);
        ChunkCache other = ChunkCache.open(quarter, "hdfs://nn/b", new CacheStatistics())) {
      assertRange(other.through(OTHER, 3 * CHUNK, "b", () -> store), store, 0, 3 * CHUNK);
      assertRange(big.through(ID, 40 * CHUNK, "a", () -> store), store, 0, 40 * CHUNK);
      assertThat(big.present(ID).cardinality()).isEqualTo(3);
      assertThat(other.present(OTHER).cardinality()).isEqualTo(3);
      assertThat(bytesOnDisk()).isLessThanOrEqualTo(LIMIT / 2);
    }
  }

  @Test
  void accountThatIsLostOrWrongIsPutRight() throws IOException {
    KnownSource store = new KnownSource(11, 60 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 0, 2 * CHUNK);
      long next = 2;
      for (Path usage : List.of(
          folder().resolve("usage"),
          CacheFolder.dataset(folder(), "hdfs://nn/images").resolve("usage"))) {
        Files.write(usage, new byte[] {1, 2, 3});
        assertRange(source, store, next * CHUNK, 2 * CHUNK);
        next += 2;
        assertThat(CacheFolder.account(usage.getParent()).total()).isEqualTo(bytesOnDisk());
      }
      // As if many processes had died while they wrote.
      CacheFolder.account(folder()).update(total -> LIMIT);
      assertRange(source, store, 20L * CHUNK, 2 * CHUNK);
      assertThat(CacheFolder.account(folder()).total()).isEqualTo(bytesOnDisk());
      assertThat(statistics.unstoredChunks()).isZero();
    }
  }

  @Test
  void evictedChunksAreGoneAndFetchedAgain() throws IOException {
    KnownSource store = new KnownSource(12, 4 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 0, 4 * CHUNK);
      BitSet two = new BitSet();
      two.set(1, 3);
      assertThat(cache.evict(ID, two)).isEqualTo(2 * ChunkFile.fileLength(CHUNK));
      assertThat(cache.present(ID).toString()).isEqualTo("{0, 3}");
      assertThat(CacheFolder.account(folder()).total()).isEqualTo(bytesOnDisk());
      assertRange(source, store, 0, 4 * CHUNK);
      assertThat(store.bytes.get()).isEqualTo(6L * CHUNK);
    }
  }

  @Test
  void folderThatCannotBeMadeIsOneWarningAndNothingIsKept() throws IOException {
    Files.writeString(directory.resolve("cache"), "a file");
    KnownSource store = new KnownSource(13, 4 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      for (int i = 0; i < 5; i++) {
        assertRange(source, store, 5, 3 * CHUNK);
      }
    }
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("WARN no chunks of hdfs://nn/images are kept in " + folder());
    assertThat(statistics.unstoredChunks()).isEqualTo(20);
  }

  @Test
  void containersFolderThatCannotBeMadeIsOneWarning() throws IOException {
    KnownSource store = new KnownSource(14, 4 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      Files.writeString(
          CacheFolder.container(CacheFolder.dataset(folder(), "hdfs://nn/images"), ID), "a file");
      for (int i = 0; i < 5; i++) {
        assertRange(source, store, 5, 3 * CHUNK);
      }
    }
    assertThat(log.lines()).hasSize(1);
  }

  @Test
  void folderThatVanishesIsMadeAgainByTheNextProcess() throws IOException {
    KnownSource store = new KnownSource(15, 4 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 5, 3 * CHUNK);
      delete(folder());
      assertRange(source, store, 5, 3 * CHUNK);
    }
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 5, 3 * CHUNK);
      assertThat(chunks()).isNotEmpty();
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Needs a user who may mount. */
  @Test
  void fullDiskIsOneWarningAndNoError() throws Exception {
    Files.createDirectories(folder());
    Assumptions.assumeTrue(
        runs("mount", "-t", "tmpfs", "-o", "size=3m", "none", folder().toString()));
    try {
      KnownSource store = new KnownSource(16, 8 * CHUNK);
      try (ChunkCache cache = open();
          ByteSource source = through(cache, store)) {
        for (int i = 0; i < 3; i++) {
          assertRange(source, store, 5, 7 * CHUNK);
        }
        assertThat(chunks())
            .hasSizeBetween(1, 2)
            .allMatch(chunk -> chunk.toString().endsWith(".chunk"));
      }
      assertThat(log.lines()).singleElement().asString().contains("No space left on device");
    } finally {
      assertThat(runs("umount", folder().toString())).isTrue();
    }
  }

  private static boolean runs(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return false;
    }
    return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Test
  void interruptedReaderSaysSoAndOthersGoOn() throws IOException {
    KnownSource store = new KnownSource(17, 2 * CHUNK);
    try (ChunkCache cache = open();
        ByteSource source = through(cache, store)) {
      assertRange(source, store, 0, 10);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> source.readFully(0, ByteBuffer.allocate(10)))
          .isInstanceOf(java.nio.channels.ClosedByInterruptException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertRange(source, store, 0, 10);
      assertThat(statistics.misses()).isOne();
    }
    assertThat(log.lines()).isEmpty();
  }
}
