package io.pleat.read.epoch;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.LogicalPath;
import io.pleat.read.ContainerFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How well an epoch mixes: of how many directories the files of a batch are, beside what a uniform shuffle of the same files would have.
 *
 * @param batches how many whole batches were looked at
 * @param distinct distinct directories in one of them, in the mean
 * @param uniform the same of a uniform shuffle, by its expectation
 */
public record Mixture(long batches, double distinct, double uniform) {
  /** The first of both: 1 is as good as uniform. */
  public double ratio() {
    return uniform == 0 ? 1 : distinct / uniform;
  }

  /**
   * Measures the order of one rank; reads no file, only the index. Holds a number for each directory, and the windows one after the other.
   *
   * @param batch files in a batch
   * @param mostBatches how many batches to look at, from the start
   */
  public static Mixture of(
      ContainerFiles dataset, EpochOptions options, int batch, long mostBatches)
      throws IOException {
    checkArgument(batch >= 1, "batch of %s files", batch);
    Chunks chunks = Chunks.cut(dataset, options);
    EpochOrder order = new EpochOrder(chunks, options, options.windowBytes());
    Map<LogicalPath, Integer> numbers = new HashMap<>();
    List<Integer> sizes = new ArrayList<>();
    for (int container = 0; container < dataset.containers().size(); container++) {
      if (dataset.mayHold(container, options.choice())
          && !chunks.lost().contains(dataset.containers().get(container).id())) {
        int entries = dataset.containers().get(container).entries();
        dataset.visit(container, 0, entries, options.choice(), row -> {
          int number = numbers.computeIfAbsent(row.path().parent(), directory -> numbers.size());
          if (number == sizes.size()) {
            sizes.add(0);
          }
          sizes.set(number, sizes.get(number) + 1);
        });
      }
    }
    long batches = 0;
    long distinct = 0;
    int inBatch = 0;
    Set<Integer> met = new HashSet<>();
    for (int w = 0; w < order.windowCount() && batches < mostBatches; w++) {
      ShuffledWindow window = order.window(w);
      List<int[]> pieces = new ArrayList<>();
      for (EpochOrder.Piece piece : window.pieces()) {
        pieces.add(directories(dataset, options, piece, numbers));
      }
      for (int place = 0; place < window.size() && batches < mostBatches; place++) {
        met.add(pieces.get(window.pieceAt(place))[window.fileAt(place)]);
        if (++inBatch == batch) {
          batches++;
          distinct += met.size();
          met.clear();
          inBatch = 0;
        }
      }
    }
    return new Mixture(
        batches,
        batches == 0 ? 0 : (double) distinct / batches,
        batches == 0 ? 0 : uniform(sizes, chunks.files(), batch));
  }

  private static int[] directories(
      ContainerFiles dataset,
      EpochOptions options,
      EpochOrder.Piece piece,
      Map<LogicalPath, Integer> numbers)
      throws IOException {
    int[] found = new int[piece.files()];
    int[] passed = {-piece.skip()};
    dataset.visit(
        piece.chunk().container(),
        piece.chunk().first(),
        piece.chunk().end(),
        options.choice(),
        row -> {
          int at = passed[0]++;
          if (at >= 0 && at < found.length) {
            found[at] = numbers.get(row.path().parent());
          }
        });
    return found;
  }

  /** Of a directory with n of N files, none is in a batch of b with probability (N-n choose b) / (N choose b). */
  static double uniform(List<Integer> sizes, long files, int batch) {
    Map<Integer, Integer> counts = new HashMap<>();
    sizes.forEach(size -> counts.merge(size, 1, Integer::sum));
    double expected = 0;
    for (Map.Entry<Integer, Integer> each : counts.entrySet()) {
      double absent = 1;
      for (int i = 0; i < batch && absent > 0; i++) {
        absent *= Math.max(0, (double) (files - each.getKey() - i) / (files - i));
      }
      expected += each.getValue() * (1 - absent);
    }
    return expected;
  }
}
