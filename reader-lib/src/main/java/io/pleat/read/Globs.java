package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Path patterns. {@code *} and {@code ?} stop at {@code /}, {@code **} does not, {@code [a-z]}, {@code [!a]} and <code>{a,b}</code>
 * work as in a shell, {@code \} escapes. A pattern without {@code /} matches the last component at any depth; one with {@code /}
 * matches the whole logical path. A slash or {@code ./} at the start says just that, a slash at the end nothing.
 */
public final class Globs {
  private final List<Pattern> onPath;
  private final List<Pattern> onName;
  private final List<Way> ways;

  private Globs(List<Pattern> onPath, List<Pattern> onName, List<Way> ways) {
    this.onPath = onPath;
    this.onName = onName;
    this.ways = ways;
  }

  /**
   * The directories on the way to what a pattern for the whole path matches.
   *
   * @param components patterns of the first components, as many as stand for one component each
   * @param ends whether what matches has exactly so many components
   */
  private record Way(List<Pattern> components, boolean ends) {
    boolean leadsBelow(String[] directory) {
      for (int i = 0; i < Math.min(directory.length, components.size()); i++) {
        if (!components.get(i).matcher(directory[i]).matches()) {
          return false;
        }
      }
      return !ends || directory.length < components.size();
    }
  }

  /**
   * Compiles patterns.
   *
   * @throws IllegalArgumentException naming the pattern that is malformed
   */
  public static Globs compile(List<String> globs) {
    return new Globs(
        globs.stream().filter(Globs::isAnchored).map(Globs::toPattern).toList(),
        globs.stream().filter(glob -> !isAnchored(glob)).map(Globs::toPattern).toList(),
        globs.stream().filter(Globs::isAnchored).map(Globs::toWay).toList());
  }

  private static Way toWay(String glob) {
    String relative = relative(glob);
    List<Pattern> components = new ArrayList<>();
    int start = 0;
    int braces = 0;
    for (int i = 0; i < relative.length(); i++) {
      char c = relative.charAt(i);
      if (relative.startsWith("**", i) || c == '/' && braces > 0) {
        return new Way(components, false);
      }
      switch (c) {
        case '[' -> i = relative.indexOf(']', i + 2);
        case '\\' -> i++;
        case '{' -> braces++;
        case '}' -> braces--;
        case '/' -> {
          components.add(toPattern("./" + relative.substring(start, i)));
          start = i + 1;
        }
        default -> {}
      }
    }
    components.add(toPattern("./" + relative.substring(start)));
    return new Way(components, true);
  }

  /** Whether a pattern is for the whole path: whether it has a slash, but for one at its end. */
  private static boolean isAnchored(String glob) {
    int slash = glob.indexOf('/');
    return slash >= 0 && slash < glob.length() - 1;
  }

  /** What people write of paths below a root, as a path below it: {@code /a}, {@code ./a} and {@code a/} are {@code a}. */
  private static String relative(String glob) {
    String start =
        glob.startsWith("./") ? glob.substring(2) : glob.startsWith("/") ? glob.substring(1) : glob;
    String relative = start.endsWith("/") ? start.substring(0, start.length() - 1) : start;
    checkArgument(!relative.isEmpty(), "glob '%s' names nothing", glob);
    return relative;
  }

  /** Whether there is no pattern. */
  public boolean isEmpty() {
    return onPath.isEmpty() && onName.isEmpty();
  }

  /** Whether some pattern matches. */
  public boolean matches(String path) {
    if (isEmpty()) {
      return false;
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return onName.stream().anyMatch(pattern -> pattern.matcher(name).matches())
        || onPath.stream().anyMatch(pattern -> pattern.matcher(path).matches());
  }

  /** Whether something below {@code directory} (the root is empty) might match; false is certain. */
  public boolean canMatchBelow(String directory) {
    if (!onName.isEmpty()) {
      return true;
    }
    String[] components = directory.isEmpty() ? new String[0] : directory.split("/");
    return ways.stream().anyMatch(way -> way.leadsBelow(components));
  }

  private static Pattern toPattern(String glob) {
    checkArgument(!glob.isEmpty(), "glob is empty");
    String relative = relative(glob);
    StringBuilder regex = new StringBuilder();
    int braces = 0;
    for (int i = 0; i < relative.length(); i++) {
      char c = relative.charAt(i);
      switch (c) {
        case '*' -> {
          if (relative.startsWith("**/", i) && (i == 0 || relative.charAt(i - 1) == '/')) {
            regex.append("(?:.*/)?");
            i += 2;
          } else if (relative.startsWith("**", i)) {
            regex.append(".*");
            i++;
          } else {
            regex.append("[^/]*");
          }
        }
        case '?' -> regex.append("[^/]");
        case '[' -> {
          int close = relative.indexOf(']', i + 2);
          checkArgument(close > 0, "glob '%s' has '[' without ']'", glob);
          String set = relative
              .substring(i + 1, close)
              .replace("\\", "\\\\")
              .replace("[", "\\[")
              .replace("&&", "&\\&");
          boolean negated = set.startsWith("!") || set.startsWith("^");
          regex.append("(?!/)[").append(negated ? "^" + set.substring(1) : set).append(']');
          i = close;
        }
        case '{' -> {
          braces++;
          regex.append("(?:");
        }
        case '}' -> {
          checkArgument(braces > 0, "glob '%s' has '}' without '{'", glob);
          braces--;
          regex.append(')');
        }
        case ',' -> regex.append(braces > 0 ? "|" : ",");
        case '\\' -> {
          checkArgument(i + 1 < relative.length(), "glob '%s' ends in a backslash", glob);
          regex.append(Pattern.quote(String.valueOf(relative.charAt(++i))));
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    checkArgument(braces == 0, "glob '%s' has '{' without '}'", glob);
    try {
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "glob '" + glob + "' is malformed: " + e.getDescription(), e);
    }
  }
}
