package io.pleat.dataset;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Values for tests, the same in every run. */
final class Samples {
  static final String SOURCE_ROOT = "memory:/source";

  private Samples() {}

  static ContainerId id(int number) {
    return new ContainerId(0x0123456789abcdefL, number);
  }

  static FileReference file(String path, int number) {
    return new FileReference(LogicalPath.of(path), 1000L + number, 0x9f21aa00 + number);
  }

  /** A container that holds the files of directory {@code d<number>}. */
  static ContainerSummary container(int number) {
    return new ContainerSummary(
        id(number),
        1_000_000 + number,
        0xc0ffee00 + number,
        900_000,
        100,
        1,
        2,
        890_000,
        880_000,
        50_000_000,
        new KeyRange(
            LogicalPath.of(String.format("d%05d", number)).directoryKey(),
            LogicalPath.of(String.format("d%05d/zz", number)).fileKey()),
        0,
        file("catalog/files/" + new UUID(1, number) + ".parquet", number),
        number % 2 == 0
            ? FilterSection.NONE
            : new FilterSection(950_000, 1000 + number, 0xf117e400 + number));
  }

  /** A container of tombstones for the files of directory {@code d<number>}. */
  static ContainerSummary tombstones(int number) {
    ContainerSummary like = container(number);
    return new ContainerSummary(
        like.id(),
        2000,
        like.crc32c(),
        500,
        10,
        10,
        1,
        0,
        0,
        77,
        like.range(),
        0,
        FileReference.NONE,
        FilterSection.NONE);
  }

  static SnapshotChange change(String operation) {
    return SnapshotChange.by(operation, new UUID(4, 4), SOURCE_ROOT);
  }

  static SnapshotStatistics delta(int containers) {
    return new SnapshotStatistics(
        100L * containers,
        99L * containers,
        containers,
        2L * containers,
        890_000L * containers,
        880_000L * containers,
        50_000_000L * containers,
        0,
        7,
        100_007,
        12,
        100_010);
  }

  static SnapshotChange add(int... numbers) {
    return new SnapshotChange(
        "fold",
        new UUID(2, numbers[0]),
        SOURCE_ROOT,
        java.util.Arrays.stream(numbers).mapToObj(Samples::container).toList(),
        Map.of(),
        delta(numbers.length));
  }

  static SnapshotChange kill(int container, int... rows) {
    return new SnapshotChange(
        "fold",
        new UUID(3, container),
        SOURCE_ROOT,
        List.of(),
        Map.of(id(container), DeletionVector.of(rows)),
        new SnapshotStatistics(-rows.length, -rows.length, 0, 0, -10, -10, 0, 0, 0, 5, 1, 0));
  }

  /** A snapshot of version 1 of the format, with everything that one can have. */
  static Snapshot wholeLife() {
    Snapshot draft = snapshot();
    return new Snapshot(
        draft.version(),
        draft.commitId(),
        draft.runId(),
        draft.sourceRoot(),
        draft.committedAt(),
        draft.operation(),
        draft.manifests(),
        draft.deletionVectors(),
        List.of(
            new ReclaimedReference(id(2), file("_pleat/reclaimed/2.dv", 7), 17),
            new ReclaimedReference(id(1), file("_pleat/reclaimed/1.dv", 8), 18)),
        new Tombstones(
            List.of(new ManifestReference(file("_pleat/manifests/t.manifest", 9), 1)),
            List.of(new DeletionVectorReference(id(8), file("_pleat/deletes/8.dv", 10), 2))),
        new Retention(
            new VersionSet(List.of(new VersionSet.Range(1, 2), new VersionSet.Range(4, 4))),
            List.of(new Condemnation(
                6,
                VersionSet.of(3),
                List.of(new CondemnedListReference(file("_pleat/condemned/c.list", 11), 12))))),
        draft.catalog(),
        draft.statistics());
  }

  static Snapshot snapshot() {
    return new Snapshot(
        7,
        UUID.fromString("6f9619ff-8b86-4d01-b42d-00c04fc964ff"),
        UUID.fromString("0e37df36-f698-4dc9-9b5d-4b8b0c4f3a51"),
        "hdfs://nn:8020/data/caf\u00e9 \"x\"\n",
        Instant.parse("2026-11-21T03:04:05.123456789Z"),
        "fold",
        List.of(
            new ManifestReference(file("_pleat/manifests/a.manifest", 1), 3),
            new ManifestReference(file("_pleat/manifests/b.manifest", 2), 1)),
        List.of(
            new DeletionVectorReference(id(2), file("_pleat/deletes/2.dv", 4), 9),
            new DeletionVectorReference(id(1), file("_pleat/deletes/1.dv", 3), 1)),
        new CatalogReferences(
            file("catalog/containers/c.parquet", 5),
            Optional.of(file("catalog/dead/d.parquet", 6))),
        new SnapshotStatistics(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, Long.MAX_VALUE));
  }
}
