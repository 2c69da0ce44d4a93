package io.pleat.cli;

import io.pleat.format.CorruptDataException;
import io.pleat.store.OutOfSpace;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code pleat VERB ...}. */
public final class Main {
  /** What a shell reports of a program that its reader left. */
  private static final int READER_GONE = 128 + 13;

  private Main() {}

  /** Runs one verb and exits with its code. Under spark-submit a success returns, so that Spark can end the application. */
  public static void main(String[] args) {
    Terminal terminal = Terminal.fromSystemProperties();
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    boolean submitted = System.getProperty("spark.submit.deployMode") != null;
    if (!submitted && !EngineVerb.needsSpark(args)) {
      StderrLogging.choose();
    }
    Messages messages = new Messages(err, terminal);
    Interruption interruption = Interruption.announceOn(messages);
    int code = run(args, new FileOutputStream(FileDescriptor.out), messages);
    interruption.disarm();
    if (code != Verb.DONE || !submitted) {
      System.exit(code);
    }
  }

  /** Runs one verb and returns the exit code. */
  static int run(String[] args, OutputStream stdout, PrintStream stderr, Terminal terminal) {
    return run(args, stdout, new Messages(stderr, terminal));
  }

  private static int run(String[] words, OutputStream stdout, Messages messages) {
    Output out = new Output(stdout, messages.terminal());
    String[] args = helpAsOption(words);
    CommandLine line = commandLine(args, out, messages);
    int code;
    try {
      code = execute(line, args, out, messages);
    } catch (ParameterException e) {
      code = wrongUsage(e, messages);
    }
    messages.clearStatus();
    try {
      out.flush();
    } catch (OutputClosedException e) {
      return READER_GONE;
    } catch (IOException e) {
      messages.say(e.getMessage());
      return Verb.FAILED;
    }
    return code;
  }

  /** {@code help VERB} is {@code VERB --help}, as people expect. */
  private static String[] helpAsOption(String[] words) {
    if (words.length == 0 || words.length > 2 || !words[0].equals("help")) {
      return words;
    }
    if (words.length == 1) {
      return new String[] {"--help"};
    }
    return verbs().containsKey(words[1])
        ? new String[] {words[1], "--help"}
        : new String[] {words[1]};
  }

  private static CommandLine commandLine(String[] args, Output out, Messages messages) {
    Map<String, Supplier<Verb>> verbs = verbs();
    // One class is enough to carry out one verb: reflection on all of them costs as much as a small
    // ls.
    String first = args.length == 0 ? "" : args[0];
    if (!verbs.containsKey(first)) {
      return allVerbs(out, messages);
    }
    CommandLine line = new CommandLine(new Pleat());
    line.addSubcommand(first, verbs.get(first).get().on(out, messages));
    return configured(line, messages);
  }

  /** The command line with every verb there is. */
  static CommandLine allVerbs(Output out, Messages messages) {
    CommandLine line = new CommandLine(new Pleat());
    verbs().forEach((name, verb) -> line.addSubcommand(name, verb.get().on(out, messages)));
    return configured(line, messages);
  }

