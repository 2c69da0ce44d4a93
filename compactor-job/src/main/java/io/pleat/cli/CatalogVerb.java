package io.pleat.cli;

import io.pleat.dataset.parquet.CatalogStatement;
import io.pleat.read.FoldedDataset;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "catalog",
    header = "Prints the SQL that shows the live files.",
    description = {
      "Prints the SQL query that shows the live files of a snapshot of DATASET, one row a file, and nothing else.",
      "Columns: path, container_id, ordinal, offset, length, stored_length, codec, crc32c, mtime, mode, owner, group, kind."
    })
final class CatalogVerb extends SnapshotVerb {
  @Option(
      names = "--sql",
      paramLabel = "DIALECT",
      defaultValue = "duckdb",
      converter = DialectConverter.class,
      description = "duckdb or spark.")
  private Dialect dialect;

  /** Whose SQL it is. */
  enum Dialect {
    DUCKDB,
    SPARK
  }

  @Override
  int run() throws IOException {
    try (FoldedDataset dataset = open()) {
      if (dataset.containers().isEmpty()) {
        throw new IOException("snapshot " + dataset.snapshot().version() + " of " + location()
            + " has no container: there is nothing to query");
      }
      out()
          .line(
              dialect == Dialect.DUCKDB
                  ? CatalogStatement.forDuckDb(
                      dataset.location(), dataset.snapshot(), dataset.containers())
                  : CatalogStatement.forSpark(
                      dataset.location(), dataset.snapshot(), dataset.containers()));
    }
    return DONE;
  }

  /** For picocli. */
  static final class DialectConverter implements ITypeConverter<Dialect> {
    @Override
    public Dialect convert(String value) {
      for (Dialect dialect : Dialect.values()) {
        if (dialect.name().toLowerCase(Locale.ROOT).equals(value)) {
          return dialect;
        }
      }
      throw new TypeConversionException("'" + value + "' is no dialect, expected duckdb or spark");
    }
  }
}
