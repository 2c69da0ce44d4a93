package io.pleat.fold;

import io.pleat.fold.StagedGroup.DeadTotals;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** Collects the rows of base containers that a group replaces. Not thread-safe. */
final class DeadMarks {
  private final Map<Integer, RoaringBitmap> dead = new HashMap<>();
  private final Map<Integer, RoaringBitmap> uncounted = new HashMap<>();
  private DeadTotals counted = DeadTotals.ZERO;

  void add(List<DeadRows> rows) {
    for (DeadRows range : rows) {
      dead.computeIfAbsent(range.container(), c -> new RoaringBitmap())
          .add(range.from(), (long) range.to());
      switch (range.kind()) {
        case FOLDED ->
          counted = counted.plus(new DeadTotals(1, 0, range.length(), range.storedLength(), 0, 0));
        case PASS_THROUGH -> counted = counted.plus(new DeadTotals(0, 1, 0, 0, range.length(), 0));
        case DIRECTORY -> counted = counted.plus(new DeadTotals(0, 0, 0, 0, 0, 1));
        case TOMBSTONE -> {}
        case UNCOUNTED ->
          uncounted
              .computeIfAbsent(range.container(), c -> new RoaringBitmap())
              .add(range.from(), (long) range.to());
      }
    }
  }

  Map<Integer, byte[]> dead() {
    return serialize(dead);
  }

  Map<Integer, byte[]> uncounted() {
    return serialize(uncounted);
  }

  DeadTotals counted() {
    return counted;
  }

  private static Map<Integer, byte[]> serialize(Map<Integer, RoaringBitmap> bitmaps) {
    Map<Integer, byte[]> serialized = new HashMap<>();
    bitmaps.forEach((container, bitmap) -> {
      bitmap.runOptimize();
      ByteBuffer bytes = ByteBuffer.allocate(bitmap.serializedSizeInBytes());
      bitmap.serialize(bytes);
      serialized.put(container, bytes.array());
    });
    return serialized;
  }
}
