package io.pleat.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs every verb once on a tiny tree, so that the launcher can archive the classes that they load. Not for people. */
final class WarmUp {
  private WarmUp() {}

  /** Takes one argument: an empty directory to work in. */
  public static void main(String[] args) throws IOException {
    Path scratch = Path.of(args[0]);
    Path source = scratch.resolve("source");
    for (int i = 0; i < 40; i++) {
      Path directory = Files.createDirectories(source.resolve("d" + i % 4));
      Files.writeString(directory.resolve("f" + i), "content ".repeat(i * 10));
    }
    Files.write(source.resolve("large"), new byte[1 << 16]);
    String tree = source.toString();
    String dataset = scratch.resolve("dataset").toString();
    String target = scratch.resolve("target").toString();
    run("fold", tree, dataset, "--max-file-size", "32KiB", "--codec", "zstd");
    Files.writeString(source.resolve("d1").resolve("f1"), "changed");
    run("fold", tree, dataset, "--max-file-size", "32KiB", "--json");
    run("--help");
    run("fold", "--no-such-option");
    run("ls", dataset);
    run("ls", "-l", "-R", dataset);
    run("ls", "--json", dataset, "d1");
    run("cat", dataset, "d1/f1", "d2/f2", "large", "none");
    run("stat", dataset);
    run("stat", "--json", dataset);
    run("stat", "--json", dataset, "d1/f1");
    run("catalog", dataset);
    run("report", dataset, "-o", scratch.resolve("report.html").toString());
    run("verify", "--level", "source", dataset);
    run("verify", "--json", dataset);
    run("unfold", dataset, target);
    run("unfold", "--overwrite", "--json", dataset, target);
    System.exit(0);
  }

  private static void run(String... args) {
    PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Main.run(args, new ByteArrayOutputStream(), err, Terminal.NONE);
  }
}
