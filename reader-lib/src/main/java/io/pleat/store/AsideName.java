package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.LogicalPath;
import java.util.regex.Pattern;

/**
 * Names that files of a source have for the moment between their being set aside and their being deleted: {@code .pleat-reclaim-}, 32
 * hexadecimal digits, {@code -}, a number. Short, whatever the file was called. No inventory and no overlay shows them.
 */
public final class AsideName {
  private static final String START = ".pleat-reclaim-";
  private static final Pattern SYNTAX =
      Pattern.compile(Pattern.quote(START) + "[0-9a-f]{32}-[0-9]{1,10}");

  private AsideName() {}

  /**
   * Beside {@code path}.
   *
   * @param list 32 hexadecimal digits that no other list has
   * @param number of the file in it
   */
  public static LogicalPath beside(LogicalPath path, String list, int number) {
    String name = START + list + "-" + number;
    checkArgument(SYNTAX.matcher(name).matches(), "not a list's id and a number: %s", name);
    LogicalPath parent = path.parent();
    return LogicalPath.of(parent.isRoot() ? name : parent + "/" + name);
  }

  /** Whether a file is called so. */
  public static boolean is(LogicalPath path) {
    if (path.isRoot()) {
      return false;
    }
    String name = path.name();
    return name.startsWith(START) && SYNTAX.matcher(name).matches();
  }
}
