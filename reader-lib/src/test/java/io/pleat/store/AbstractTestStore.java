package io.pleat.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Store} owes its callers. */
@Timeout(120)
public abstract class AbstractTestStore {
  private static final int RACERS = 8;
  private static final int RACES = 10;

  private Store store;

  /** Opens a store with an empty root that stands, unlike any that was opened before. */
  protected abstract Store open() throws IOException;

  /** Replaces the content of a file that stands, in place or by another, as someone beside us would. */
  protected abstract void overwrite(LogicalPath path, byte[] content) throws IOException;

  /** How many children the test of a large directory makes. */
  protected int manyChildren() {
    return 2500;
  }

  /** Names that a file of this store may have. */
  protected List<String> names() {
    List<String> names = new ArrayList<>(List.of(
        "plain",
        "with space",
        " leading and trailing ",
        "new\nline",
        "tab\there",
        "per%20cent",
        "100%",
        "%2F",
        "hash#mark",
        "question?mark",
        "col:on",
        "a:b:c",
        "file:",
        "st*r",
        "back\\slash",
        "brackets[1]{2}(3)",
        "quote'\"`",
        "plus+and&equals=",
        "semi;comma,",
        "tilde~",
        "caret^pipe|<>",
        "dollar$HOME",
        ".hidden",
        "_underscore",
        "...",
        "-dash",
        "gr\u00fc\u00dfe",
        "e\u0301 is not \u00e9",
        "\u00e9",
        "\u4e16\u754c",
        "emoji \uD83D\uDE00",
        "\u0001control",
        "del\u007f",
        "n".repeat(255),
        "\u00e9".repeat(127)));
    return names;
  }

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  /** The store under test. */
  protected final Store store() {
    return store;
  }

  /** A legal path. */
  protected static LogicalPath path(String text) {
    return LogicalPath.of(text);
  }

  /** Bytes that depend on the seed alone. */
  protected static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Creates and finishes a file. */
  protected final void write(String path, byte[] content) throws IOException {
    try (ByteSink sink = store.create(path(path))) {
      sink.write(ByteBuffer.wrap(content));
      sink.finish();
    }
  }

  /** The whole file, by a positional read. */
  protected final byte[] read(String path) throws IOException {
    try (ByteSource source = store.open(path(path))) {
      ByteBuffer target = ByteBuffer.allocate((int) source.length());
      source.readFully(0, target);
      return target.array();
    }
  }

  /** A listing of the direct children, sorted. */
  protected final List<FileInfo> list(String directory) throws IOException {
    Collected collected = new Collected();
    store.list(path(directory), collected);
    assertThat(collected.unlistable).isEmpty();
    return collected.sorted();
  }

  /** The listing's entry for a file, which must be there. */
  protected final FileInfo listed(String path) throws IOException {
    LogicalPath wanted = path(path);
    return list(wanted.parent().toString()).stream()
        .filter(info -> info.path().equals(wanted))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not listed: " + path));
  }

