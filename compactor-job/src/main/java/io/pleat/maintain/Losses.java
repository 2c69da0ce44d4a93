package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.ContainerId;
import java.util.HashMap;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** Which live entries damage costs: a bitmap a container, so that memory is bounded however many there are. Thread-safe. */
final class Losses {
  private final Map<ContainerId, RoaringBitmap> entries = new HashMap<>();

  /** Notes one entry; one that is dead is no loss. */
  synchronized void entry(ContainerId container, int ordinal, DeletionVector dead) {
    if (!dead.contains(ordinal)) {
      entries.computeIfAbsent(container, id -> new RoaringBitmap()).add(ordinal);
    }
  }

  /** Notes every live entry of a container. */
  synchronized void whole(ContainerSummary container, DeletionVector dead) {
    entries.put(container.id(), live(container.entries(), dead));
  }

  /** The live ones of so many entries. */
  static RoaringBitmap live(int entries, DeletionVector dead) {
    RoaringBitmap live = new RoaringBitmap();
    live.add(0L, entries);
    live.andNot(dead.toBitmap());
    return live;
  }

  /** What is lost of a container; empty if nothing is. */
  synchronized RoaringBitmap of(ContainerId container) {
    return entries.getOrDefault(container, new RoaringBitmap()).clone();
  }
}
