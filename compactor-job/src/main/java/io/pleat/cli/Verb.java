package io.pleat.cli;

import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all verbs share: help, version, settings, verbosity. */
@Command(mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
abstract class Verb {
  /** All was done. */
  static final int DONE = 0;

  /** Something failed, or damage was found. */
  static final int FAILED = 1;

  /** The command line cannot be carried out as it stands. */
  static final int WRONG_USAGE = 2;

  /** All was done, but files were left loose. */
  static final int LEFT_LOOSE = 3;

  @Option(names = "--verbose", description = "Says more; adds the stack trace to errors.")
  private boolean verbose;

  @Mixin
  private Settings settings = new Settings();

  @Mixin
  private MetricsOptions metricsOptions = new MetricsOptions();

  private final RunMetrics metrics = new RunMetrics();
  private Output out;
  private Messages messages;

  /** Carries the verb out and returns the exit code. */
  abstract int run() throws IOException;

  /** The dataset that the verb works on, as it was given; empty if it has none. */
  String subject() {
    return "";
  }

  /** Runs the verb, and tells monitoring how it ended if that was asked for. */
  final int runMeasured() throws IOException {
    long started = System.nanoTime();
    int code = FAILED;
    metrics.dataset(subject());
    metrics.add(
        "run_start_timestamp_seconds",
        "When the last run began, since 1970.",
        System.currentTimeMillis() / 1e3,
        "verb",
        name());
    Optional<MetricsServer> server = serveMetrics();
    try {
      code = run();
    } catch (IllegalArgumentException e) {
      code = WRONG_USAGE;
      throw e;
    } finally {
      server.ifPresent(MetricsServer::close);
      writeMetrics(code, (System.nanoTime() - started) / 1e9);
    }
    return code;
  }

  private String name() {
    return getClass().getAnnotation(Command.class).name();
  }

  /** What cannot be told to monitoring is no failure of the run. */
  private Optional<MetricsServer> serveMetrics() {
    try {
      Optional<MetricsServer> server = metricsOptions.serve(metrics);
      server.ifPresent(started -> messages.say("metrics at " + started.url()));
      return server;
    } catch (IOException | RuntimeException e) {
      messages.say(
          "the metrics are not served at " + metricsOptions.address() + ": " + Main.oneLine(e));
      return Optional.empty();
    }
  }

  /** What cannot be told to monitoring is no failure of the run. */
  private void writeMetrics(int code, double seconds) {
    String verb = name();
    metrics.add("run_exit_code", "How the last run ended; 0 is well.", code, "verb", verb);
    metrics.add("run_seconds", "How long the last run took.", seconds, "verb", verb);
    metrics.add(
        "run_end_timestamp_seconds",
        "When the last run ended, since 1970.",
        System.currentTimeMillis() / 1e3,
        "verb",
        verb);
    try {
      metricsOptions.write(metrics);
    } catch (IOException | RuntimeException e) {
      messages.say(
          "the metrics were not written to " + metricsOptions.name() + ": " + Main.oneLine(e));
    }
  }

  final Verb on(Output output, Messages to) {
    this.out = output;
    this.messages = to;
    return this;
  }

  final Output out() {
    return out;
  }

  final Messages messages() {
    return messages;
  }

  /** What monitoring is told of this run. */
  final RunMetrics metrics() {
    return metrics;
  }

  final Settings settings() {
    return settings;
  }

  final boolean isVerbose() {
    return verbose;
  }
}
