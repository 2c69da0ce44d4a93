package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "ls",
    header = "Lists a directory.",
    description = {
      "Lists a directory of DATASET: files by name, then directories by name, each with a slash at its end.",
      "With -R everything below it, each by its path from the dataset's root."
    })
final class LsVerb extends SnapshotVerb {
  @Parameters(
      index = "1",
      paramLabel = "PATH",
      arity = "0..1",
      defaultValue = "",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "A file or directory; without it the root.")
  private String path;

  @Option(
      names = "-l",
      description = "Mode, owner, group, size and time of modification (UTC), too.")
  private boolean longForm;

  @Option(names = "-R", description = "Everything below.")
  private boolean recursive;

  @Option(names = "-0", description = "Ends each name with NUL, not a line feed, and escapes none.")
  private boolean nulSeparated;

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Override
  int run() throws IOException {
    LogicalPath start = path(path);
    try (FoldedDataset dataset = open();
        JsonGenerator generator = json ? Json.lines(out()) : null) {
      Optional<Location> file = start.isRoot() ? Optional.empty() : dataset.locate(start);
      if (file.isPresent()) {
        print(new ListedItem(start, Optional.of(file.get().entry()), Optional.empty()), generator);
        return DONE;
      }
      try (Stream<ListedItem> items =
          recursive ? dataset.listRecursively(start) : dataset.list(start)) {
        for (Iterator<ListedItem> each = items.iterator(); each.hasNext(); ) {
          ListedItem item = each.next();
          if (!item.path().equals(start)) {
            print(item, generator);
          }
        }
      } catch (NoSuchFileException e) {
        throw new IOException(location() + " holds no file or directory '" + start + "'", e);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    return DONE;
  }

  private void print(ListedItem item, JsonGenerator generator) throws IOException {
    if (generator != null) {
      ItemText.writeJson(generator, item);
      generator.flush();
      out().print("\n");
      return;
    }
    if (longForm) {
      out().print(ItemText.longForm(item));
    }
    if (nulSeparated) {
      out().print(recursive ? item.path().toString() : item.path().name());
    } else if (recursive) {
      out().name(item.path());
    } else {
      out().name(item.path().name());
    }
    if (item.isDirectory()) {
      out().print("/");
    }
    out().write(nulSeparated ? 0 : '\n');
  }
}
