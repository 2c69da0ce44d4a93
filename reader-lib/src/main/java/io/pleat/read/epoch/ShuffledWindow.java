package io.pleat.read.epoch;

import java.util.Arrays;
import java.util.List;

/** Some chunks whose files are read in one shuffled order. Immutable. */
final class ShuffledWindow {
  private final long start;
  private final List<EpochOrder.Piece> pieces;
  private final int[] firstOfPiece;
  private final int[] order;

  /** @param start place of its first file in the rank's order */
  ShuffledWindow(long start, List<EpochOrder.Piece> pieces, SplitMix random) {
    this.start = start;
    this.pieces = List.copyOf(pieces);
    this.firstOfPiece = new int[pieces.size() + 1];
    for (int i = 0; i < pieces.size(); i++) {
      firstOfPiece[i + 1] = Math.addExact(firstOfPiece[i], pieces.get(i).files());
    }
    this.order = new int[firstOfPiece[pieces.size()]];
    Arrays.setAll(order, i -> i);
    random.shuffle(order);
  }

  long start() {
    return start;
  }

  int size() {
    return order.length;
  }

  List<EpochOrder.Piece> pieces() {
    return pieces;
  }

  /** Which piece the file at a place of the shuffled order is of. */
  int pieceAt(int place) {
    int found = Arrays.binarySearch(firstOfPiece, order[place]);
    int piece = found >= 0 ? found : -found - 2;
    while (firstOfPiece[piece + 1] == order[place]) {
      piece++;
    }
    return piece;
  }

  /** Which file of its piece that is. */
  int fileAt(int place) {
    return order[place] - firstOfPiece[pieceAt(place)];
  }
}
