package io.pleat.dataset.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.LogicalPath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TestCatalogStatement {
  private static final List<ContainerSummary> TWO =
      List.of(TestCatalog.container(1, 10), TestCatalog.container(2, 10));

  @Test
  void duckDbReadsTheSnapshotsFilesLessItsDeadRows() {
    assertThat(CatalogStatement.forDuckDb("/data/set", snapshot(true), TWO)).isEqualTo("""
            SELECT f.*
            FROM read_parquet([
              '/data/set/catalog/files/1.parquet',
              '/data/set/catalog/files/2.parquet'
            ], hive_partitioning = false) AS f
            ANTI JOIN read_parquet([
              '/data/set/catalog/dead/d.parquet'
            ], hive_partitioning = false) AS d
            ON f.container_id = d.container_id AND f.ordinal = d.ordinal""");
    assertThat(CatalogStatement.forDuckDb("/data/set", snapshot(false), TWO))
        .doesNotContain("JOIN");
  }

  @Test
  void duckDbNamesAreQuotedAndNoGlobs() {
    assertThat(CatalogStatement.forDuckDb("s3a://bucket/it's [a] *?", snapshot(false), TWO))
        .contains("'s3://bucket/it''s [[]a] [*][?]/catalog/files/1.parquet'");
  }

  @Test
  void sparkReadsTheSnapshotsFilesLessItsDeadRows() {
    assertThat(CatalogStatement.forSpark("hdfs://nn:8020/data/set", snapshot(true), TWO))
        .isEqualTo("""
            SELECT f.*
            FROM parquet.`hdfs://nn:8020/data/set/catalog/files/{1.parquet,2.parquet}` AS f
            LEFT ANTI JOIN parquet.`hdfs://nn:8020/data/set/catalog/dead/d.parquet` AS d
            ON f.container_id = d.container_id AND f.ordinal = d.ordinal""");
  }

  @Test
  void sparkNamesAreQuotedAndNoGlobs() {
    assertThat(CatalogStatement.forSpark("/it`s {a},*", snapshot(false), TWO.subList(0, 1)))
        .isEqualTo(
            "SELECT f.*\nFROM parquet.`file:///it``s \\{a\\}\\,\\*/catalog/files/1.parquet` AS f");
  }

  @Test
  void sparkReadsFileByFileWhereHadoopsGlobsFail() {
    assertThat(CatalogStatement.forSpark("hdfs://nn:8020/a:b", snapshot(false), TWO))
        .isEqualTo("""
            SELECT f.*
            FROM (SELECT * FROM parquet.`hdfs://nn:8020/a:b/catalog/files/1.parquet`
              UNION ALL SELECT * FROM parquet.`hdfs://nn:8020/a:b/catalog/files/2.parquet`) AS f""");
  }

  @Test
  void snapshotWithoutContainersIsMisuse() {
    assertThatThrownBy(() -> CatalogStatement.forSpark("/x", snapshot(false), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the snapshot has no container");
  }

  private static Snapshot snapshot(boolean dead) {
    FileReference file = new FileReference(LogicalPath.of("catalog/containers/c.parquet"), 1, 1);
    FileReference rows = new FileReference(LogicalPath.of("catalog/dead/d.parquet"), 1, 1);
    return new Snapshot(
        1,
        new UUID(1, 1),
        new UUID(1, 1),
        "/source",
        Instant.EPOCH,
        "fold",
        List.of(),
        List.of(),
        new Snapshot.CatalogReferences(file, dead ? Optional.of(rows) : Optional.empty()),
        new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  }
}
