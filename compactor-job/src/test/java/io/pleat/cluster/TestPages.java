package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages say of verbs, options and one another is so. */
class TestPages {
  /** A call of a verb in code of any kind, up to where the command ends. */
  private static final Pattern CALL = Pattern.compile(
      "(?:(?<=`)|(?<=bin/)|(?<=\\| )|(?<=&& )|(?<=    )|(?<=\n))pleat ([a-z-]+)([^`|&#\n]*)");

  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  private final Map<String, CommandRun> helps = new TreeMap<>();

  static List<Page> pages() throws IOException {
    return Page.all();
  }

  private CommandRun help(String verb) {
    return helps.computeIfAbsent(verb, name -> CommandRun.of(name, "--help"));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void verbsAndOptionsThatAPageNamesAreThere(Page page) {
    Set<String> wrong = new TreeSet<>();
    for (MatchResult call : CALL.matcher(page.text()).results().toList()) {
      String verb = call.group(1);
      if (verb.equals("help") || verb.startsWith("--")) {
        continue;
      }
      CommandRun help = help(verb);
      if (help.code() != 0) {
        wrong.add("no verb: " + verb);
        continue;
      }
      for (MatchResult option : OPTION.matcher(call.group(2)).results().toList()) {
        if (!Pattern.compile(Pattern.quote(option.group()) + "(?![\\w-])")
            .matcher(help.out())
            .find()) {
          wrong.add(verb + " has no " + option.group());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void someCallsAreFound() throws IOException {
    assertThat(pages().stream()
            .mapToLong(page -> CALL.matcher(page.text()).results().count())
            .sum())
        .isGreaterThan(50);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadSomewhere(Page page) throws IOException {
    Set<String> wrong = new TreeSet<>();
    Path file = Page.ROOT.resolve(page.name());
    for (MatchResult link : LINK.matcher(page.text()).results().toList()) {
      String target = link.group(1);
      if (target.matches("[a-z]+:.*")) {
        continue;
      }
      String[] parts = target.split("#", 2);
      Path to = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
      if (!Files.exists(to)) {
        wrong.add(target);
      } else if (parts.length == 2 && !anchors(Files.readString(to)).contains(parts[1])) {
        wrong.add(target);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** A heading's anchor, as GitHub makes it. */
  private static Set<String> anchors(String text) {
    Set<String> anchors = new TreeSet<>();
    for (MatchResult heading : HEADING.matcher(text).results().toList()) {
      anchors.add(heading
          .group(1)
          .strip()
          .toLowerCase(Locale.ROOT)
          .replaceAll("[^\\w\\- ]", "")
          .replace(' ', '-'));
    }
    return anchors;
  }
}
