package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a dataset keeps its index packs. */
public final class IndexPackFiles {
  private static final Pattern NAME = Pattern.compile("(0[0-9]{19})-[0-9a-f-]{36}\\.pack");

  private IndexPackFiles() {}

  /**
   * An index pack.
   *
   * @param version of the snapshot that it was made for
   */
  public record PackFile(LogicalPath path, long version) {}

  /** A fresh name for the pack of a snapshot. */
  public static LogicalPath fresh(long version) {
    return LogicalPath.of(String.format(
        Locale.ROOT, "%s/%020d-%s.pack", DatasetLayout.PACK_DIRECTORY, version, UUID.randomUUID()));
  }

  /** All packs of the dataset rooted at {@code store}, the best for a snapshot first: the newest that is not newer, then the oldest that is. */
  public static List<PackFile> list(Store store, long version) throws IOException {
    List<PackFile> packs = new ArrayList<>();
    try {
      store.list(LogicalPath.of(DatasetLayout.PACK_DIRECTORY), new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          Matcher name = NAME.matcher(file.path().name());
          if (file.kind() == FileInfo.Kind.FILE && name.matches()) {
            packs.add(new PackFile(file.path(), Long.parseLong(name.group(1))));
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String name, String reason) {
          // Not one of ours.
        }
      });
    } catch (NoSuchFileException e) {
      return List.of();
    }
    packs.sort(Comparator.<PackFile, Boolean>comparing(pack -> pack.version > version)
        .thenComparing(pack -> pack.version > version ? pack.version : -pack.version)
        .thenComparing(PackFile::path));
    return packs;
  }
}
