package io.pleat.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the metrics of a run go. */
final class MetricsOptions {
  private static final String SUFFIX = ".prom";

  @Option(
      names = "--metrics-file",
      paramLabel = "FILE",
      converter = PromFile.class,
      description = {
        "Writes the run's metrics there when it ends, however it ends, in Prometheus' text format, in place of those that are there: for the",
        "textfile collector of the node exporter, which reads *.prom."
      })
  private Path file;

  /** Writes what a run came to, if that was asked for: the file as it was, or whole. */
  void write(RunMetrics metrics) throws IOException {
    if (file == null) {
      return;
    }
    WholeFile.at(file).write(metrics.toText());
  }

  /** The file that was asked for, for messages. */
  String name() {
    return String.valueOf(file);
  }

  /** For picocli. */
  static final class PromFile implements ITypeConverter<Path> {
    @Override
    public Path convert(String value) {
      if (!value.endsWith(SUFFIX)) {
        throw new TypeConversionException("'" + value + "' does not end in " + SUFFIX
            + ", and the node exporter reads no other files");
      }
      return Path.of(value);
    }
  }
}
