package io.pleat.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown page of the project and the commands in it: what stands in blocks of {@code sh}. A comment on the line before a block,
 * {@code <!-- not run: REASON -->}, takes it out.
 *
 * @param name the page's path below the repository's root
 */
record Page(String name, String text) {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern BLOCK = Pattern.compile(
      "^(<!-- not run: [^\n]+ -->\n)?```sh\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** All pages that users read: the README files and {@code docs}, but not the decisions in it. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream<Path> others = Stream.of(
              "README.md",
              "airflow-dags/README.md",
              "examples/sql/README.md",
              "examples/monitoring/README.md")
          .map(ROOT::resolve);
      for (Path file : (Iterable<Path>) Stream.concat(
          others, docs.filter(page -> page.toString().endsWith(".md")).sorted())::iterator) {
        pages.add(new Page(ROOT.relativize(file).toString(), Files.readString(file)));
      }
    }
    return pages;
  }

  /** The commands that can be run, in the page's order; each block's lines as they stand. */
  List<String> commands() {
    List<String> commands = new ArrayList<>();
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      if (block.group(1) == null) {
        commands.add(block.group(2));
      }
    }
    return commands;
  }

  @Override
  public String toString() {
    return name;
  }
}
