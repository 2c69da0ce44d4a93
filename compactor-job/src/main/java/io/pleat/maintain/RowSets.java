package io.pleat.maintain;

import io.pleat.format.ContainerId;
import java.util.HashMap;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** Rows of containers, by container. Not thread-safe. */
final class RowSets {
  private final Map<ContainerId, RoaringBitmap> rows = new HashMap<>();

  /** Adds rows of a container. */
  void add(ContainerId container, RoaringBitmap more) {
    rows.computeIfAbsent(container, id -> new RoaringBitmap()).or(more);
  }

  /** Those of a container, not to be changed; none if nothing was added. */
  RoaringBitmap of(ContainerId container) {
    RoaringBitmap known = rows.get(container);
    return known == null ? new RoaringBitmap() : known;
  }

  /** Forgets those of a container. */
  void remove(ContainerId container) {
    rows.remove(container);
  }

  /** All of them, as they are kept here. */
  Map<ContainerId, RoaringBitmap> byContainer() {
    return rows;
  }
}