  /** Reads what was listed into a buffer that has room to spare. */
  protected final byte[] readUnchanged(FileInfo listed) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(7 + (int) listed.length() + 5).position(7);
    store.readUnchanged(listed, target);
    assertThat(target.position()).isEqualTo(7 + (int) listed.length());
    assertThat(target.limit()).isEqualTo(target.capacity());
    return Arrays.copyOfRange(target.array(), 7, target.position());
  }

  /** Keeps what a listing says. */
  public static final class Collected implements ListingVisitor {
    /** What was visited, in the order of the visits. */
    public final List<FileInfo> visited = new ArrayList<>();

    /** Display name and reason of what could not be. */
    public final List<String> unlistable = new ArrayList<>();

    @Override
    public void visit(FileInfo file) {
      visited.add(file);
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {
      unlistable.add(displayName + ": " + reason);
    }

    List<FileInfo> sorted() {
      return visited.stream().sorted((a, b) -> a.path().compareTo(b.path())).toList();
    }
  }

  @Test
  void whatWasWrittenIsReadBack() throws IOException {
    byte[] content = bytes(3_000_000, 1);
    try (ByteSink sink = store.create(path("a/b/c"))) {
      int at = 0;
      for (int length : new int[] {1, 100, 65_536, 1_500_000, 7, 1_434_356}) {
        ByteBuffer piece = ByteBuffer.wrap(content, at, length);
        sink.write(piece);
        assertThat(piece.hasRemaining()).isFalse();
        at += length;
        assertThat(sink.position()).isEqualTo(at);
      }
      sink.finish();
    }
    assertThat(read("a/b/c")).isEqualTo(content);
    try (ByteSource source = store.open(path("a/b/c"))) {
      assertThat(source.length()).isEqualTo(3_000_000);
      ByteBuffer direct = ByteBuffer.allocateDirect(1000);
      source.readFully(1_999_999, direct);
      assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(content, 1_999_999, 1000));
      source.readFully(3_000_000, ByteBuffer.allocate(0));
      assertThat(source.toString()).contains("a/b/c");
    }
  }

  @Test
  void directBuffersAreWritten() throws IOException {
    byte[] content = bytes(70_000, 2);
    try (ByteSink sink = store.create(path("direct"))) {
      sink.write(ByteBuffer.allocateDirect(70_000).put(content).flip().asReadOnlyBuffer());
      sink.finish();
    }
    assertThat(read("direct")).isEqualTo(content);
  }

  @Test
  void readingPastTheEndFails() throws IOException {
    write("short", bytes(10, 3));
    try (ByteSource source = store.open(path("short"))) {
      assertThatThrownBy(() -> source.readFully(5, ByteBuffer.allocate(6)))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("short");
      assertThatThrownBy(() -> source.readFully(11, ByteBuffer.allocate(1)))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> source.readFully(-1, ByteBuffer.allocate(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void threadsShareASource() throws Exception {
    byte[] content = bytes(200_000, 4);
    write("shared", content);
    try (ByteSource source = store.open(path("shared"))) {
      inParallel(4, thread -> {
        Random random = new Random(thread);
        for (int i = 0; i < 100; i++) {
          int from = random.nextInt(150_000);
          ByteBuffer target = ByteBuffer.allocate(1 + random.nextInt(50_000));
          source.readFully(from, target);
          assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(content, from, target.capacity()));
        }
        return null;
      });
    }
  }

  @Test
  void emptyFiles() throws IOException {
    try (ByteSink sink = store.create(path("empty"))) {
      sink.finish();
    }
    assertThat(read("empty")).isEmpty();
    assertThat(listed("empty").length()).isZero();
    assertThat(readUnchanged(listed("empty"))).isEmpty();
  }

  @Test
  void anAbandonedFileIsGone() throws IOException {
    try (ByteSink sink = store.create(path("dir/abandoned"))) {
      sink.write(ByteBuffer.wrap(bytes(100_000, 5)));
    }
    assertThat(store.stat(path("dir/abandoned"))).isEmpty();
    write("dir/other", new byte[1]);
    assertThat(list("dir")).extracting(info -> info.path().name()).containsExactly("other");
  }

  @Test
  void closingAFinishedFileKeepsIt() throws IOException {
    ByteSink sink = store.create(path("kept"));
    sink.write(ByteBuffer.wrap(new byte[] {1, 2}));
    sink.finish();
    sink.close();
    sink.close();
    assertThat(read("kept")).containsExactly(1, 2);
  }

  @Test
  void createRefusesATakenName() throws IOException {
    write("taken", new byte[] {1});
    assertThatThrownBy(() -> write("taken", new byte[] {2}))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("taken");
    assertThat(read("taken")).containsExactly(1);
  }

  @Test
  void aRenameNeverReplaces() throws IOException {
    assumeThat(store.traits().flat()).as("objects have no other names").isFalse();
    write("d/old", new byte[] {1, 2});
    store.rename(path("d/old"), path("d/new"));
    assertThat(store.stat(path("d/old"))).isEmpty();
    assertThat(read("d/new")).containsExactly(1, 2);
    write("d/old", new byte[] {3});
    store.createDirectory(path("d/directory"));
    for (String taken : List.of("d/new", "d/directory")) {
      assertThatThrownBy(() -> store.rename(path("d/old"), path(taken)))
          .isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(read("d/old")).containsExactly(3);
    assertThat(read("d/new")).containsExactly(1, 2);
  }

  @Test
  void movingAsideTakesExactlyWhatStandsThere() throws IOException {
    assumeThat(store.traits().flat()).as("objects have no other names").isFalse();
    LogicalPath longName = path("d/" + "n".repeat(255));
    write(longName.toString(), new byte[] {1, 2});
    LogicalPath aside = AsideName.beside(longName, "0".repeat(32), 7);
    assertThat(AsideName.is(aside)).isTrue();
    assertThat(AsideName.is(longName)).isFalse();
    FileInfo before = store.stat(longName).orElseThrow();
    store.moveAside(longName, aside);
    assertThat(store.stat(longName)).isEmpty();
    assertThat(read(aside.toString())).containsExactly(1, 2);
    FileInfo after = store.stat(aside).orElseThrow();
    assertThat(after.attributes()).isEqualTo(before.attributes());
    assertThat(store.isBeingWritten(after)).isFalse();
    assertThatThrownBy(() -> store.moveAside(longName, path("d/other")))
        .isInstanceOf(NoSuchFileException.class);
    write("d/new", new byte[] {3});
    assertThatThrownBy(() -> store.moveAside(path("d/new"), aside))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(read("d/new")).containsExactly(3);
    store.rename(aside, longName);
    assertThat(read(longName.toString())).containsExactly(1, 2);
  }

  @Test
  void anObjectIsDeletedOnlyAsItWasListed() throws IOException {
    assumeThat(store.traits().flat()).as("objects have no other names").isTrue();
    write("d/f", new byte[] {1, 2});
    FileInfo before = store.stat(path("d/f")).orElseThrow();
    store.overwrite(path("d/f"), new byte[] {2, 1});
    assertThat(store.deleteUnchanged(before)).isFalse();
    assertThat(read("d/f")).containsExactly(2, 1);
    assertThat(store.deleteUnchanged(store.stat(path("d/f")).orElseThrow())).isTrue();
    assertThat(store.stat(path("d/f"))).isEmpty();
  }

  @Test
  void aReplacementTakesTheNameOfAFileButNotOfADirectory() throws IOException {
    assumeThat(store.traits().flat()).as("objects have no other names").isFalse();
    write("d/old", new byte[] {1, 2});
    write("d/new", new byte[] {3});
    store.replace(path("d/old"), path("d/new"));
    assertThat(store.stat(path("d/old"))).isEmpty();
    assertThat(read("d/new")).containsExactly(1, 2);
    store.createDirectory(path("d/directory"));
    assertThatThrownBy(() -> store.replace(path("d/new"), path("d/directory")))
        .isInstanceOf(IOException.class);
    assertThat(read("d/new")).containsExactly(1, 2);
  }

  @Test
  void aPrivateFileIsForItsOwnerAlone() throws IOException {
    try (ByteSink sink = store.createPrivately(path("p/f"))) {
      sink.write(ByteBuffer.wrap(new byte[] {1}));
      sink.finish();
    }
    assertThat(read("p/f")).containsExactly(1);
    Attributes attributes = listed("p/f").attributes();
    if (attributes.hasMode() && !store.traits().kind().equals("memory")) {
      assertThat(attributes.mode()).isEqualTo(0600);
    }
    assertThatThrownBy(() -> store.createPrivately(path("p/f")))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void missingThings() throws IOException {
    assertThat(store.stat(path("nothing"))).isEmpty();
    assertThat(store.stat(path("nothing/at/all"))).isEmpty();
    assertThatThrownBy(() -> store.open(path("nothing"))).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.open(path("no/thing"))).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.list(path("nothing"), new Collected()))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.listRecursively(path("nothing"), new Collected()))
        .isInstanceOf(NoSuchFileException.class);
    store.delete(path("nothing"));
    store.delete(path("nothing/at/all"));
    write("file", new byte[1]);
    assertThat(store.stat(path("file/below"))).isEmpty();
    store.delete(path("file/below"));
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    write("file", new byte[1]);
    assertThatThrownBy(() -> store.list(path("file"), new Collected()))
        .isInstanceOf(NotDirectoryException.class);
  }

  @Test
  void statTellsFilesFromDirectories() throws IOException {
    write("d/f", bytes(1234, 6));
    FileInfo file = store.stat(path("d/f")).orElseThrow();
    assertThat(file.kind()).isEqualTo(FileInfo.Kind.FILE);
    assertThat(file.length()).isEqualTo(1234);
    assertThat(file.path()).isEqualTo(path("d/f"));
    FileInfo directory = store.stat(path("d")).orElseThrow();
    assertThat(directory.kind()).isEqualTo(FileInfo.Kind.DIRECTORY);
    assertThat(directory.length()).isZero();
    assertThat(store.stat(LogicalPath.ROOT).orElseThrow().kind())
        .isEqualTo(FileInfo.Kind.DIRECTORY);
  }

  @Test
  void statAgreesWithTheListing() throws IOException {
    write("d/f", bytes(10, 7));
    FileInfo listed = listed("d/f");
    FileInfo stat = store.stat(path("d/f")).orElseThrow();
    assertThat(stat.sameContentAs(listed)).isTrue();
    assertThat(stat.attributes()).isEqualTo(listed.attributes());
  }

  @Test
  void deletingTwiceIsNoError() throws IOException {
    write("d/f", new byte[1]);
    write("d/g", new byte[1]);
    store.delete(path("d/f"));
    store.delete(path("d/f"));
    assertThat(store.stat(path("d/f"))).isEmpty();
    assertThat(read("d/g")).hasSize(1);
  }

  @Test
  void directoriesAreNotDeleted() throws IOException {
    if (!store.traits().flat()) {
      store.createDirectory(path("d"));
      assertThatThrownBy(() -> store.delete(path("d")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is a directory");
      assertThat(store.stat(path("d"))).isPresent();
    }
  }

  @Test
  void emptyDirectoriesAreDeletedAndNoOthers() throws IOException {
    store.createDirectory(path("d/empty"));
    write("d/f", new byte[1]);
    assertThat(store.deleteIfEmpty(path("d"))).isFalse();
    assertThat(store.deleteIfEmpty(path("d/f"))).isFalse();
    assertThat(store.deleteIfEmpty(path("nothing/at/all"))).isFalse();
    assertThat(read("d/f")).hasSize(1);
    assertThat(store.deleteIfEmpty(path("d/empty"))).isEqualTo(!store.traits().flat());
    assertThat(store.stat(path("d/empty"))).isEmpty();
    write("d/empty/again", new byte[2]);
    assertThat(read("d/empty/again")).hasSize(2);
  }

  @Test
  void directoriesAreCreatedOnce() throws IOException {
    store.createDirectory(path("x/y/z"));
    store.createDirectory(path("x/y/z"));
    store.createDirectory(LogicalPath.ROOT);
    if (!store.traits().flat()) {
      assertThat(store.stat(path("x/y/z")).orElseThrow().kind()).isEqualTo(FileInfo.Kind.DIRECTORY);
      assertThat(list("x/y/z")).isEmpty();
      write("file", new byte[1]);
      assertThatThrownBy(() -> store.createDirectory(path("file/below")))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void everyNameSurvives() throws IOException {
    List<String> names = names();
    for (String name : names) {
      write("names/" + name, name.getBytes(UTF_8));
      write("names in dirs/" + name + "/f", name.getBytes(UTF_8));
    }
    List<FileInfo> listed = list("names");
    assertThat(listed)
        .extracting(info -> info.path().name())
        .containsExactlyInAnyOrderElementsOf(names);
    for (FileInfo info : listed) {
      byte[] expected = info.path().name().getBytes(UTF_8);
      assertThat(readUnchanged(info)).as("%s", info.path()).isEqualTo(expected);
      assertThat(read(info.path().toString())).isEqualTo(expected);
      assertThat(store.stat(info.path()).orElseThrow().sameContentAs(info)).isTrue();
    }
    Collected all = new Collected();
    store.listRecursively(path("names in dirs"), all);
    assertThat(all.unlistable).isEmpty();
    assertThat(all.visited)
        .filteredOn(info -> info.kind() == FileInfo.Kind.FILE)
        .extracting(info -> info.path().parent().name())
        .containsExactlyInAnyOrderElementsOf(names);
    for (String name : names) {
      assertThat(list("names in dirs/" + name)).hasSize(1);
      store.delete(path("names/" + name));
      store.delete(path("names/" + name));
      store.createExclusively(path("names/" + name), new byte[] {9});
      assertThat(read("names/" + name)).containsExactly(9);
    }
    assertThat(list("names")).hasSameSizeAs(names);
  }

  @Test
  void listingPagesThroughManyChildren() throws Exception {
    int count = manyChildren();
    inParallel(8, thread -> {
      for (int i = thread; i < count; i += 8) {
        try (ByteSink sink = store.createPrivately(path(String.format("many/f%05d", i)))) {
          sink.write(ByteBuffer.wrap(new byte[] {1}));
          sink.finish();
        }
      }
      return null;
    });
    List<FileInfo> listed = list("many");
    assertThat(listed).hasSize(count);
    assertThat(listed).extracting(FileInfo::path).doesNotHaveDuplicates();
    Collected all = new Collected();
    store.listRecursively(LogicalPath.ROOT, all);
    assertThat(all.visited)
        .filteredOn(info -> info.kind() == FileInfo.Kind.FILE)
        .hasSize(count);
  }

  @Test
  void recursiveListingSeesEveryDepth() throws IOException {
    List<String> files = List.of("a", "b/a", "b/b/a", "b/b/b/a", "b.c/a", "b-c/a");
    for (String file : files) {
      write("top/" + file, new byte[1]);
    }
    write("topless", new byte[1]);
    Collected all = new Collected();
    store.listRecursively(path("top"), all);
    assertThat(all.unlistable).isEmpty();
    assertThat(all.visited)
        .filteredOn(info -> info.kind() == FileInfo.Kind.FILE)
        .extracting(info -> info.path().toString())
        .containsExactlyInAnyOrderElementsOf(
            files.stream().map(file -> "top/" + file).toList());
    if (!store.traits().flat()) {
      assertThat(all.visited)
          .filteredOn(info -> info.kind() == FileInfo.Kind.DIRECTORY)
          .extracting(info -> info.path().toString())
          .containsExactlyInAnyOrder("top/b", "top/b/b", "top/b/b/b", "top/b.c", "top/b-c");
    }
  }

  @Test
  void anUnchangedFileIsRead() throws IOException {
    byte[] content = bytes(300_000, 8);
    write("d/same", content);
    FileInfo listed = listed("d/same");
    assertThat(readUnchanged(listed)).isEqualTo(content);
    ByteBuffer direct = ByteBuffer.allocateDirect(300_000);
    store.readUnchanged(listed, direct);
    assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(content));
  }

  @Test
  void aFileThatDoesNotFitIsMisuse() throws IOException {
    write("large", bytes(100, 9));
    FileInfo listed = listed("large");
    assertThatThrownBy(() -> store.readUnchanged(listed, ByteBuffer.allocate(99)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shrinkingIsNoticed() throws IOException {
    changeIsNoticed(bytes(1000, 10), bytes(999, 10));
  }

  @Test
  void growingIsNoticed() throws IOException {
    changeIsNoticed(bytes(1000, 11), bytes(1001, 11));
  }

  @Test
  void emptyingIsNoticed() throws IOException {
    changeIsNoticed(bytes(1000, 12), new byte[0]);
  }

  @Test
  void fillingIsNoticed() throws IOException {
    changeIsNoticed(new byte[0], bytes(1000, 13));
  }

  @Test
  void rewritingInTheSameLengthIsNoticed() throws IOException {
    changeIsNoticed(bytes(1000, 14), bytes(1000, 15));
  }

  private void changeIsNoticed(byte[] before, byte[] after) throws IOException {
    write("d/changing", before);
    FileInfo listed = listed("d/changing");
    overwrite(path("d/changing"), after);
    assertThatThrownBy(() -> readUnchanged(listed))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining("d/changing");
  }

  @Test
  void vanishingIsNoticed() throws IOException {
    write("d/vanishing", new byte[10]);
    write("d/empty", new byte[0]);
    FileInfo listed = listed("d/vanishing");
    FileInfo empty = listed("d/empty");
    store.delete(path("d/vanishing"));
    store.delete(path("d/empty"));
    assertThatThrownBy(() -> readUnchanged(listed))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining("d/vanishing");
    assertThatThrownBy(() -> readUnchanged(empty)).isInstanceOf(SourceChangedException.class);
  }

  @Test
  void exclusiveCreationHoldsTheContent() throws IOException {
    byte[] content = bytes(100_000, 16);
    store.createExclusively(path("log/00001.json"), content);
    assertThat(read("log/00001.json")).isEqualTo(content);
    assertThatThrownBy(() -> store.createExclusively(path("log/00001.json"), new byte[] {1}))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("00001.json");
    assertThat(read("log/00001.json")).isEqualTo(content);
    store.createExclusively(path("log/00002.json"), new byte[0]);
    assertThat(list("log"))
        .extracting(info -> info.path().name())
        .containsExactly("00001.json", "00002.json");
  }

  @Test
  void overwriteReplacesWholeContents() throws IOException {
    byte[] content = bytes(5000, 9);
    store.overwrite(path("stubs/00001.json"), content);
    assertThat(read("stubs/00001.json")).isEqualTo(content);
    store.overwrite(path("stubs/00001.json"), new byte[] {7});
    assertThat(read("stubs/00001.json")).containsExactly(7);
    assertThatThrownBy(() -> store.createExclusively(path("stubs/00001.json"), content))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(list("stubs")).extracting(info -> info.path().name()).containsExactly("00001.json");
  }

  @Test
  void readersSeeTheOldOrTheNewContentOfAnOverwrittenFile() throws Exception {
    LogicalPath contested = path("swap/one");
    int length = 3000;
    byte[] first = new byte[length];
    Arrays.fill(first, (byte) 1);
    store.overwrite(contested, first);
    AtomicBoolean done = new AtomicBoolean();
    inParallel(3, thread -> {
      if (thread == 0) {
        try {
          for (int i = 2; i < 30; i++) {
            byte[] next = new byte[length];
            Arrays.fill(next, (byte) i);
            store.overwrite(contested, next);
          }
        } finally {
          done.set(true);
        }
        return null;
      }
      while (!done.get()) {
        byte[] seen;
        try {
          seen = read(contested.toString());
        } catch (NoSuchFileException e) {
          throw e; // it stands at every moment
        } catch (IOException e) {
          continue; // replaced between the open and the read of it
        }
        assertThat(seen).hasSize(length).containsOnly(seen[0]);
      }
      return null;
    });
    assertThat(read(contested.toString())).containsOnly(29);
  }

  @Test
  void overwriteNeverReplacesADirectory() throws IOException {
    store.createDirectory(path("folder/inner"));
    assumeThat(store.traits().flat()).as("objects have no directories").isFalse();
    assertThatThrownBy(() -> store.overwrite(path("folder/inner"), new byte[] {1}))
        .isInstanceOf(IOException.class);
    assertThat(store.stat(path("folder/inner")).orElseThrow().kind())
        .isEqualTo(FileInfo.Kind.DIRECTORY);
  }

  @Test
  void ofManyExclusiveCreatorsOneWins() throws Exception {
    for (int race = 0; race < RACES; race++) {
      LogicalPath contested = path("race/" + race);
      CyclicBarrier start = new CyclicBarrier(RACERS);
      List<Boolean> won = inParallel(RACERS, racer -> {
        byte[] content = bytes(1000 + racer, racer);
        start.await(30, TimeUnit.SECONDS);
        try {
          store.createExclusively(contested, content);
          return true;
        } catch (FileAlreadyExistsException e) {
          return false;
        }
      });
      assertThat(won).as("race %s", race).containsOnlyOnce(true);
      int winner = won.indexOf(true);
      assertThat(read(contested.toString())).isEqualTo(bytes(1000 + winner, winner));
    }
    assertThat(list("race")).hasSize(RACES);
  }

  @Test
  void attributesRoundTrip() throws IOException {
    if (store.traits().flat()) {
      write("f", new byte[1]);
      Attributes has = listed("f").attributes();
      assertThat(has.hasMode()).isFalse();
      assertThat(has.owner()).isEmpty();
      assertThat(store.setAttributes(path("f"), has)).isNotEmpty();
      return;
    }
    write("d/f", new byte[10]);
    Attributes before = listed("d/f").attributes();
    for (String target : List.of("d/f", "d")) {
      for (int mode : new int[] {0644, 0600, 0755, 0777, 01755}) {
        boolean sticky = mode > 0777;
        if (sticky && target.equals("d/f")) {
          continue; // HDFS keeps it of directories alone
        }
        Attributes wanted = new Attributes(
            1_234_567_890, 123_000_000, mode, before.owner(), before.group(), before.etag());
        assertThat(store.setAttributes(path(target), wanted)).isEmpty();
        Attributes set = store.stat(path(target)).orElseThrow().attributes();
        assertThat(set.mode()).as("%o", mode).isEqualTo(mode);
        assertThat(set.mtimeSeconds()).isEqualTo(1_234_567_890);
        assertThat(set.mtimeNanos()).isEqualTo(123_000_000);
        assertThat(set.owner()).isEqualTo(before.owner());
        assertThat(set.group()).isEqualTo(before.group());
      }
    }
    assertThatThrownBy(() -> store.setAttributes(path("missing"), before))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aRootThatDoesNotStandIsCreatedOnDemand() throws IOException {
    write("present", new byte[1]);
    assertThat(store.usableSpace().orElse(1)).isPositive();
    assertThat(store.location()).doesNotEndWith("/").isEqualTo(store.toString());
    assertThat(store.encryptionZone(path("present"))).isEmpty();
    assertThat(store.encryptionZone(path("not/there"))).isEmpty();
  }

  /** Runs {@code task} on so many threads, each with its number, and gives the results in their order. */
  protected static <T> List<T> inParallel(int threads, ThreadTask<T> task) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<T>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        tasks.add(() -> task.run(thread));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : pool.invokeAll(tasks, 110, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  /** One thread's work. */
  protected interface ThreadTask<T> {
    T run(int thread) throws Exception;
  }

  /** The store's view of a path, for a test that goes round it. */
  protected final Optional<FileInfo> stat(String path) throws IOException {
    return store.stat(path(path));
  }
}
