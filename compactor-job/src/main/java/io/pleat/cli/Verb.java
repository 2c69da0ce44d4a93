package io.pleat.cli;

import java.io.IOException;
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

  private Output out;
  private Messages messages;

  /** Carries the verb out and returns the exit code. */
  abstract int run() throws IOException;

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

  final Settings settings() {
    return settings;
  }

  final boolean isVerbose() {
    return verbose;
  }
}
