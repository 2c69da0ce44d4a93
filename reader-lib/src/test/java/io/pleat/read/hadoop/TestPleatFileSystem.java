package io.pleat.read.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StorageStatistics;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestPleatFileSystem {
  private static final Attributes ATTRIBUTES =
      new Attributes(1_600_000_000, 123_456_789, 0640, "alice", "staff", "");

  @TempDir
  Path directory;

  private final List<FileSystem> opened = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (FileSystem one : opened) {
      one.close();
    }
  }

  private String build(Content... containers) throws IOException {
    String location = directory.resolve("images.pleat").toString();
    build(location, Map.of(), containers);
    return location;
  }

  private static Snapshot build(
      String location, Map<String, String> configuration, Content... containers)
      throws IOException {
    try (Store store = Stores.open(location, configuration)) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/nowhere");
      for (Content content : containers) {
        builder.add(content);
      }
      return builder.commit();
    }
  }

  private static Content sample() {
    return new Content()
        .directory("", ATTRIBUTES)
        .directory("train", new Attributes(1_500_000_000, 0, 01770, "bob", "ml", ""))
        .file("train/b.jpg", "bee".getBytes(UTF_8), ATTRIBUTES)
        .file("train/a b%20#?.jpg", "ay".getBytes(UTF_8), ATTRIBUTES)
        .file("train/deep/er/c.jpg", "sea".getBytes(UTF_8), ATTRIBUTES)
        .file("empty", new byte[0], ATTRIBUTES)
        .directory("void");
  }

  private FileSystem open(String name, String... settings) throws IOException {
    Configuration conf = new Configuration();
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    FileSystem fileSystem = FileSystem.newInstance(URI.create("pleat://" + name + "/"), conf);
    opened.add(fileSystem);
    return fileSystem;
  }

  private static org.apache.hadoop.fs.Path path(String text) {
    return new org.apache.hadoop.fs.Path(text);
  }

  private static String text(FileSystem fileSystem, org.apache.hadoop.fs.Path path)
      throws IOException {
    try (FSDataInputStream in = fileSystem.open(path)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void statisticsAreShownInHadoopsWay() throws IOException {
    FileSystem images = open("images", "pleat.dataset.images", build(sample()));
    StorageStatistics statistics = images.getStorageStatistics();
    assertThat(statistics.getName()).isEqualTo("pleat://images");
    assertThat(statistics.getScheme()).isEqualTo("pleat");
    assertThat(statistics.isTracked("pleat_files_read")).isTrue();
    assertThat(statistics.getLong("pleat_files_read")).isZero();
    try (FSDataInputStream in = images.open(path("/train/b.jpg"))) {
      assertThat(in.readAllBytes()).hasSize(3);
      assertThat(in.hasCapability(StreamCapabilities.IOSTATISTICS)).isTrue();
      assertThat(in.getIOStatistics().counters())
          .containsEntry("stream_read_bytes", 3L)
          .containsEntry("stream_read_operations", 1L);
    }
    assertThat(statistics.getLong("pleat_files_read")).isOne();
    assertThat(statistics.getLong("pleat_bytes_read")).isEqualTo(3);
    assertThat(statistics.getLong("pleat_store_bytes")).isPositive();
    assertThat(((IOStatisticsSource) images).getIOStatistics().counters())
        .containsEntry("pleat_fallback_reads", 0L)
        .containsEntry("pleat_cache_hits", 0L);
    assertThat(((IOStatisticsSource) images).getIOStatistics().gauges())
        .containsKeys(
            "pleat_avoided_containers", "pleat_read_median_micros", "pleat_store_read_p99_micros");
  }

  @Test
  void namesAndEncodedLocationsOpenTheSameDataset() throws IOException {
    String location = build(sample());
    FileSystem named = open("images", "pleat.dataset.images", location);
    FileSystem encoded = open(DatasetAuthority.of(location));
    assertThat(text(named, path("pleat://images/train/b.jpg"))).isEqualTo("bee");
    assertThat(text(encoded, path("/train/b.jpg"))).isEqualTo("bee");
    assertThat(text(encoded, path("pleat://" + DatasetAuthority.of(location) + "/train/b.jpg")))
        .isEqualTo("bee");
    assertThat(text(named, path("train/b.jpg"))).isEqualTo("bee"); // of the working directory
    assertThatThrownBy(() -> named.open(path("pleat://other/train/b.jpg")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Wrong FS: pleat://other/train/b.jpg");
  }

  @Test
  void authorityThatNamesNothingSaysHowToConfigureOne() {
    assertThatThrownBy(() -> open("imagnet", "pleat.dataset.imagenet", "hdfs://nn/x"))
        .isInstanceOf(IOException.class)
        .hasMessage("pleat://imagnet: no dataset is called 'imagnet': set pleat.dataset.imagnet to"
            + " its location, or write its location into the URI, as 'pleat uri LOCATION' prints it;"
            + " set are imagenet");
    assertThatThrownBy(() -> FileSystem.newInstance(URI.create("pleat:///x"), new Configuration()))
        .isInstanceOf(IOException.class)
        .hasMessage("a pleat: URI names its dataset: pleat://NAME/path with the setting"
            + " pleat.dataset.NAME, or pleat://ENCODED/path with what 'pleat uri LOCATION' prints;"
            + " none is set");
    assertThatThrownBy(() -> open("hdfs--a-q"))
        .isInstanceOf(IOException.class)
        .hasMessage("pleat://hdfs--a-q encodes no location ('-q' stands for nothing: 'hdfs--a-q'):"
            + " 'pleat uri LOCATION' prints the right one, or set pleat.dataset.hdfs--a-q");
    assertThatThrownBy(() -> open("x", "pleat.dataset.x", "pleat://x/"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the location of a dataset");
    assertThatThrownBy(() -> open("x", "pleat.dataset.x", "/tmp", "pleat.index.cache.size", "-1"))
        .isInstanceOf(IOException.class)
        .hasMessage("a setting of pleat://x is wrong: negative index cache size: -1");
  }

  @Test
  void placeWithoutDatasetIsNamed() {
    assertThatThrownBy(() -> open("x", "pleat.dataset.x", directory.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("pleat://x cannot be opened, its dataset being at " + directory)
        .hasMessageContaining("no dataset is here");
  }

  @Test
  void statusTellsWhatWasFolded() throws IOException {
    FileSystem images = open("images", "pleat.dataset.images", build(sample()));
    FileStatus file = images.getFileStatus(path("/train/b.jpg"));
    assertThat(file.getPath()).isEqualTo(path("pleat://images/train/b.jpg"));
    assertThat(file.getLen()).isEqualTo(3);
    assertThat(file.getModificationTime()).isEqualTo(1_600_000_000_123L);
    assertThat(file.getPermission()).isEqualTo(new FsPermission((short) 0640));
    assertThat(file.getOwner()).isEqualTo("alice");
    assertThat(file.getGroup()).isEqualTo("staff");
    FileStatus train = images.getFileStatus(path("/train"));
    assertThat(train.isDirectory()).isTrue();
    assertThat(train.getModificationTime()).isEqualTo(1_500_000_000_000L);
    assertThat(train.getPermission()).isEqualTo(new FsPermission((short) 01770));
    assertThat(images.getFileStatus(path("/train/deep")).isDirectory()).isTrue();
    assertThat(images.getFileStatus(path("/")).getOwner()).isEqualTo("alice");
    assertThatThrownBy(() -> images.getFileStatus(path("/train/x")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("pleat://images/train/x is neither file nor directory of "
            + directory.resolve("images.pleat"));
    assertThatThrownBy(() -> images.open(path("/train")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("pleat://images/train is a directory");
    assertThatThrownBy(() -> images.open(path("/train/x")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("pleat://images/train/x: no such file in snapshot 1");
  }

  @Test
  void everyListingShowsEveryName() throws IOException {
    FileSystem images = open("images", "pleat.dataset.images", build(sample()));
    assertThat(images.listStatus(path("/train")))
        .extracting(status -> status.getPath().getName())
        .containsExactly("a b%20#?.jpg", "b.jpg", "deep");
    List<String> below = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> files = images.listFiles(path("/"), true);
    while (files.hasNext()) {
      LocatedFileStatus file = files.next();
      below.add(file.getPath().toUri().getPath() + "=" + text(images, file.getPath()));
      assertThat(file.getBlockLocations()).hasSize(file.getLen() == 0 ? 0 : 1);
    }
    assertThat(below)
        .containsExactly(
            "/empty=", "/train/a b%20#?.jpg=ay", "/train/b.jpg=bee", "/train/deep/er/c.jpg=sea");
    assertThat(images.globStatus(path("/tr*/[b-z]*.jpg")))
        .extracting(status -> status.getPath().toString())
        .containsExactly("pleat://images/train/b.jpg");
    assertThat(images.globStatus(path("/*/deep/*/*")))
        .extracting(status -> status.getPath().toString())
        .containsExactly("pleat://images/train/deep/er/c.jpg");
    ContentSummary all = images.getContentSummary(path("/"));
    assertThat(List.of(all.getFileCount(), all.getDirectoryCount(), all.getLength()))
        .containsExactly(4L, 5L, 8L);
    ContentSummary one = images.getContentSummary(path("/train/b.jpg"));
    assertThat(List.of(one.getFileCount(), one.getDirectoryCount(), one.getLength()))
        .containsExactly(1L, 0L, 3L);
  }

  /** HDFS has no such names, and Hadoop's globbing and shell cannot take them; listing and reading can. */
  @Test
  void namesWithColonsAreListedAndRead() throws IOException {
    FileSystem images = open(
        "images", "pleat.dataset.images", build(new Content().file("d/12:30\n%2F", "half past")));
    FileStatus[] found = images.listStatus(path("/d"));
    assertThat(found).hasSize(1);
    assertThat(found[0].getPath().getName()).isEqualTo("12:30\n%2F");
    assertThat(text(images, found[0].getPath())).isEqualTo("half past");
  }

  @Test
  void qualifyingAgreesForFileSystemAndPaths() throws IOException {
    String location = build(sample());
    for (String authority : List.of("images", DatasetAuthority.of(location))) {
      FileSystem images = open(authority, "pleat.dataset.images", location);
      assertThat(images.getUri()).hasToString("pleat://" + authority);
      for (String text : List.of("/a b", "train/x", "pleat://" + authority + "/x")) {
        assertThat(images.makeQualified(path(text)))
            .isEqualTo(path(text).makeQualified(images.getUri(), images.getWorkingDirectory()));
        assertThat(images.makeQualified(path(text)).toUri().getAuthority()).isEqualTo(authority);
      }
      for (FileStatus child : images.listStatus(path("/train"))) {
        assertThat(images.makeQualified(child.getPath())).isEqualTo(child.getPath());
        assertThat(images.getFileStatus(child.getPath())).isEqualTo(child);
      }
    }
  }

  @Test
  void fileContextReadsThroughIt() throws IOException {
    String location = build(sample());
    Configuration conf = new Configuration();
    conf.set("fs.AbstractFileSystem.pleat.impl", PleatFs.class.getName());
    URI uri = URI.create("pleat://" + DatasetAuthority.of(location) + "/");
    FileContext images = FileContext.getFileContext(uri, conf);
    try (FSDataInputStream in = images.open(path("/train/b.jpg"))) {
      assertThat(in.readAllBytes()).isEqualTo("bee".getBytes(UTF_8));
    }
    assertThat(images.makeQualified(path("/train"))).isEqualTo(path(uri + "train"));
    assertThat(images.util().listStatus(path("/train"))).hasSize(3);
  }

  @Test
  void writesSayThatItIsReadOnly() throws IOException {
    FileSystem images = open("images", "pleat.dataset.images", build(sample()));
    List<Call> writes = List.of(
        () -> images.create(path("/new")),
        () -> images.append(path("/empty")),
        () -> images.rename(path("/empty"), path("/full")),
        () -> images.delete(path("/empty"), false),
        () -> images.mkdirs(path("/new")),
        () -> images.setPermission(path("/empty"), new FsPermission((short) 0600)),
        () -> images.setTimes(path("/empty"), 1, 1),
        () -> images.setReplication(path("/empty"), (short) 2));
    for (Call write : writes) {
      assertThatThrownBy(write::run)
          .isInstanceOf(PathIOException.class)
          .hasMessageContaining("pleat://images is read-only, a snapshot of " + directory);
    }
    assertThat(images.mkdirs(path("/train"))).isTrue(); // it is there
    assertThat(images.delete(path("/absent"), true)).isFalse();
    assertThat(images.hasPathCapability(path("/"), CommonPathCapabilities.FS_READ_ONLY_CONNECTOR))
        .isTrue();
  }

  private interface Call {
    void run() throws IOException;
  }

  @Test
  void pinnedSnapshotStaysAndAVersionCanBeAskedFor() throws IOException {
    String location = directory.resolve("images.pleat").toString();
    try (Store store = Stores.open(location, Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/nowhere");
      builder.add(new Content().file("a", "one"));
      builder.commit();
      FileSystem first = open("images", "pleat.dataset.images", location);
      builder.add(new Content().file("a", "two").file("b", "new"));
      builder.commit();
      assertThat(text(first, path("/a"))).isEqualTo("one");
      assertThat(first.exists(path("/b"))).isFalse();
      assertThat(text(open("images", "pleat.dataset.images", location), path("/a")))
          .isEqualTo("two");
      FileSystem old =
          open("images", "pleat.dataset.images", location, "pleat.dataset.images.version", "1");
      assertThat(text(old, path("/a"))).isEqualTo("one");
      assertThatThrownBy(() ->
              open("images", "pleat.dataset.images", location, "pleat.dataset.images.version", "9"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("pleat://images cannot be opened");
    }
  }

  @Test
  void passThroughFilesWantTheirRootAllowed() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    byte[] bytes = new byte[3 << 20];
    new Random(5).nextBytes(bytes);
    Files.write(source.resolve("big"), bytes);
    String location = directory.resolve("images.pleat").toString();
    try (Store store = Stores.open(location, Map.of());
        Store from = Stores.open(source.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, source.toString());
      builder.add(new Content()
          .passThrough(
              "big",
              bytes.length,
              from.stat(io.pleat.format.LogicalPath.of("big")).get().attributes()));
      builder.commit();
    }
    FileSystem refusing = open("images", "pleat.dataset.images", location);
    assertThatThrownBy(() -> refusing.open(path("/big")))
        .isInstanceOf(AccessControlException.class)
        .hasMessage("pleat://images/big was too large to fold and stayed under " + source
            + ", which this reader may not read: allow it by the setting pleat.source.roots="
            + source);
    FileSystem allowing =
        open("images", "pleat.dataset.images", location, "pleat.source.roots", source.toString());
    try (FSDataInputStream in = allowing.open(path("/big"))) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
      in.seek(1 << 20);
      assertThat(in.read()).isEqualTo(bytes[1 << 20] & 0xFF);
      byte[] part = new byte[100];
      in.readFully(2 << 20, part);
      assertThat(part).isEqualTo(Arrays.copyOfRange(bytes, 2 << 20, (2 << 20) + 100));
    }
    FileSystem local = FileSystem.getLocal(new Configuration()).getRaw();
    assertThat(allowing.getFileChecksum(path("/big")).getBytes())
        .isEqualTo(crcOf(bytes))
        .hasSize(4);
    assertThat(local.exists(path(source.toString()))).isTrue(); // still open
  }

  private static byte[] crcOf(byte[] bytes) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(bytes);
    return java.nio.ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
  }

  @Test
  void streamReadsAnyRangeFromAnyPosition() throws IOException {
    byte[] bytes = new byte[20_000];
    long seed = 11;
    Random random = new Random(seed);
    random.nextBytes(bytes);
    FileSystem images =
        open("images", "pleat.dataset.images", build(new Content().file("f", bytes, ATTRIBUTES)));
    try (FSDataInputStream in = images.open(path("/f"))) {
      for (int round = 0; round < 2000; round++) {
        int at = random.nextInt(bytes.length + 1);
        byte[] buffer = new byte[random.nextInt(9000)];
        String what = "seed " + seed + ", round " + round;
        int read;
        if (random.nextBoolean()) {
          in.seek(at);
          read = in.read(buffer);
          assertThat(in.getPos()).as(what).isEqualTo(at + Math.max(read, 0));
        } else {
          read = in.read(at, buffer, 0, buffer.length);
        }
        if (round % 100 == 0) {
          in.unbuffer();
        }
        if (buffer.length == 0 || at == bytes.length) {
          assertThat(read).as(what).isEqualTo(buffer.length == 0 ? 0 : -1);
        } else {
          assertThat(read).as(what).isPositive();
          assertThat(Arrays.mismatch(bytes, at, at + read, buffer, 0, read))
              .as(what)
              .isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void hdfsDatasetHasItsContainersBlocksChecksumsAndTokens() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String base = hdfs.freshDirectory();
    byte[] bytes = new byte[200_000];
    new Random(3).nextBytes(bytes);
    Content content = new Content();
    for (int i = 0; i < 30; i++) {
      content.file("d/" + i, Arrays.copyOf(bytes, 10_000 * (i % 20)), ATTRIBUTES);
    }
    build(base + "/dataset", Map.of("dfs.replication", "1", "dfs.blocksize", "131072"), content);
    org.apache.hadoop.fs.Path dataset = path(base + "/dataset");
    FileStatus container =
        hdfs.fileSystem().listStatus(new org.apache.hadoop.fs.Path(dataset, "containers"))[0];
    BlockLocation[] blocks =
        hdfs.fileSystem().getFileBlockLocations(container, 0, container.getLen());
    assertThat(blocks.length).isGreaterThan(10);

    FileSystem images = open("images", "pleat.dataset.images", dataset.toString());
    boolean crossed = false;
    for (FileStatus file : images.listStatus(path("/d"))) {
      BlockLocation[] found = images.getFileBlockLocations(file, 0, file.getLen());
      long covered = 0;
      for (BlockLocation block : found) {
        assertThat(block.getOffset()).isEqualTo(covered);
        covered += block.getLength();
        assertThat(block.getHosts()).isEqualTo(blocks[0].getHosts());
        assertThat(block.getNames()).isEqualTo(blocks[0].getNames());
      }
      assertThat(covered).isEqualTo(file.getLen());
      crossed |= found.length > 1;
      // HDFS gives the same checksum to a file of the same bytes.
      org.apache.hadoop.fs.Path copy = path(base + "/copy-" + file.getPath().getName());
      try (FSDataOutputStream out = hdfs.fileSystem().create(copy)) {
        out.write(bytes, 0, (int) file.getLen());
      }
      Configuration composite = new Configuration();
      composite.set("dfs.checksum.combine.mode", "COMPOSITE_CRC");
      try (FileSystem combining = FileSystem.newInstance(URI.create(hdfs.uri()), composite)) {
        FileChecksum theirs = combining.getFileChecksum(copy);
        if (file.getLen() > 0) {
          assertThat(images.getFileChecksum(file.getPath())).isEqualTo(theirs);
        }
      }
    }
    assertThat(crossed).isTrue();

    assertThat(images.getCanonicalServiceName()).isNull();
    assertThat(images.getAdditionalTokenIssuers())
        .extracting(issuer -> issuer.getCanonicalServiceName())
        .containsExactly(hdfs.fileSystem().getCanonicalServiceName());
    FileSystem shared = dataset.getFileSystem(images.getConf());
    images.close();
    assertThat(shared.exists(dataset)).isTrue();
    assertThatThrownBy(() -> images.listStatus(path("/")))
        .isInstanceOf(IOException.class)
        .hasMessage("pleat://images: the file system was closed");
  }

  @Test
  void shellListsCopiesAndSums() throws Exception {
    Configuration conf = new Configuration();
    conf.set("pleat.dataset.images", build(sample()));
    Path copy = directory.resolve("copy");
    assertThat(shell(conf, "-get", "pleat://images/train", copy.toString())).isEmpty();
    assertThat(Files.readString(copy.resolve("b.jpg"))).isEqualTo("bee");
    assertThat(Files.readString(copy.resolve("deep/er/c.jpg"))).isEqualTo("sea");
    assertThat(shell(conf, "-cat", "pleat://images/train/b.jpg")).isEqualTo("bee");
    assertThat(shell(conf, "-ls", "-R", "pleat://images/").lines())
        .anyMatch(line -> line.startsWith("-rw-r-----")
            && line.contains(" alice staff ")
            && line.endsWith(" pleat://images/train/b.jpg"))
        .anyMatch(line -> line.startsWith("drwxrwx--T") && line.endsWith(" pleat://images/train"))
        .hasSize(8);
    assertThat(shell(conf, "-checksum", "pleat://images/train/b.jpg"))
        .startsWith("pleat://images/train/b.jpg\tCOMPOSITE-CRC32C\t")
        .contains(String.format(
            "%08x", java.nio.ByteBuffer.wrap(crcOf("bee".getBytes(UTF_8))).getInt()));
    assertThat(shell(conf, "-count", "pleat://images/"))
        .matches("\\s*5\\s+4\\s+8 pleat://images/\\s*");
  }

  private static String shell(Configuration conf, String... args) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      assertThat(new FsShell(conf).run(args)).isZero();
    } finally {
      System.setOut(before);
    }
    return out.toString(UTF_8);
  }
}
