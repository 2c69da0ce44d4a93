package io.pleat.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestLocalStore extends AbstractTestStore {
  @TempDir
  private Path temporary;

  private Path root;

  @Override
  protected Store open() throws IOException {
    root = Files.createDirectory(temporary.toRealPath().resolve("root"));
    return LocalStore.open(root);
  }

  @Override
  protected void overwrite(LogicalPath path, byte[] content) throws IOException {
    Files.write(root.resolve(path.toString()), content); // in place: the inode stays
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void linksPipesAndDevicesAreListedAsWhatTheyAre() throws Exception {
    write("file", new byte[3]);
    Files.createSymbolicLink(root.resolve("link"), Path.of("file"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
    run("mkfifo", root.resolve("pipe").toString());
    assertThat(listed("file").kind()).isEqualTo(FileInfo.Kind.FILE);
    for (String link : List.of("link", "loop", "up")) {
      assertThat(listed(link).kind()).isEqualTo(FileInfo.Kind.SYMBOLIC_LINK);
      assertThat(listed(link).length()).isZero();
      assertThatThrownBy(() -> store().open(path(link)))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("is no regular file");
      assertThatThrownBy(() -> store().list(path(link), new Collected()))
          .isInstanceOf(NotDirectoryException.class);
    }
    assertThat(listed("pipe").kind()).isEqualTo(FileInfo.Kind.SPECIAL);
    assertThatThrownBy(() -> store().open(path("pipe")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("is no regular file");
    Collected all = new Collected();
    store().listRecursively(LogicalPath.ROOT, all);
    assertThat(all.visited).hasSize(5);
    store().delete(path("link"));
    assertThat(read("file")).hasSize(3);
  }

  @Test
  void childrenThatNobodyWantsAreNotLookedAt() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      write(name, new byte[3]);
    }
    List<LogicalPath> visited = new ArrayList<>();
    ListingVisitor onlyB = new ListingVisitor() {
      @Override
      public boolean wants(String name) {
        return name.equals("b");
      }

      @Override
      public void visit(FileInfo file) {
        visited.add(file.path());
      }

      @Override
      public void unlistable(LogicalPath directory, String displayName, String reason) {}
    };
    store().list(LogicalPath.ROOT, onlyB);
    assertThat(visited).containsExactly(path("b"));
  }

  /** Expiry does that to a snapshot's file: who opened it must not take it for damaged. */
  @Test
  void aFileThatIsReplacedWhileItIsOpenedIsReadAsOneOfTheTwo() throws Exception {
    byte[] small = new byte[10];
    byte[] large = new byte[5_000];
    store().overwrite(path("f"), large);
    AtomicBoolean done = new AtomicBoolean();
    Thread replacing = new Thread(() -> {
      try {
        for (int i = 0; !done.get(); i++) {
          Path written = Files.write(root.resolve("new"), i % 2 == 0 ? small : large);
          Files.move(written, root.resolve("f"), StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    replacing.start();
    try {
      for (int i = 0; i < 20_000; i++) {
        try (ByteSource file = store().open(path("f"))) {
          assertThat(file.length()).isIn(10L, 5_000L);
          ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
          file.readFully(0, bytes);
          assertThat(bytes.hasRemaining()).isFalse();
        }
      }
    } finally {
      done.set(true);
      replacing.join();
    }
  }

  @Test
  void aFileSwappedForALinkIsNotFollowed() throws IOException {
    write("f", new byte[10]);
    FileInfo listed = listed("f");
    Path outside = Files.write(temporary.resolve("outside"), new byte[10]);
    Files.delete(root.resolve("f"));
    Files.createSymbolicLink(root.resolve("f"), outside);
    assertThatThrownBy(() -> readUnchanged(listed))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining("is no regular file any more");
  }

  @Test
  void aFileSwappedForAPipeIsNotOpened() throws Exception {
    write("f", new byte[10]);
    write("g", new byte[0]);
    FileInfo listed = listed("f");
    FileInfo empty = listed("g");
    for (String name : List.of("f", "g")) {
      Files.delete(root.resolve(name));
      run("mkfifo", root.resolve(name).toString());
    }
    assertThatThrownBy(() -> readUnchanged(listed)).isInstanceOf(SourceChangedException.class);
    assertThatThrownBy(() -> readUnchanged(empty)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void aDirectorySwappedForALinkIsNoticed() throws IOException {
    write("d/f", new byte[10]);
    FileInfo listed = listed("d/f");
    Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    Path twin = Files.write(elsewhere.resolve("f"), new byte[10]);
    Files.setLastModifiedTime(twin, Files.getLastModifiedTime(root.resolve("d/f")));
    Files.move(root.resolve("d"), root.resolve("moved"));
    Files.createSymbolicLink(root.resolve("d"), elsewhere);
    assertThatThrownBy(() -> readUnchanged(listed)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void aDirectorySwappedForAFileIsNoticed() throws IOException {
    write("d/f", new byte[10]);
    FileInfo listed = listed("d/f");
    Files.move(root.resolve("d"), root.resolve("moved"));
    Files.write(root.resolve("d"), new byte[1]);
    assertThatThrownBy(() -> readUnchanged(listed)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void aTouchedFileIsChanged() throws IOException {
    write("f", new byte[10]);
    FileInfo listed = listed("f");
    FileTime mtime = Files.getLastModifiedTime(root.resolve("f"));
    Files.write(root.resolve("f"), bytes(10, 1));
    Files.setLastModifiedTime(root.resolve("f"), mtime); // the change time cannot be set back
    assertThatThrownBy(() -> readUnchanged(listed)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Files.write(outside.resolve("f"), new byte[] {1});
    Files.createSymbolicLink(root.resolve("d"), outside);
    Attributes attributes = new Attributes(1, 0, 0600, "", "", "");
    assertThatThrownBy(() -> write("d/new", new byte[1]))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("is a symbolic link, which is not followed");
    assertThatThrownBy(() -> store().createExclusively(path("d/e/new"), new byte[1]))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> store().createDirectory(path("d")))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> store().setAttributes(path("d/f"), attributes))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store().setAttributes(path("d"), attributes))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("neither a regular file nor a directory");
    assertThatThrownBy(() -> store().open(path("d/f"))).isInstanceOf(IOException.class);
    store().delete(path("d/f"));
    assertThat(stat("d/f")).isEmpty();
    try (var left = Files.list(outside)) {
      assertThat(left).containsExactly(outside.resolve("f"));
    }
  }

  @Test
  void anExistingLinkIsNoFreeName() throws IOException {
    Files.createSymbolicLink(root.resolve("dangling"), temporary.resolve("target"));
    assertThatThrownBy(() -> write("dangling", new byte[1]))
        .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
    assertThatThrownBy(() -> store().createExclusively(path("dangling"), new byte[1]))
        .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
    assertThat(temporary.resolve("target")).doesNotExist();
  }

  @Test
  void namesThatAreNotUtf8AreReported() throws Exception {
    write("d/fine", new byte[1]);
    write("d/\uFFFD is fine", new byte[1]);
    String script = "printf x > \"$1/$(printf 'caf\\351')\"; mkdir \"$1/$(printf '\\377')\"";
    run("sh", "-c", script, "sh", root.resolve("d").toString());
    Collected found = new Collected();
    store().listRecursively(LogicalPath.ROOT, found);
    assertThat(found.unlistable)
        .containsExactlyInAnyOrder(
            "d/caf\uFFFD: name is not valid UTF-8", "d/\uFFFD: name is not valid UTF-8");
    assertThat(found.visited)
        .extracting(info -> info.path().toString())
        .containsExactlyInAnyOrder("d", "d/fine", "d/\uFFFD is fine");
  }

  @Test
  void anotherEncodingIsRefused() {
    assertThatThrownBy(() -> LocalStore.requireUtf8FileNames("ANSI_X3.4-1968"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "this JVM names files in ANSI_X3.4-1968, not UTF-8: set LC_ALL=C.UTF-8 before it starts");
    LocalStore.requireUtf8FileNames("UTF8");
    assertThatThrownBy(() -> LocalStore.requireUtf8FileNames(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LocalStore.requireUtf8FileNames("no such"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anUnreadableDirectoryIsReportedAndItsSiblingsListed() throws IOException {
    write("open/f", new byte[1]);
    write("shut/f", new byte[1]);
    Files.setPosixFilePermissions(
        root.resolve("shut"), PosixFilePermissions.fromString("---------"));
    try {
      assumeTrue(!Files.isReadable(root.resolve("shut")), "a superuser reads everything");
      Collected all = new Collected();
      store().listRecursively(LogicalPath.ROOT, all);
      assertThat(all.unlistable).containsExactly("shut: permission denied");
      assertThat(all.visited).hasSize(3);
    } finally {
      Files.setPosixFilePermissions(
          root.resolve("shut"), PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void nanosecondsAndSpecialBitsRoundTrip() throws IOException {
    write("f", new byte[1]);
    Attributes own = listed("f").attributes();
    for (long seconds : new long[] {1_700_000_000L, 0, -1_000_000, 4_000_000_000L}) {
      Attributes wanted = new Attributes(
          seconds, seconds < 0 ? 0 : 123_456_789, 06751, own.owner(), own.group(), "");
      assertThat(store().setAttributes(path("f"), wanted)).isEmpty();
      assertThat(listed("f").attributes()).isEqualTo(wanted);
    }
    assertThat(Files.getLastModifiedTime(root.resolve("f")).toInstant())
        .isEqualTo(Instant.ofEpochSecond(4_000_000_000L, 123_456_789));
  }

  @Test
  void aFractionBefore1970IsLostAndSaidSo() throws IOException {
    write("f", new byte[1]);
    Attributes wanted = new Attributes(-2, 500_000_000, 0644, "", "", "");
    assertThat(store().setAttributes(path("f"), wanted))
        .containsExactly(
            "mtime 1969-12-31T23:59:58.500Z: the file system made it 1969-12-31T23:59:58Z");
  }

  @Test
  void anOwnerThatCannotBeSetTakesTheSetIdBitsAlong() throws IOException {
    write("f", new byte[1]);
    Attributes wanted = new Attributes(1, 0, 06755, "no-such-user", "no-such-group", "");
    assertThat(store().setAttributes(path("f"), wanted))
        .containsExactly(
            "group no-such-group: no such group",
            "owner no-such-user: no such user",
            "set-id bits of mode 6755: owner or group differs");
    assertThat(listed("f").attributes().mode()).isEqualTo(0755);
  }

  @Test
  void aFileWithoutAccessRightsGetsItsAttributes() throws IOException {
    write("f", new byte[1]);
    Attributes wanted = new Attributes(1, 0, 0, "", "", "");
    assertThat(store().setAttributes(path("f"), wanted)).isEmpty();
    assertThat(listed("f").attributes().mode()).isZero();
    assertThat(listed("f").attributes().mtimeSeconds()).isEqualTo(1);
  }

  @Test
  void anExclusiveFileHasOneNameAndNoTemporaryBesideIt() throws IOException {
    store().createExclusively(path("d/v"), new byte[] {1});
    assertThat(Files.getAttribute(root.resolve("d/v"), "unix:nlink")).isEqualTo(1);
    try (var children = Files.list(root.resolve("d"))) {
      assertThat(children).hasSize(1);
    }
  }

  @Test
  void aRootMayBeMissingUntilSomethingIsWritten() throws IOException {
    Path missing = root.resolve("not/yet/there");
    try (Store fresh = LocalStore.open(missing)) {
      assertThat(fresh.location()).isEqualTo(missing.toString());
      assertThat(fresh.stat(LogicalPath.ROOT)).isEmpty();
      assertThat(fresh.usableSpace()).isPresent();
      fresh.createExclusively(path("a/b"), new byte[] {1});
      assertThat(fresh.stat(path("a/b"))).isPresent();
    }
    assertThat(missing.resolve("a/b")).hasContent("\u0001");
  }

  @Test
  void linksInTheRootAreFollowedOnce() throws IOException {
    Files.createDirectory(root.resolve("real"));
    Files.createSymbolicLink(root.resolve("alias"), Path.of("real"));
    try (Store one = LocalStore.open(root.resolve("alias"));
        Store two = LocalStore.open(root.resolve("alias/sub/.."));
        Store three = LocalStore.open(root.resolve("alias/new"))) {
      assertThat(one.location()).isEqualTo(root.resolve("real").toString());
      assertThat(two.location()).isEqualTo(one.location());
      assertThat(three.location()).isEqualTo(one.location() + "/new");
      one.createDirectory(path("new/x"));
      assertThat(three.stat(path("x"))).isPresent();
    }
  }

  @Test
  void relativeRootsStartAtTheWorkingDirectory() throws IOException {
    try (Store here = LocalStore.open(Path.of("target"))) {
      assertThat(here.location()).isEqualTo(Path.of("target").toRealPath().toString());
    }
    try (Store whole = LocalStore.open(Path.of("/"))) {
      assertThat(whole.location()).isEqualTo("/");
      assertThat(whole.stat(LogicalPath.ROOT)).isPresent();
    }
  }

  @Test
  void locationsAreTakenLiterally() throws IOException {
    for (String name : List.of("a:b", "s3:x", "100%", "%41", "x#y", "*")) {
      Files.createDirectory(root.resolve(name));
      try (Store store = Stores.open(root + "/" + name, Map.of())) {
        assertThat(store.location()).isEqualTo(root + "/" + name);
        assertThat(store.stat(LogicalPath.ROOT)).isPresent();
      }
    }
    try (Store store = Stores.open("file://" + root + "/%2541", Map.of())) {
      assertThat(store.location()).isEqualTo(root + "/%41");
    }
    try (Store store = Stores.open("FILE:" + root, Map.of())) {
      assertThat(store.location()).isEqualTo(root.toString());
    }
    assertThatThrownBy(() -> Stores.open("file://elsewhere/x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file://elsewhere/x");
    assertThatThrownBy(() -> Stores.open("nope://x/y", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("for scheme 'nope'");
  }

  @Test
  void anInterruptedReaderDoesNotCloseTheSourceForOthers() throws Exception {
    byte[] content = bytes(1000, 1);
    write("f", content);
    try (ByteSource source = store().open(path("f"))) {
      Thread reader = new Thread(() -> {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> source.readFully(0, ByteBuffer.allocate(10)))
            .isInstanceOf(ClosedByInterruptException.class);
      });
      reader.start();
      reader.join(10_000);
      ByteBuffer target = ByteBuffer.allocate(1000);
      source.readFully(0, target);
      assertThat(target.array()).isEqualTo(content);
    }
  }

  @Test
  void aDeepTreeIsListed() throws IOException {
    String deep = "d".repeat(200);
    String path = String.join("/", List.of(deep, deep, deep, deep, deep, deep, deep, "f"));
    write(path, new byte[1]);
    Collected all = new Collected();
    store().listRecursively(LogicalPath.ROOT, all);
    assertThat(all.visited).hasSize(8);
    assertThat(Files.exists(root.resolve(path), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }
}
