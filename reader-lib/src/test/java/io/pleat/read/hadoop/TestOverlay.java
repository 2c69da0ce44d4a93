package io.pleat.read.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestOverlay {
  @TempDir
  Path directory;

  private Path source;
  private String dataset;
  private final AtomicLong clock = new AtomicLong();
  private final List<FileSystem> opened = new ArrayList<>();

  @BeforeEach
  void fold() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    dataset = directory.resolve("dataset").toString();
    write("a/one", "folded one");
    write("a/two", "folded two");
    write("b/deep/three", "folded three");
    fold(source.toString(), dataset, Map.of());
  }

  @AfterEach
  void close() throws IOException {
    for (FileSystem one : opened) {
      one.close();
    }
  }

  private void write(String path, String text) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    // Far from the clock of the next write: a change shows whatever the file system's ticks.
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.ofEpochSecond(1_600_000_000 + text.length())));
  }

  /** A dataset of all files and directories of a source tree as they are. */
  private static void fold(String source, String dataset, Map<String, String> configuration)
      throws IOException {
    fold(source, dataset, configuration, Set.of());
  }

  /** The same but for {@code removed}, which have tombstones. */
  private static void fold(
      String source, String dataset, Map<String, String> configuration, Set<String> removed)
      throws IOException {
    try (Store from = Stores.open(source, configuration);
        Store to = Stores.open(dataset, configuration)) {
      Content content = new Content();
      Content tombstones = new Content();
      from.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) throws IOException {
          if (removed.contains(file.path().toString())) {
            if (file.kind() == FileInfo.Kind.DIRECTORY) {
              tombstones.directory(file.path().toString(), file.attributes());
            } else {
              tombstones.passThrough(file.path().toString(), file.length(), file.attributes());
            }
          } else if (file.kind() == FileInfo.Kind.DIRECTORY) {
            content.directory(file.path().toString(), file.attributes());
          } else {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
            from.readUnchanged(file, bytes);
            content.file(file.path().toString(), bytes.array(), file.attributes());
          }
        }

        @Override
        public void unlistable(LogicalPath parent, String displayName, String reason) {}
      });
      DatasetBuilder builder = DatasetBuilder.on(to, from.location());
      builder.add(content);
      if (!removed.isEmpty()) {
        builder.addTombstones(tombstones);
      }
      builder.commit();
    }
  }

  private FileSystem open() throws IOException {
    return open(dataset, source.toString());
  }

  private FileSystem open(String location, String root) throws IOException {
    Configuration conf = new Configuration();
    conf.set("pleat.dataset.images", location);
    conf.set("pleat.overlay", "true");
    conf.set("pleat.source.roots", root);
    conf.set("dfs.replication", "1");
    PleatFileSystem fileSystem = new PleatFileSystem(clock::get);
    fileSystem.initialize(URI.create("pleat://images"), conf);
    opened.add(fileSystem);
    return fileSystem;
  }

  private static org.apache.hadoop.fs.Path path(String text) {
    return new org.apache.hadoop.fs.Path(text);
  }

  private static String text(FileSystem fileSystem, String path) throws IOException {
    try (FSDataInputStream in = fileSystem.open(path(path))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static void put(FileSystem fileSystem, String path, String text) throws IOException {
    try (FSDataOutputStream out = fileSystem.create(path(path))) {
      out.write(text.getBytes(UTF_8));
    }
  }

  /** Every file by path, from a recursive listing and from one of each directory; both must agree. */
  private static Map<String, String> all(FileSystem fileSystem) throws IOException {
    Map<String, String> files = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> found = fileSystem.listFiles(path("/"), true);
    while (found.hasNext()) {
      LocatedFileStatus file = found.next();
      String path = file.getPath().toUri().getPath();
      assertThat(files.put(path, text(fileSystem, path))).as(path).isNull();
      assertThat(fileSystem.getFileStatus(file.getPath()).getLen()).isEqualTo(file.getLen());
    }
    Map<String, String> walked = new TreeMap<>();
    walk(fileSystem, path("/"), walked);
    assertThat(walked).isEqualTo(files);
    return files;
  }

  private static void walk(
      FileSystem fileSystem, org.apache.hadoop.fs.Path directory, Map<String, String> files)
      throws IOException {
    for (FileStatus child : fileSystem.listStatus(directory)) {
      if (child.isDirectory()) {
        walk(fileSystem, child.getPath(), files);
      } else {
        String path = child.getPath().toUri().getPath();
        files.put(path, text(fileSystem, path));
      }
    }
  }

  @Test
  void newAndChangedFilesWinAndListingsMergeBoth() throws IOException {
    write("a/one", "changed since");
    write("a/new", "new");
    write("c/d/e", "new below new");
    Files.createDirectory(source.resolve("bare"));
    Files.delete(source.resolve("a/two")); // reclaimed, say
    Files.createSymbolicLink(source.resolve("a/link"), source.resolve("a/new"));
    FileSystem images = open();
    assertThat(all(images))
        .containsExactly(
            Map.entry("/a/new", "new"),
            Map.entry("/a/one", "changed since"),
            Map.entry("/a/two", "folded two"),
            Map.entry("/b/deep/three", "folded three"),
            Map.entry("/c/d/e", "new below new"));
    assertThat(images.getFileStatus(path("/bare")).isDirectory()).isTrue();
    assertThat(images.exists(path("/a/link"))).isFalse();
    assertThat(images.getContentSummary(path("/")).getFileCount()).isEqualTo(5);
    assertThat(images.globStatus(path("/a/*")))
        .extracting(status -> status.getPath().getName())
        .containsExactly("new", "one", "two");
  }

  @Test
  void aFileThatBecameADirectoryAndTheReverseReplaces() throws IOException {
    Files.delete(source.resolve("a/one"));
    write("a/one/below", "was a file");
    Files.delete(source.resolve("b/deep/three"));
    Files.delete(source.resolve("b/deep"));
    write("b/deep", "was a directory");
    assertThat(all(open()))
        .containsExactly(
            Map.entry("/a/one/below", "was a file"),
            Map.entry("/a/two", "folded two"),
            Map.entry("/b/deep", "was a directory"));
  }

  @Test
  void noReadCallsTheSourceUntilTheListingsAreOld() throws IOException {
    FileSystem images = open();
    assertThat(all(images)).hasSize(3);
    // Nothing of the source is left to be asked: whoever does, notices.
    Path away = directory.resolve("away");
    Files.move(source, away);
    write("a/late", "late");
    clock.addAndGet(TimeUnit.MINUTES.toNanos(10) - 1);
    assertThat(all(images)).hasSize(3).doesNotContainKey("/a/late");
    clock.addAndGet(1);
    assertThat(all(images)).hasSize(4).containsEntry("/a/late", "late");
  }

  @Test
  void writesGoToTheSourceAndAreSeenAtOnce() throws IOException {
    FileSystem images = open();
    assertThat(all(images)).hasSize(3); // all listings are cached now
    put(images, "/a/checkpoint", "first");
    assertThat(text(images, "/a/checkpoint")).isEqualTo("first");
    assertThat(Files.readString(source.resolve("a/checkpoint"))).isEqualTo("first");
    put(images, "/a/checkpoint", "second one");
    put(images, "/x/y/z", "in new directories");
    put(images, "/a/one", "over a folded file");
    assertThat(all(images))
        .containsExactly(
            Map.entry("/a/checkpoint", "second one"),
            Map.entry("/a/one", "over a folded file"),
            Map.entry("/a/two", "folded two"),
            Map.entry("/b/deep/three", "folded three"),
            Map.entry("/x/y/z", "in new directories"));
    assertThatThrownBy(() -> images.create(path("/a/two"), false).close())
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessage("pleat://images/a/two exists already");
    assertThatThrownBy(() -> images.create(path("/a/two/below")).close())
        .isInstanceOf(ParentNotDirectoryException.class)
        .hasMessage("pleat://images/a/two is a file");
    assertThat(images.hasPathCapability(path("/"), CommonPathCapabilities.FS_READ_ONLY_CONNECTOR))
        .isFalse();
  }

  @Test
  void createThenRenameWorksAmongLooseFiles() throws IOException {
    FileSystem images = open();
    assertThat(all(images)).hasSize(3);
    put(images, "/_tmp/part-0", "done");
    assertThat(images.rename(path("/_tmp/part-0"), path("/b/deep/part-0"))).isTrue();
    assertThat(images.exists(path("/_tmp/part-0"))).isFalse();
    assertThat(text(images, "/b/deep/part-0")).isEqualTo("done");
    put(images, "/_tmp/sub/x", "moved with its directory");
    assertThat(images.rename(path("/_tmp/sub"), path("/a"))).isTrue();
    assertThat(text(images, "/a/sub/x")).isEqualTo("moved with its directory");
    assertThat(images.delete(path("/_tmp"), true)).isTrue();
    assertThat(images.exists(path("/_tmp"))).isFalse();
    assertThat(images.delete(path("/_tmp"), true)).isFalse();
    assertThatThrownBy(() -> images.rename(path("/a/sub/x"), path("/a/one")))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessage("pleat://images/a/one exists already, folded; 'pleat rm' removes it");
    assertThatThrownBy(() -> images.rename(path("/a/sub/x"), path("/no/where")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("there is no directory pleat://images/no");
  }

  /** Reclaimed originals may have left no directory behind. */
  @Test
  void renameIntoAFoldedDirectoryMakesItInTheSource() throws IOException {
    Files.delete(source.resolve("b/deep/three"));
    Files.delete(source.resolve("b/deep"));
    Files.delete(source.resolve("b"));
    FileSystem images = open();
    put(images, "/tmp", "moved");
    assertThat(images.rename(path("/tmp"), path("/b/deep/moved"))).isTrue();
    assertThat(Files.readString(source.resolve("b/deep/moved"))).isEqualTo("moved");
    assertThat(text(images, "/b/deep/three")).isEqualTo("folded three");
  }

  @Test
  void whatIsFoldedIsNeitherDeletedNorRenamed() throws IOException {
    FileSystem images = open();
    put(images, "/a/two", "over it");
    for (String folded : List.of("/a/one", "/a/two", "/a", "/b/deep", "/")) {
      String name = folded.substring(1);
      assertThatThrownBy(() -> images.delete(path(folded), true))
          .isInstanceOf(PathIOException.class)
          .hasMessageContaining("cannot delete what is folded; 'pleat rm " + dataset + " " + name
              + "' removes it from the dataset");
      if (!name.isEmpty()) {
        assertThatThrownBy(() -> images.rename(path(folded), path("/elsewhere")))
            .isInstanceOf(PathIOException.class)
            .hasMessageContaining("cannot rename what is folded; 'pleat rm");
      }
    }
    assertThatThrownBy(() -> images.append(path("/a/one")))
        .isInstanceOf(PathIOException.class)
        .hasMessageContaining("cannot append to what is folded");
    assertThat(Files.readString(source.resolve("a/one"))).isEqualTo("folded one");
    assertThat(all(images)).hasSize(3).containsEntry("/a/two", "over it");
  }

  /** Until it changes, or something is written there. */
  @Test
  void whatWasRemovedStaysAwayAlthoughTheSourceHasIt() throws IOException {
    write("gone/x", "removed with its directory");
    String other = directory.resolve("other").toString();
    fold(source.toString(), other, Map.of(), Set.of("a/one", "gone", "gone/x"));
    FileSystem images = open(other, source.toString());
    assertThat(all(images).keySet()).containsExactly("/a/two", "/b/deep/three");
    assertThat(images.exists(path("/a/one"))).isFalse();
    assertThat(images.exists(path("/gone"))).isFalse();
    assertThatThrownBy(() -> images.open(path("/a/one"))).isInstanceOf(FileNotFoundException.class);
    put(images, "/a/one", "written anew");
    write("gone/y", "new beside it");
    clock.addAndGet(TimeUnit.MINUTES.toNanos(10));
    assertThat(all(images))
        .containsExactly(
            Map.entry("/a/one", "written anew"),
            Map.entry("/a/two", "folded two"),
            Map.entry("/b/deep/three", "folded three"),
            Map.entry("/gone/y", "new beside it"));
  }

  @Test
  void linksOutOfTheSourceAreNotFollowed() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.createSymbolicLink(source.resolve("door"), outside);
    FileSystem images = open();
    assertThat(images.exists(path("/door"))).isFalse();
    assertThatThrownBy(() -> put(images, "/door/x", "out"))
        .isInstanceOf(PathIOException.class)
        .hasMessageContaining("/door is a symbolic link");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void rootsThatAreNotAllowedAreRefused() {
    assertThatThrownBy(() -> open(dataset, directory.resolve("other").toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("pleat.overlay is on, but its source root " + source
            + " is not allowed: allow it by pleat.source.roots=" + source);
  }

  @Test
  void overHdfsReadsCallTheNameNodeOnceADirectory() throws IOException {
    MiniHdfs hdfs = MiniHdfs.shared();
    String base = hdfs.freshDirectory();
    FileSystem direct = hdfs.fileSystem();
    for (int i = 0; i < 20; i++) {
      put(direct, base + "/source/d/" + i, "number " + i);
    }
    fold(base + "/source", base + "/dataset", hdfs.configuration());
    put(direct, base + "/source/d/20", "loose");
    FileSystem images = open(base + "/dataset", base + "/source");
    assertThat(text(images, "/d/3")).isEqualTo("number 3");
    assertThat(images.listStatus(path("/d"))).hasSize(21);
    Map<String, Long> before = reads(hdfs);
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 20; i++) {
        assertThat(text(images, "/d/" + i)).isEqualTo("number " + i);
      }
      assertThat(images.listStatus(path("/d"))).hasSize(21);
      assertThat(images.exists(path("/d/absent"))).isFalse();
    }
    assertThat(reads(hdfs)).isEqualTo(before);
    assertThat(text(images, "/d/20")).isEqualTo("loose");
    put(images, "/d/checkpoint", "written");
    assertThat(text(images, "/d/checkpoint")).isEqualTo("written");
    assertThat(images.rename(path("/d/checkpoint"), path("/d/final"))).isTrue();
    assertThat(direct.exists(path(base + "/source/d/final"))).isTrue();
    assertThat(images.getFileBlockLocations(path("/d/final"), 0, 7)).hasSize(1);
  }

  /** How often the name node was asked for anything that a read may want. */
  private static Map<String, Long> reads(MiniHdfs hdfs) {
    Map<String, Long> calls = hdfs.calls();
    calls
        .keySet()
        .retainAll(List.of(
            "GetListing", "GetFileInfo", "GetLocatedFileInfo", "GetBlockLocations", "CheckAccess"));
    return calls;
  }
}
