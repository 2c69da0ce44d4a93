package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Lease;
import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.ProgressListener;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.parquet.AuditRows;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Redundancy;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestReclaimer {
  private static final ReclaimOptions OPTIONS =
      ReclaimOptions.defaults().withTurn(Duration.ofMillis(50));

  @TempDir
  Path directory;

  @Test
  void originalsGoAndTheDatasetHasThem() throws IOException {
    LivingTree tree = tree("t");
    Map<String, String> before = tree.held();

    ReclaimReport would = reclaim(request(tree, Duration.ZERO, true));
    assertThat(would.outcomes()).containsEntry("proven", 9L);
    assertThat(tree.originals()).hasSize(10);

    ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).containsEntry("deleted", 9L).containsEntry("passThrough", 1L);
    assertThat(report.commits()).isEqualTo(1);
    assertThat(tree.originals()).containsOnlyKeys("large");
    assertThat(tree.held()).isEqualTo(before);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(9);
    assertThat(tree.findings()).isEmpty();
    assertThat(reclaim(request(tree, Duration.ZERO, false)).commits()).isZero();
  }

  @Test
  void nothingGoesWithinTheGracePeriodNorFromAnotherSource() throws IOException {
    LivingTree tree = tree("t");
    ReclaimReport report = reclaim(request(tree, Duration.ofDays(7), false));
    assertThat(report.outcomes()).containsOnlyKeys("young");
    assertThat(tree.originals()).hasSize(10);
    ReclaimRequest other = new ReclaimRequest(
        directory.toString(), tree.dataset(), Map.of(), ReclaimOptions.defaults());
    assertThatThrownBy(() -> reclaim(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was folded from");
  }

  @Test
  void sameLengthAndTimeButOtherBytesStopTheRun() throws IOException {
    LivingTree tree = tree("t");
    Path file = tree.source().resolve("d/f3");
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "CONTENT 3");
    Files.setLastModifiedTime(file, time);
    ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
    assertThat(report.failures()).hasSize(1).first().asString().contains("d/f3", "other bytes");
    assertThat(tree.originals()).hasSize(10).containsEntry("d/f3", "CONTENT 3");
    assertThat(tree.head().reclaimedFiles()).isZero();
  }

  @Test
  void changedOriginalsStay() throws IOException {
    LivingTree tree = tree("t");
    tree.write("d/f3", "changed");
    ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
    assertThat(report.outcomes()).containsEntry("deleted", 8L).containsEntry("changed", 1L);
    assertThat(tree.originals()).containsOnlyKeys("large", "d/f3");
  }

  @Test
  void weakerContainersAreRefused() throws IOException {
    LivingTree tree = tree("t");
    StoreOpener strong = () -> new ForwardingStore(open(tree.source().toString())) {
      @Override
      public Optional<Redundancy> redundancy(LogicalPath path) {
        return Optional.of(new Redundancy(2, "replication 3"));
      }
    };
    ReclaimReport report = reclaim(tree, strong, () -> open(tree.dataset()));
    assertThat(report.failures()).isNotEmpty().first().asString().contains("more weakly");
    assertThat(tree.originals()).hasSize(10);
  }

  @Test
  void theAuditLogHasARowForEachDeletedOriginal() throws IOException {
    LivingTree tree = tree("t");
    tree.write("d/f3", "changed");
    reclaim(request(tree, Duration.ZERO, true));
    assertThat(AuditRows.read(tree.dataset())).isEmpty();
    reclaim(request(tree, Duration.ZERO, false));
    Map<String, Map<String, Object>> rows = new TreeMap<>();
    AuditRows.read(tree.dataset()).forEach(row -> rows.put(row.get("path").toString(), row));
    assertThat(rows).containsOnlyKeys("d/f0", "d/f1", "d/f2", "d/f4", "d/f5", "d/f6", "d/f7", "e");
    Map<String, Object> row = rows.get("d/f4");
    try (FoldedDataset held =
        FoldedDataset.open(tree.dataset(), Map.of(), ReaderOptions.defaults())) {
      Entry entry = held.locate(LogicalPath.of("d/f4")).orElseThrow().entry();
      assertThat(row.get("length")).isEqualTo(9L);
      assertThat(row.get("container_id").toString())
          .isEqualTo(entry.extent().container().toString());
      assertThat(row.get("ordinal")).isEqualTo(entry.ordinal());
      assertThat(row.get("crc32c")).isEqualTo(Integer.toUnsignedLong(entry.crc32c()));
      assertThat(row.get("mtime"))
          .isEqualTo(Instant.ofEpochSecond(entry.attributes().mtimeSeconds()));
      assertThat(row.get("snapshot")).isEqualTo(tree.head().version());
    }
    assertThat(row.get("proof").toString()).isEqualTo("bytes");
    assertThat(row.get("removal").toString()).isEqualTo("deleted");
    assertThat(row.get("etag")).isNull();
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void withoutTheAuditLogNothingIsDeleted() throws IOException {
    LivingTree tree = tree("t");
    Map<String, String> before = tree.originals();
    StoreOpener full = () -> new ForwardingStore(open(tree.dataset())) {
      @Override
      public void createExclusively(LogicalPath path, byte[] content) throws IOException {
        if (path.toString().startsWith("_pleat/audit/")) {
          throw new IOException("no space left on device");
        }
        super.createExclusively(path, content);
      }
    };
    ReclaimReport report = reclaim(tree, () -> open(tree.source().toString()), full);
    assertThat(report.failures()).isNotEmpty().first().asString().contains("no space left");
    assertThat(tree.originals()).isEqualTo(before);
    assertThat(reclaim(request(tree, Duration.ZERO, false)).failures()).isEmpty();
    assertThat(tree.originals()).containsOnlyKeys("large");
  }

  /** What a killed run set aside: it is deleted, whoever took its name since, unless it is another file. */
  @Test
  void whatAKilledRunSetAsideIsSettled() throws IOException {
    LivingTree tree = tree("t");
    killAsSoonAs(tree, 3);
    Map<String, String> aside = new TreeMap<>(tree.originals());
    aside.keySet().removeIf(name -> !name.contains(".pleat-reclaim-"));
    assertThat(aside).hasSize(3);
    List<String> gone = new ArrayList<>(tree.held().keySet());
    gone.removeAll(tree.originals().keySet());
    assertThat(gone).hasSize(3);

    // One is replaced and folded, one is replaced, and one was changed where it stands and
    // replaced.
    tree.write(gone.get(0), "new 0");
    assertThat(tree.fold().committed()).isPresent();
    tree.write(gone.get(1), "new 1");
    Path changed = null;
    for (Map.Entry<String, String> each : aside.entrySet()) {
      if (each.getValue().equals(tree.held(1).get(gone.get(2)))) {
        changed = tree.source().resolve(each.getKey());
      }
    }
    Files.writeString(changed, "written while aside");
    tree.write(gone.get(2), "new 2");

    ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
    assertThat(report.failures()).isEmpty();
    assertThat(report.keptAside())
        .hasSize(1)
        .first()
        .asString()
        .contains(gone.get(2), "its bytes are kept at");
    Map<String, String> originals = tree.originals();
    assertThat(originals.remove(tree.source().relativize(changed).toString()))
        .isEqualTo("written while aside");
    assertThat(originals)
        .containsOnlyKeys("large", gone.get(1), gone.get(2))
        .containsEntry(gone.get(1), "new 1")
        .containsEntry(gone.get(2), "new 2");
    assertThat(tree.held()).containsEntry(gone.get(0), "new 0");

    // It says so again, until somebody looks.
    assertThat(reclaim(request(tree, Duration.ZERO, false)).keptAside()).hasSize(1);
    Files.delete(changed);
    assertThat(reclaim(request(tree, Duration.ZERO, false)).keptAside()).isEmpty();
    assertThat(tree.dataset())
        .satisfies(dataset -> assertThat(PendingList.all(open(dataset))).isEmpty());
  }

  @Test
  void aRunKilledWhileGivingANameBackLeavesOneFile() throws IOException {
    LivingTree tree = tree("t");
    killAsSoonAs(tree, 1);
    String aside = tree.originals().keySet().stream()
        .filter(name -> name.contains(".pleat-reclaim-"))
        .findFirst()
        .orElseThrow();
    List<String> gone = new ArrayList<>(tree.held().keySet());
    gone.removeAll(tree.originals().keySet());
    Path file = tree.source().resolve(gone.get(0));
    Files.writeString(tree.source().resolve(aside), "changed");
    Files.createLink(file, tree.source().resolve(aside));
    ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
    assertThat(report.keptAside()).isEmpty();
    assertThat(tree.originals()).hasSize(2).containsEntry(gone.get(0), "changed");
  }

  /** A run that dies when so many originals stand aside. */
  private void killAsSoonAs(LivingTree tree, int standAside) {
    int[] moved = {0};
    StoreOpener source = () -> new ForwardingStore(open(tree.source().toString())) {
      @Override
      public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
        if (moved[0] == standAside) {
          throw new IOException("killed");
        }
        moved[0]++;
        super.moveAside(from, to);
      }
    };
    assertThatThrownBy(() -> reclaim(tree, source, () -> open(tree.dataset())))
        .hasMessageContaining("killed");
  }

  @Test
  void oneReclaimAtATime() throws IOException {
    LivingTree tree = tree("t");
    try (Store dataset = open(tree.dataset())) {
      UUID first = UUID.randomUUID();
      try (ReclaimTurn turn =
          ReclaimTurn.take(dataset, 1, first, Duration.ofSeconds(2), ProgressListener.NONE)) {
        assertThat(turn).isNotNull();
        assertThatThrownBy(() -> reclaim(request(tree, Duration.ZERO, false)))
            .isInstanceOf(ReclaimRunningException.class)
            .hasMessageContaining("another reclaim of " + tree.dataset())
            .hasMessageContaining(first.toString());
        assertThat(tree.originals()).hasSize(10);
      }
      // A dead one is waited for, and readers do not matter.
      Lease dead = Lease.acquire(dataset, 1, Duration.ofMillis(300), "reclaim of a dead process");
      Lease reader = Lease.acquire(dataset, 1, Duration.ofHours(1), "a reader");
      assertThat(reclaim(request(tree, Duration.ZERO, false)).outcomes())
          .containsEntry("deleted", 9L);
      assertThat(dead.id()).isNotEqualTo(reader.id());
    }
  }

  @Test
  void directoriesThatItEmptiedGoAndComeBack() throws IOException {
    LivingTree tree = tree("t");
    tree.write("a/b/c/deep", "deep");
    tree.write("a/b/two", "two");
    tree.write("open/kept", "kept");
    tree.write("open/inner/f", "inner");
    tree.write("chmod/f", "f");
    Files.createDirectories(tree.source().resolve("empty/always"));
    Files.setPosixFilePermissions(
        tree.source().resolve("a/b"), PosixFilePermissions.fromString("rwxr-x---"));
    for (String directory : List.of("a/b/c", "a/b", "a", "d")) {
      Files.setLastModifiedTime(
          tree.source().resolve(directory), FileTime.fromMillis(1_500_000_000_000L));
    }
    tree.fold(FoldOptions.defaults().withAllowWiderAccess(true));
    Map<String, String> before = FoldedTree.describe(tree.source());
    tree.write("open/kept", "changed since");
    Files.setPosixFilePermissions(
        tree.source().resolve("chmod"), PosixFilePermissions.fromString("rwxr-x--x"));

    ReclaimReport report = reclaim(new ReclaimRequest(
        tree.source().toString(),
        tree.dataset(),
        Map.of(),
        OPTIONS.withGrace(Duration.ZERO).withEmptyDirectories(true)));
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).containsEntry("directories", 5L);
    try (Stream<Path> left = Files.walk(tree.source())) {
      assertThat(left.map(path -> tree.source().relativize(path).toString()))
          .containsExactlyInAnyOrder(
              "", "large", "open", "open/kept", "chmod", "empty", "empty/always");
    }

    // The nightly fold that follows takes nothing away either.
    Files.setPosixFilePermissions(
        tree.source().resolve("chmod"), PosixFilePermissions.fromString("rwxr-xr-x"));
    tree.fold(FoldOptions.defaults().withAllowWiderAccess(true).withMirror(MirrorDeletes.CAREFUL));
    Path back = directory.resolve("back");
    Unfolder.unfold(
        new UnfoldRequest(
            tree.dataset(), back.toString(), List.of(), Map.of(), UnfoldRequest.Existing.KEEP, 1),
        new UnfoldListener() {});
    Map<String, String> after = FoldedTree.describe(back);
    for (String path : List.of("a", "a/b", "a/b/c", "a/b/c/deep", "a/b/two", "d", "d/f3")) {
      assertThat(after).as(path).containsEntry(path, before.get(path));
    }
  }

  @Test
  void theRootStaysAndSoDoesWhatOthersEmptied() throws IOException {
    LivingTree tree = new LivingTree(directory.resolve("r"));
    tree.write("f", "f");
    tree.write("d/g", "g");
    tree.write("others/h", "h");
    tree.fold();
    tree.delete("others/h");
    ReclaimReport report = reclaim(new ReclaimRequest(
        tree.source().toString(),
        tree.dataset(),
        Map.of(),
        OPTIONS.withGrace(Duration.ZERO).withEmptyDirectories(true)));
    assertThat(report.outcomes()).containsEntry("directories", 1L).containsEntry("deleted", 2L);
    assertThat(tree.source()).isDirectory();
    assertThat(tree.source().resolve("others")).isDirectory();
    assertThat(tree.source().resolve("d")).doesNotExist();
  }

  /** Whatever is written, at whatever instant, with time and length as before, is kept. */
  @Test
  void aWriterAtEveryInstantLosesNothing() throws IOException {
    for (int k = 0; ; k++) {
      LivingTree tree = tree("w" + k);
      int at = k;
      int[] operations = {0};
      boolean[] written = {false};
      Path file = tree.source().resolve("d/f3");
      StoreOpener source = () -> new ForwardingStore(open(tree.source().toString())) {
        private void step(LogicalPath path) throws IOException {
          boolean concerns = path.toString().equals("d/f3") || path.name().startsWith(".pleat-");
          if (concerns && operations[0]++ == at && Files.exists(file)) {
            FileTime time = Files.getLastModifiedTime(file);
            Files.writeString(file, "CONTENT 3");
            Files.setLastModifiedTime(file, time);
            written[0] = true;
          }
        }

        @Override
        public Optional<io.pleat.store.FileInfo> stat(LogicalPath path) throws IOException {
          step(path);
          Optional<io.pleat.store.FileInfo> found = super.stat(path);
          step(path);
          return found;
        }

        @Override
        public void readUnchanged(io.pleat.store.FileInfo listed, java.nio.ByteBuffer target)
            throws IOException {
          step(listed.path());
          super.readUnchanged(listed, target);
          step(listed.path());
        }

        @Override
        public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
          step(from);
          super.moveAside(from, to);
        }
      };
      reclaim(tree, source, () -> open(tree.dataset()));
      if (written[0]) {
        assertThat(tree.originals()).as("instant %s", k).containsEntry("d/f3", "CONTENT 3");
      }
      if (operations[0] <= at) {
        assertThat(k).isGreaterThan(5);
        return;
      }
    }
  }

  @Tag("slow") // some thousand runs
  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFaultAtEveryOperationOfEitherStoreLosesNothing(Fault fault) throws IOException {
    for (boolean atSource : new boolean[] {true, false}) {
      boolean reached = true;
      for (int k = 0; reached; k++) {
        LivingTree tree = tree(fault + "-" + atSource + k);
        Map<String, String> all = tree.held();
        String broken = atSource ? tree.source().toString() : tree.dataset();
        // One store for all openings, so that operations are counted over the run.
        FaultyStore faulty = FaultyStore.faultyAt(unclosing(open(broken)), fault, k);
        StoreOpener source = () -> atSource ? faulty : open(tree.source().toString());
        StoreOpener dataset = () -> atSource ? open(tree.dataset()) : faulty;
        try {
          reclaim(tree, source, dataset);
        } catch (IOException e) {
          assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, k, e).isTrue();
        }
        reached = faulty.operations() > k;
        assertThat(tree.held()).as("%s at %s", fault, k).isEqualTo(all);
        ReclaimReport report = reclaim(request(tree, Duration.ZERO, false));
        assertThat(report.failures()).as("%s at %s", fault, k).isEmpty();
        assertThat(tree.originals()).as("%s at %s", fault, k).containsOnlyKeys("large");
        assertThat(tree.held()).isEqualTo(all);
        assertThat(tree.head().reclaimedFiles()).isEqualTo(9);
        assertThat(AuditRows.read(tree.dataset()))
            .as("%s at %s", fault, k)
            .extracting(row -> row.get("path").toString())
            .contains("d/f0", "d/f1", "d/f2", "d/f3", "d/f4", "d/f5", "d/f6", "d/f7", "e");
      }
    }
  }

  private static Store unclosing(Store store) {
    return new ForwardingStore(store) {
      @Override
      public void close() {}
    };
  }

  private LivingTree tree(String name) throws IOException {
    LivingTree tree = new LivingTree(directory.resolve(name));
    for (int i = 0; i < 8; i++) {
      tree.write("d/f" + i, "content " + i);
    }
    tree.write("e", "");
    tree.write("large", "x".repeat(2000));
    tree.fold();
    return tree;
  }

  private static Store open(String location) throws IOException {
    return Stores.open(location, Map.of());
  }

  private static ReclaimRequest request(LivingTree tree, Duration grace, boolean dryRun) {
    return new ReclaimRequest(
        tree.source().toString(),
        tree.dataset(),
        Map.of(),
        OPTIONS.withGrace(grace).withDryRun(dryRun));
  }

  private static ReclaimReport reclaim(ReclaimRequest request) throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Reclaimer.reclaim(
          request,
          engine,
          new ParquetCatalogWriter(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    }
  }

  private static ReclaimReport reclaim(LivingTree tree, StoreOpener source, StoreOpener dataset)
      throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Reclaimer.reclaim(
          request(tree, Duration.ZERO, false),
          source,
          dataset,
          engine,
          new ParquetCatalogWriter(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    }
  }
}
