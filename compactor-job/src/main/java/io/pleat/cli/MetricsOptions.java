package io.pleat.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Option(
      names = "--metrics-port",
      paramLabel = "[HOST:]PORT",
      converter = Listener.class,
      description = {
        "Serves the run's metrics while it goes, as OpenMetrics or Prometheus text at /metrics: how far it is, and what its readers did. On 127.0.0.1 unless "
            + "HOST is another address of this machine; port 0 is any free one."
      })
  private InetSocketAddress listener;

  /** Serves what the run tells until that is closed, if that was asked for. */
  Optional<MetricsServer> serve(RunMetrics metrics) throws IOException {
    return listener == null
        ? Optional.empty()
        : Optional.of(MetricsServer.start(listener, metrics));
  }

  /** Where it is to be served, for messages. */
  String address() {
    return listener.getHostString() + ":" + listener.getPort();
  }

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
  static final class Listener implements ITypeConverter<InetSocketAddress> {
    private static final Pattern SYNTAX = Pattern.compile("(?:\\[?(.+?)]?:)?(\\d{1,5})");
    private static final int LAST_PORT = 65_535;

    @Override
    public InetSocketAddress convert(String value) {
      Matcher matcher = SYNTAX.matcher(value);
      if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > LAST_PORT) {
        throw new TypeConversionException(
            "'" + value + "' is no port, expected one such as 9404 or 0.0.0.0:9404");
      }
      String host = matcher.group(1) == null ? "127.0.0.1" : matcher.group(1);
      return InetSocketAddress.createUnresolved(host, Integer.parseInt(matcher.group(2)));
    }
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
