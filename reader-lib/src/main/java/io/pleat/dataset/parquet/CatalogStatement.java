package io.pleat.dataset.parquet;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Snapshot;
import io.pleat.format.LogicalPath;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Renders the SQL that shows the live files of exactly one snapshot: the catalogue files that it names, less the dead rows that it
 * names.
 */
public final class CatalogStatement {
  private static final String SAME_ROW =
      "f.container_id = d.container_id AND f.ordinal = d.ordinal";

  private CatalogStatement() {}

  /**
   * A query for DuckDB, without a semicolon.
   *
   * @param location of the dataset: an absolute local path, or a URI; {@code s3a:} becomes {@code s3:}
   * @param containers of the snapshot, at least one
   */
  public static String forDuckDb(
      String location, Snapshot snapshot, List<ContainerSummary> containers) {
    String root = location.replaceFirst("^s3[an]://", "s3://").replaceFirst("^file:/+", "/");
    String rows = "SELECT f.*\nFROM " + readParquet(root, catalogFiles(containers)) + " AS f";
    Optional<FileReference> dead = snapshot.catalog().deadRows();
    return dead.isEmpty()
        ? rows
        : rows + "\nANTI JOIN " + readParquet(root, List.of(dead.get().path())) + " AS d\nON "
            + SAME_ROW;
  }

  /**
   * A query for Spark SQL, without a semicolon.
   *
   * @param location of the dataset: an absolute local path, or a Hadoop URI
   * @param containers of the snapshot, at least one
   */
  public static String forSpark(
      String location, Snapshot snapshot, List<ContainerSummary> containers) {
    String root = location.startsWith("/") ? "file://" + location : location;
    String rows = "SELECT f.*\nFROM " + parquetTable(root, catalogFiles(containers)) + " AS f";
    Optional<FileReference> dead = snapshot.catalog().deadRows();
    return dead.isEmpty()
        ? rows
        : rows + "\nLEFT ANTI JOIN " + parquetTable(root, List.of(dead.get().path())) + " AS d\nON "
            + SAME_ROW;
  }

  private static List<LogicalPath> catalogFiles(List<ContainerSummary> containers) {
    checkArgument(!containers.isEmpty(), "the snapshot has no container");
    return containers.stream()
        .map(container -> container.catalog().path())
        .distinct()
        .toList();
  }

  /** DuckDB takes each name for a glob, and {@code a=b/} in it for a column. */
  private static String readParquet(String root, List<LogicalPath> files) {
    return files.stream()
        .map(file ->
            "'" + (root + "/" + file).replaceAll("[*?\\[]", "[$0]").replace("'", "''") + "'")
        .collect(
            Collectors.joining(",\n  ", "read_parquet([\n  ", "\n], hive_partitioning = false)"));
  }

  /**
   * Spark takes one name, which may be a glob: of names in one directory, it lists that directory once. But Hadoop's globs fail below a
   * directory with a colon in its name.
   */
  private static String parquetTable(String root, List<LogicalPath> files) {
    Set<LogicalPath> directories =
        files.stream().map(LogicalPath::parent).collect(Collectors.toSet());
    if (files.size() == 1) {
      return parquetTable(root, globLiteral(files.get(0).toString()));
    }
    if (root.replaceFirst("^[^/]*://[^/]*", "").contains(":")) {
      return files.stream()
          .map(file -> "SELECT * FROM " + parquetTable(root, globLiteral(file.toString())))
          .collect(Collectors.joining("\n  UNION ALL ", "(", ")"));
    }
    String prefix = "";
    Function<LogicalPath, String> rest = LogicalPath::toString;
    if (directories.size() == 1) {
      prefix = globLiteral(directories.iterator().next().toString()) + "/";
      rest = LogicalPath::name;
    }
    return parquetTable(
        root,
        files.stream()
            .map(rest)
            .map(CatalogStatement::globLiteral)
            .collect(Collectors.joining(",", prefix + "{", "}")));
  }

  private static String parquetTable(String root, String glob) {
    return "parquet.`" + (globLiteral(root) + "/" + glob).replace("`", "``") + "`";
  }

  private static String globLiteral(String text) {
    return text.replaceAll("[\\\\*?\\[\\]{},]", "\\\\$0");
  }
}
