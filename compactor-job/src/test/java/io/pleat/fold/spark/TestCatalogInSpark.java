package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.cli.CommandRun;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** What {@code pleat catalog --sql spark} prints, carried out by Spark. */
class TestCatalogInSpark extends AbstractTestFold {
  @Test
  void theStatementShowsTheEntriesOfTheNewestSnapshotAndNoOthers() throws IOException {
    dataset = temp.resolve("data`set {a,b} [c]?");
    FoldOptions options = FoldOptions.defaults()
        .withMaxFileSize(5000)
        .withContainerSize(4000)
        .withCodec(CodecChoice.parse("zstd"));
    for (int i = 0; i < 30; i++) {
      write("d" + i % 4 + "/it's \u00e9 \"" + i, "line of a file\n".repeat(i));
    }
    write("gone over", "a file");
    write("large", "l".repeat(6000));
    FoldReport first = fold(options);
    assertThat(first.containers()).isGreaterThan(1);
    assertThat(rows()).isEqualTo(entries()).hasSize(32);

    write("d0/it's \u00e9 \"0", "changed");
    write("d3/it's \u00e9 \"7", "changed, too");
    write("d5/new", "new");
    write("large", "l".repeat(7000));
    Files.delete(source.resolve("gone over"));
    write("gone over/below", "a directory now");
    FoldReport second = fold(options);
    assertThat(second.version()).isEqualTo(2);
    assertThat(rows()).isEqualTo(entries()).hasSize(33);
  }

  private List<String> rows() {
    CommandRun statement = CommandRun.of("catalog", "--sql", "spark", dataset.toString());
    assertThat(statement.code()).isZero();
    List<String> rows = new ArrayList<>();
    SparkSession session = SparkSession.builder().getOrCreate(); // on the context that is there
    for (Row row : session.sql(statement.out()).collectAsList()) {
      List<Object> columns = new ArrayList<>();
      for (String column : List.of(
          "path",
          "container_id",
          "ordinal",
          "offset",
          "length",
          "stored_length",
          "codec",
          "crc32c",
          "mode",
          "owner",
          "group",
          "kind")) {
        columns.add(row.getAs(column));
      }
      Object mtime = row.getAs("mtime");
      columns.add(
          mtime instanceof java.sql.Timestamp timestamp ? timestamp.toInstant() : (Instant) mtime);
      rows.add(columns.toString());
    }
    return rows.stream().sorted().toList();
  }

  private List<String> entries() throws IOException {
    try (FoldedDataset reader = open();
        Stream<ListedItem> items = reader.listRecursively(LogicalPath.ROOT)) {
      return items
          .flatMap(item -> item.file().stream())
          .map(TestCatalogInSpark::columns)
          .sorted()
          .toList();
    }
  }

  private static String columns(Entry entry) {
    boolean folded = entry.kind() == Entry.Kind.FOLDED;
    Attributes attributes = entry.attributes();
    Instant mtime = Instant.ofEpochSecond(attributes.mtimeSeconds(), attributes.mtimeNanos());
    return List.<Object>of(
            entry.path(),
            entry.extent().container(),
            entry.ordinal(),
            entry.extent().offset(),
            entry.length(),
            entry.extent().length(),
            List.of("raw", "zstd", "zstd-dictionary").get(entry.codec()),
            folded ? Integer.toUnsignedLong(entry.crc32c()) : 0,
            attributes.mode(),
            attributes.owner(),
            attributes.group(),
            folded ? "folded" : "pass-through",
            mtime.truncatedTo(ChronoUnit.MICROS))
        .toString();
  }
}
