package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.FoldValues;
import io.pleat.format.ContainerId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class TestRowMoves {
  private record Place(ContainerId container, int row) {}

  @Test
  void everyRowThatMovedIsFoundAndNoOther() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      RowMoves moves = new RowMoves();
      int containers = 1 + random.nextInt(4);
      int entries = 1000;
      int[] nextFile = new int[containers];
      int[] nextDirectory = new int[containers];
      Map<Place, Place> expected = new HashMap<>();
      Map<Place, Place> directories = new HashMap<>();
      int targets = 1 + random.nextInt(3);
      for (int target = 0; target < targets; target++) {
        ContainerId to = new ContainerId(9, target);
        moves.startTarget(to);
        int files = 0;
        int index = 0;
        Map<Place, Integer> here = new HashMap<>();
        int rows = 1 + random.nextInt(200);
        for (int i = 0; i < rows; i++) {
          int from = random.nextInt(containers);
          ContainerId id = new ContainerId(1, from);
          if (random.nextInt(5) > 0) {
            nextFile[from] += 1 + random.nextInt(2);
            moves.moveFile(id, nextFile[from]);
            expected.put(new Place(id, nextFile[from]), new Place(to, files++));
          } else {
            nextDirectory[from] += 1 + random.nextInt(3);
            index += 1 + random.nextInt(3);
            moves.moveDirectory(id, entries + nextDirectory[from], index);
            here.put(new Place(id, entries + nextDirectory[from]), index);
          }
        }
        int count = files;
        here.forEach((from, at) -> directories.put(from, new Place(to, count + at)));
      }
      expected.putAll(directories);
      moves.seal();
      RowMoves travelled = FoldValues.thaw(FoldValues.bytes(moves), RowMoves.class);
      assertThat(travelled.size()).isEqualTo(expected.size());
      for (int from = 0; from < containers; from++) {
        ContainerId id = new ContainerId(1, from);
        for (int row = 0; row < 2 * entries; row++) {
          Set<Place> found = new HashSet<>();
          travelled
              .translate(id, RoaringBitmap.bitmapOf(row))
              .forEach((to, bitmap) -> bitmap.forEach((int r) -> found.add(new Place(to, r))));
          Place place = expected.get(new Place(id, row));
          assertThat(found)
              .as("seed %s: row %s of %s", seed, row, id)
              .isEqualTo(place == null ? Set.of() : Set.of(place));
          assertThat(travelled.movedFrom(id).contains(row)).isEqualTo(place != null);
        }
      }
    }
  }

  @Test
  void containerThatGaveNothingHasNoRows() {
    RowMoves moves = new RowMoves();
    assertThat(moves.translate(new ContainerId(1, 1), RoaringBitmap.bitmapOf(1, 2)))
        .isEmpty();
    assertThat(moves.movedFrom(new ContainerId(1, 1)).isEmpty()).isTrue();
  }
}
