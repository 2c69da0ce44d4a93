package io.pleat.store.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.AbstractTestStore;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.FileInfo;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;

final class TestHadoopStore extends AbstractTestStore {
  private MiniHdfs hdfs;
  private FileSystem fileSystem;
  private String location;

  @Override
  protected Store open() throws IOException {
    hdfs = MiniHdfs.shared();
    fileSystem = hdfs.fileSystem();
    location = hdfs.freshDirectory();
    return Stores.open(location, hdfs.configuration());
  }

  private Path hadoopPath(String path) {
    return new Path(new Path(location), path);
  }

  @Override
  protected void overwrite(LogicalPath path, byte[] content) throws IOException {
    try (FSDataOutputStream out = fileSystem.create(hadoopPath(path.toString()), true)) {
      out.write(content);
    }
  }

  @Override
  protected List<String> names() {
    return super.names().stream().filter(name -> name.indexOf(':') < 0).toList();
  }

  @Override
  protected int manyChildren() {
    return 1200; // a page of the name node's is 1000
  }

  @Test
  void aNameThatHdfsCannotHoldIsAnErrorOfThatFile() throws IOException {
    assertThatThrownBy(() -> store().create(path("a:b")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("a:b")
        .hasMessageContaining("the file system cannot hold this name");
    assertThatThrownBy(() -> store().createExclusively(path("a:b"), new byte[1]))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> store().createDirectory(path("a:b")))
        .isInstanceOf(FileSystemException.class);
    assertThat(stat("a:b")).isEmpty();
    assertThatThrownBy(() -> store().create(path("n".repeat(256))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("255");
  }

  @Test
  void anUnchangedFileTakesOneCall() throws IOException {
    write("d/f", bytes(100_000, 1));
    FileInfo listed = listed("d/f");
    readUnchanged(listed);
    Map<String, Long> before = hdfs.calls();
    for (int i = 0; i < 10; i++) {
      readUnchanged(listed);
    }
    assertThat(clientCallsSince(before)).isEqualTo(Map.of("GetBlockLocations", 10L));
  }

  private Map<String, Long> clientCallsSince(Map<String, Long> before) {
    Map<String, Long> calls = new TreeMap<>(hdfs.calls());
    calls.replaceAll((name, count) -> count - before.getOrDefault(name, 0L));
    calls.values().removeIf(count -> count == 0);
    calls
        .keySet()
        .removeIf(name -> name.matches("Overall.*|.*Heartbeat|.*BlockReport.*|BlockReceived.*"));
    return calls;
  }

  @Test
  void appendingAndTruncatingAreNoticed() throws Exception {
    write("appended", bytes(1000, 1));
    write("truncated", bytes(1000, 1));
    write("open", bytes(1000, 1));
    FileInfo appended = listed("appended");
    FileInfo truncated = listed("truncated");
    FileInfo open = listed("open");
    try (FSDataOutputStream out = fileSystem.append(hadoopPath("appended"))) {
      out.write(1);
    }
    fileSystem.truncate(hadoopPath("truncated"), 500);
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!((DistributedFileSystem) fileSystem).isFileClosed(hadoopPath("truncated"))
        && System.nanoTime() < deadline) {
      Thread.onSpinWait(); // until the data node has done it, readers are given the old bytes
    }
    for (FileInfo listed : List.of(appended, truncated)) {
      assertThatThrownBy(() -> readUnchanged(listed))
          .as("%s", listed.path())
          .isInstanceOf(SourceChangedException.class);
    }
    try (FSDataOutputStream out = fileSystem.append(hadoopPath("open"))) {
      out.write(1);
      out.hflush();
      assertThatThrownBy(() -> readUnchanged(open)).isInstanceOf(SourceChangedException.class);
    }
  }

  @Test
  void aFileSwappedForADirectoryIsNoticed() throws IOException {
    write("f", bytes(10, 1));
    write("e", new byte[0]);
    FileInfo file = listed("f");
    FileInfo empty = listed("e");
    for (String name : List.of("f", "e")) {
      store().delete(path(name));
      store().createDirectory(path(name));
    }
    assertThatThrownBy(() -> readUnchanged(file)).isInstanceOf(SourceChangedException.class);
    assertThatThrownBy(() -> readUnchanged(empty)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void aFileOfSeveralBlocksIsSyncedAndRead() throws IOException {
    byte[] content = bytes(300_000, 5);
    try (Store small =
        Stores.open(location, Map.of("dfs.blocksize", "65536", "dfs.replication", "1"))) {
      try (var sink = small.create(path("blocks"))) {
        sink.write(ByteBuffer.wrap(content));
        sink.finish();
      }
      assertThat(small.blocksOf(300_000)).isEqualTo(5);
      assertThat(small.blocksOf(0)).isZero();
      assertThat(small.blocksOf(65_536)).isEqualTo(1);
    }
    assertThat(readUnchanged(listed("blocks"))).isEqualTo(content);
    ByteBuffer direct = ByteBuffer.allocateDirect(200_000);
    try (ByteSource source = store().open(path("blocks"))) {
      source.readFully(50_000, direct);
    }
    assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(content, 50_000, 200_000));
  }

  @Test
  void anotherUserReadsOnlyWhatItMay() throws Exception {
    write("d/secret", bytes(10, 1));
    write("shut/f", bytes(10, 1));
    FileInfo listed = listed("d/secret");
    fileSystem.setPermission(hadoopPath("d/secret"), new FsPermission("600"));
    fileSystem.setPermission(hadoopPath("shut"), new FsPermission("700"));
    UserGroupInformation someone =
        UserGroupInformation.createUserForTesting("someone", new String[] {"some"});
    someone.doAs((java.security.PrivilegedExceptionAction<Void>) () -> {
      try (Store theirs = Stores.open(location, hdfs.configuration())) {
        assertThatThrownBy(() -> theirs.readUnchanged(listed, ByteBuffer.allocate(10)))
            .isInstanceOf(AccessDeniedException.class)
            .hasMessageContaining("d/secret");
        assertThatThrownBy(() -> theirs.open(path("d/secret")))
            .isInstanceOf(AccessDeniedException.class);
        Attributes wanted = new Attributes(1, 0, 0644, "someone", "some", "");
        assertThat(theirs.setAttributes(path("d/secret"), wanted)).hasSize(4);
        Collected all = new Collected();
        theirs.listRecursively(LogicalPath.ROOT, all);
        assertThat(all.unlistable).hasSize(1).first().asString().startsWith("shut: ");
      }
      return null;
    });
  }

  @Test
  void whatHdfsDoesNotKeepIsSaid() throws IOException {
    write("f", new byte[1]);
    assertThat(store().setAttributes(path("f"), new Attributes(1, 1, 04755, "", "", "")))
        .containsExactly(
            "set-id bits of mode 4755: not kept here", "mtime: kept in milliseconds here");
    assertThat(listed("f").attributes().mode()).isEqualTo(0755);
  }

  @Test
  void locationsAreQualifiedAndLiteral() throws IOException {
    try (Store store = Stores.open(location + "/100% #1 %41//", Map.of())) {
      assertThat(store.location()).isEqualTo(location + "/100% #1 %41");
      store.createExclusively(path("x"), new byte[1]);
      assertThat(stat("100% #1 %41/x")).isPresent();
    }
    Map<String, String> defaults = Map.of("fs.defaultFS", hdfs.uri());
    String bare = location.substring(hdfs.uri().length());
    try (Store store = Stores.open("hdfs:" + bare, defaults);
        Store root = Stores.open(hdfs.uri() + "/", Map.of())) {
      assertThat(store.location()).isEqualTo(location);
      assertThat(root.location()).isEqualTo(hdfs.uri());
      assertThat(root.stat(path(bare.substring(1)))).isPresent();
    }
    for (String bad : List.of("hdfs://h/a/../b", "hdfs://me:secret@h/a", "nosuch://h/a")) {
      assertThatThrownBy(() -> Stores.open(bad, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void noTemporaryFileStaysBesideAnExclusiveOne() throws IOException {
    store().createExclusively(path("d/v"), new byte[1]);
    assertThatThrownBy(() -> store().createExclusively(path("d/v"), new byte[1]))
        .isInstanceOf(IOException.class);
    assertThat(fileSystem.listStatus(hadoopPath("d"))).hasSize(1);
  }

  @Test
  void mountsLeadToHdfs() throws IOException {
    Map<String, String> mounts = Map.of(
        "fs.viewfs.mounttable.test.link./data",
        location,
        "fs.viewfs.mounttable.test.link./x",
        location);
    try (Store view = Stores.open("viewfs://test/data", mounts)) {
      assertThat(view.location()).isEqualTo("viewfs://test/data");
      view.createExclusively(path("a/b"), new byte[] {1});
      assertThatThrownBy(() -> view.createExclusively(path("a/b"), new byte[] {2}))
          .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
      assertThat(read("a/b")).containsExactly(1);
      Collected all = new Collected();
      view.listRecursively(LogicalPath.ROOT, all);
      assertThat(all.visited)
          .extracting(info -> info.path().toString())
          .containsExactly("a", "a/b");
      for (FileInfo info : all.visited) {
        if (info.kind() == FileInfo.Kind.FILE) {
          view.readUnchanged(info, ByteBuffer.allocate(10));
        }
      }
    }
  }

  @Test
  void anEncryptionZoneIsNamed() throws Exception {
    String zone = hdfs.freshEncryptionZone("key1");
    Map<String, String> settings = new TreeMap<>(hdfs.configuration());
    settings.put(
        "hadoop.security.key.provider.path",
        fileSystem.getConf().get("hadoop.security.key.provider.path"));
    try (Store store = Stores.open(zone + "/below", settings)) {
      String expected = zone.substring(hdfs.uri().length()) + " (key key1)";
      assertThat(store.encryptionZone(LogicalPath.ROOT)).contains(expected);
      assertThat(store.encryptionZone(path("not/there"))).contains(expected);
    }
  }

  /** Loses answers of a rename, and of what comes after it. */
  public static final class LossyHdfs extends DistributedFileSystem {
    static final String MODE = "test.lossy";

    @Override
    public void rename(Path from, Path to, Options.Rename... options) throws IOException {
      String mode = getConf().get(MODE);
      if (!mode.equals("not done")) {
        super.rename(from, to, options);
      }
      if (mode.equals("done, and answered by its own retry")) {
        throw new org.apache.hadoop.fs.FileAlreadyExistsException(to + " exists");
      }
      throw new java.net.SocketTimeoutException("lost");
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      if (getConf().get(MODE).equals("done, then cut off")) {
        throw new java.net.SocketTimeoutException("cut off");
      }
      return super.delete(path, recursive);
    }
  }

  private Store lossy(String mode) throws IOException {
    Map<String, String> settings = new TreeMap<>(hdfs.configuration());
    settings.put("fs.hdfs.impl", LossyHdfs.class.getName());
    settings.put(LossyHdfs.MODE, mode);
    return Stores.open(location, settings);
  }

  @Test
  void aRenameWhoseAnswerWasLostIsFoundDone() throws IOException {
    for (String mode : List.of("done", "done, and answered by its own retry")) {
      LogicalPath path = path("v of " + mode);
      try (Store store = lossy(mode)) {
        store.createExclusively(path, new byte[] {1});
      }
      assertThat(read(path.toString())).containsExactly(1);
    }
  }

  @Test
  void aRenameThatWasNotDoneNeverWillBe() throws IOException {
    try (Store store = lossy("not done")) {
      assertThatThrownBy(() -> store.createExclusively(path("v"), new byte[] {1}))
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
    assertThat(list("")).isEmpty();
  }

  @Test
  void aRenameThatCannotBeLookedAfterIsUnknown() throws IOException {
    try (Store store = lossy("done, then cut off")) {
      assertThatThrownBy(() -> store.createExclusively(path("v"), new byte[] {1}))
          .isInstanceOf(CommitStateUnknownException.class)
          .hasMessageContaining("answer lost")
          .hasMessageContaining("/v");
    }
    assertThat(read("v")).containsExactly(1);
  }

  @Test
  void storesOfEqualSettingsShareAClientUntilTheLastCloses() throws IOException {
    try (Store one = Stores.open(location, Map.of("test.shared", "x"))) {
      Store two = Stores.open(location + "/two", Map.of("test.shared", "x"));
      two.createDirectory(LogicalPath.ROOT);
      two.close();
      two.close();
      assertThat(one.stat(path("two"))).isPresent();
    }
    for (int i = 0; i < 10; i++) {
      try (Store other = Stores.open(location, Map.of("test.shared", "x" + i))) {
        assertThat(other.stat(path("two"))).isPresent();
      }
    }
    try (Store again = Stores.open(location, Map.of("test.shared", "x"))) {
      assertThat(again.stat(path("two"))).isPresent();
    }
  }
}
