package io.pleat.maintain;

import io.pleat.format.ContainerId;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/**
 * Where rows of rewritten containers went: for deletes and reclaims that were committed meanwhile, and count the old rows. Compact: two bits a
 * row where rows of several containers alternate, next to nothing where they stay together.
 */
final class RowMoves implements Serializable {
  private static final long serialVersionUID = 1;

  /*
   * The rows that moved are numbered in the order in which they were written, files and directories apart: a row's place. Both its old
   * numbers in one container and its places ascend, so the k-th bit of one set belongs to the k-th of the other.
   */
  private final Map<ContainerId, Origin> origins = new LinkedHashMap<>();
  private final List<Target> targets = new ArrayList<>();
  private int files;
  private int directories;

  private static final class Origin implements Serializable {
    private static final long serialVersionUID = 1;

    private final RoaringBitmap files = new RoaringBitmap();
    private final RoaringBitmap filePlaces = new RoaringBitmap();
    private final RoaringBitmap directories = new RoaringBitmap();
    private final RoaringBitmap directoryPlaces = new RoaringBitmap();
  }

  private static final class Target implements Serializable {
    private static final long serialVersionUID = 1;

    private final ContainerId container;
    private final int firstFile;
    private final int firstDirectory;
    private final RoaringBitmap directoryIndexes = new RoaringBitmap();
    private int entries;

    Target(ContainerId container, int firstFile, int firstDirectory) {
      this.container = container;
      this.firstFile = firstFile;
      this.firstDirectory = firstDirectory;
    }
  }

  /** From now on rows go to this container. */
  void startTarget(ContainerId container) {
    targets.add(new Target(container, files, directories));
  }

  /** A file's row went to the target, at the next ordinal. */
  void moveFile(ContainerId from, int row) {
    Origin origin = origins.computeIfAbsent(from, id -> new Origin());
    origin.files.add(row);
    origin.filePlaces.add(files++);
    target().entries++;
  }

  /**
   * A directory's row went to the target.
   *
   * @param index its index in the directory table there
   */
  void moveDirectory(ContainerId from, int row, int index) {
    Origin origin = origins.computeIfAbsent(from, id -> new Origin());
    origin.directories.add(row);
    origin.directoryPlaces.add(directories++);
    target().directoryIndexes.add(index);
  }

  private Target target() {
    return targets.get(targets.size() - 1);
  }

  /** Rows that moved, files and directories. */
  int size() {
    return files + directories;
  }

  /** The rows of a container that moved. */
  RoaringBitmap movedFrom(ContainerId container) {
    Origin origin = origins.get(container);
    return origin == null
        ? new RoaringBitmap()
        : RoaringBitmap.or(origin.files, origin.directories);
  }

  /** The new rows, by new container, of those of {@code rows} of an old container that moved. */
  Map<ContainerId, RoaringBitmap> translate(ContainerId from, RoaringBitmap rows) {
    Map<ContainerId, RoaringBitmap> translated = new HashMap<>();
    Origin origin = origins.get(from);
    if (origin == null) {
      return translated;
    }
    RoaringBitmap.and(origin.files, rows).forEach((int row) -> {
      int place = origin.filePlaces.select(origin.files.rank(row) - 1);
      Target target = targetOfFile(place);
      add(translated, target, place - target.firstFile);
    });
    RoaringBitmap.and(origin.directories, rows).forEach((int row) -> {
      int place = origin.directoryPlaces.select(origin.directories.rank(row) - 1);
      Target target = targetOfDirectory(place);
      int index = target.directoryIndexes.select(place - target.firstDirectory);
      add(translated, target, target.entries + index);
    });
    return translated;
  }

  private static void add(Map<ContainerId, RoaringBitmap> to, Target target, int row) {
    to.computeIfAbsent(target.container, id -> new RoaringBitmap()).add(row);
  }

  private Target targetOfFile(int place) {
    int i = targets.size() - 1;
    while (targets.get(i).firstFile > place) {
      i--;
    }
    return targets.get(i);
  }

  private Target targetOfDirectory(int place) {
    int i = targets.size() - 1;
    while (targets.get(i).firstDirectory > place) {
      i--;
    }
    return targets.get(i);
  }

  /** Makes it small, before it travels. */
  void seal() {
    for (Origin origin : origins.values()) {
      origin.files.runOptimize();
      origin.filePlaces.runOptimize();
      origin.directories.runOptimize();
      origin.directoryPlaces.runOptimize();
    }
    targets.forEach(target -> target.directoryIndexes.runOptimize());
  }
}
