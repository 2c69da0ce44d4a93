package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Looks at what stands at a location without reading any file. */
final class LocationInspection {
  private static final Set<String> OURS =
      Set.of(DatasetLayout.METADATA, DatasetLayout.CONTAINERS, DatasetLayout.CATALOG);
  private static final Set<String> IN_CATALOG = Set.of("files", "containers", "dead");
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{32}\\.pleat");

  private LocationInspection() {}

  static LocationState inspect(Store store) throws IOException {
    Children top = new Children(OURS::contains);
    if (!top.list(store, LogicalPath.ROOT)) {
      return LocationState.OTHER;
    }
    if (top.count == 0) {
      return LocationState.NOTHING;
    }
    Children snapshots = new Children(name -> DatasetLayout.versionOf(name).isPresent()) {
      @Override
      public boolean wants(String name) {
        return fitting == 0; // one is enough
      }
    };
    snapshots.list(store, LogicalPath.of(DatasetLayout.SNAPSHOT_DIRECTORY));
    if (snapshots.fitting > 0) {
      return LocationState.DATASET;
    }
    if (top.fitting < top.count) {
      return LocationState.OTHER;
    }
    // Nobody else has such a directory. An object store forgets it when its last file goes: then
    // all names must be ours.
    if (top.sawMetadata) {
      return LocationState.UNFINISHED;
    }
    return allFit(
                store, DatasetLayout.CONTAINERS, name -> CONTAINER.matcher(name).matches())
            && allFit(store, DatasetLayout.CATALOG, IN_CATALOG::contains)
        ? LocationState.UNFINISHED
        : LocationState.OTHER;
  }

  private static boolean allFit(Store store, String directory, Predicate<String> fits)
      throws IOException {
    Children children = new Children(fits);
    return children.list(store, LogicalPath.of(directory)) && children.fitting == children.count;
  }

  private static class Children implements ListingVisitor {
    private final Predicate<String> fits;
    private long count;
    long fitting;
    private boolean sawMetadata;

    Children(Predicate<String> fits) {
      this.fits = fits;
    }

    /** Lists a directory, none being an empty one; false if something else stands there. */
    boolean list(Store store, LogicalPath directory) throws IOException {
      try {
        store.list(directory, this);
        return true;
      } catch (NoSuchFileException e) {
        return true;
      } catch (NotDirectoryException e) {
        return false;
      }
    }

    @Override
    public void visit(FileInfo file) {
      String name = file.path().name();
      count++;
      if (fits.test(name)) {
        fitting++;
      }
      sawMetadata |= name.equals(DatasetLayout.METADATA) && file.kind() == FileInfo.Kind.DIRECTORY;
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {
      count++;
    }
  }
}