  private static CommandLine configured(CommandLine line, Messages messages) {
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(Math.min(120, Math.max(80, messages.terminal().columns())));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false);
    line.setAbbreviatedOptionsAllowed(false);
    line.setOverwrittenOptionsAllowed(false);
    return line;
  }

  private static Map<String, Supplier<Verb>> verbs() {
    Map<String, Supplier<Verb>> verbs = new LinkedHashMap<>();
    verbs.put("fold", FoldVerb::new);
    verbs.put("pending", PendingVerb::new);
    verbs.put("unfold", UnfoldVerb::new);
    verbs.put("rm", RmVerb::new);
    verbs.put("snapshots", SnapshotsVerb::new);
    verbs.put("rollback", RollbackVerb::new);
    verbs.put("diff", DiffVerb::new);
    verbs.put("ls", LsVerb::new);
    verbs.put("cat", CatVerb::new);
    verbs.put("stat", StatVerb::new);
    verbs.put("catalog", CatalogVerb::new);
    verbs.put("verify", VerifyVerb::new);
    verbs.put("runs", RunsVerb::new);
    verbs.put("report", ReportVerb::new);
    verbs.put("pack", PackVerb::new);
    verbs.put("warm", WarmVerb::new);
    verbs.put("cache", CacheVerb::new);
    verbs.put("compact", CompactVerb::new);
    verbs.put("repair", RepairVerb::new);
    verbs.put("expire", ExpireVerb::new);
    verbs.put("reclaim", ReclaimVerb::new);
    verbs.put("uri", UriVerb::new);
    verbs.put("completion", CompletionVerb::new);
    return verbs;
  }

  private static int execute(CommandLine line, String[] args, Output out, Messages messages) {
    ParseResult parsed = line.parseArgs(args);
    CommandLine chosen = line;
    if (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
      chosen = parsed.commandSpec().commandLine();
    }
    try {
      if (parsed.isUsageHelpRequested()) {
        out.print(chosen.getUsageMessage());
        return Verb.DONE;
      }
      if (parsed.isVersionHelpRequested()) {
        out.line("pleat " + Version.text());
        return Verb.DONE;
      }
    } catch (IOException e) {
      return failed(e, false, messages);
    }
    if (chosen == line) {
      throw new ParameterException(line, "a verb is missing");
    }
    Verb verb = chosen.getCommand();
    try {
      verb.settings().parse(messages.secrets());
      return verb.runMeasured();
    } catch (ParameterException e) {
      throw e;
    } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
      return failed(e, verb.isVerbose(), messages);
    }
  }

  private static int wrongUsage(ParameterException e, Messages messages) {
    String verb = e.getCommandLine().getCommandSpec().qualifiedName();
    String problem = e.getMessage().strip().replaceAll("\\s*\\R\\s*", "; ");
    if (e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().get(0);
      if (!verb.contains(" ") && !unmatched.isUnknownOption()) {
        problem = "there is no verb '" + word + "'";
      } else if (unmatched.isUnknownOption()) {
        problem = "there is no option '" + word + "'";
      }
      List<String> similar = unmatched.getSuggestions();
      if (!similar.isEmpty()) {
        problem += "; similar: " + String.join(", ", similar);
      }
    }
    messages.say(problem + " (see: " + verb + " --help)");
    return Verb.WRONG_USAGE;
  }

  private static int failed(Throwable thrown, boolean verbose, Messages messages) {
    Throwable error = thrown instanceof ExecutionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
    if (error instanceof OutputClosedException) {
      return READER_GONE;
    }
    messages.say(oneLine(error) + remedy(error));
    if (verbose) {
      messages.stackOf(error);
    }
    return error instanceof IllegalArgumentException ? Verb.WRONG_USAGE : Verb.FAILED;
  }

  private static String remedy(Throwable error) {
    return error instanceof CorruptDataException
        ? "; 'pleat verify' says what that costs, and 'pleat repair --dry-run' what can be mended"
        : "";
  }

  /** What went wrong, for a person: what is wrong, and with which file. */
  static String oneLine(Throwable error) {
    String message = error.getMessage() == null ? "" : error.getMessage().strip();
    if (OutOfSpace.is(error) && !message.startsWith("no space left")) {
      return "no space left (" + message + "): free some, and run this again";
    }
    if (error instanceof FileSystemException e && !(error instanceof CorruptDataException)) {
      String what = reason(e);
      return what.isEmpty() || message.isEmpty() ? orName(error, message) : what + ": " + message;
    }
    if (error instanceof OutOfMemoryError) {
      return "out of memory (" + message + "); give the JVM more with PLEAT_JAVA_OPTS=-Xmx...";
    }
    boolean expected = error instanceof IOException || error instanceof IllegalArgumentException;
    // One word is no sentence: some exceptions say no more than a class or a file.
    if (expected && message.indexOf(' ') > 0) {
      return message;
    }
    return error.getClass().getSimpleName()
        + (message.isEmpty() ? "" : ": " + message)
        + " (--verbose shows where)";
  }

  private static String orName(Throwable error, String message) {
    return message.isEmpty() ? error.getClass().getSimpleName() : message;
  }

  private static String reason(FileSystemException e) {
    if (e.getReason() != null || e.getFile() == null || e.getFile().contains(": ")) {
      return "";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "directory is not empty";
    }
    return e instanceof FileAlreadyExistsException ? "exists already" : "";
  }

  @Command(
      name = "pleat",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "VERB",
      description =
          "Folds small files into GB-scale containers and gives them back by their old path.",
      footer = {
        "",
        "Locations are local paths or URIs of any Hadoop file system (hdfs://, s3a://).",
        "Exit codes: 0 done; 1 failed, or damage found; 2 wrong usage; 3 done, but files were left loose.",
        "'pleat help VERB' says more. 'pleat completion' teaches a shell to complete all this."
      })
  private static final class Pleat {}
}
