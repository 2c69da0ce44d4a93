package io.pleat.read.epoch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The order of one rank's files in one epoch. What it is, is a promise: docs/training.md, "The order", says it in words, and a golden test
 * holds it. Immutable.
 */
final class EpochOrder {
  private final EpochOptions options;
  private final Chunks chunks;
  private final long size;
  private final List<WindowSpan> windows = new ArrayList<>();

  /** A part of a chunk that this rank reads: {@code files} of its files, behind {@code skip} others. */
  record Piece(Chunks.Chunk chunk, int skip, int files) {}

  /** Where a window starts in the rank's order, and its pieces. */
  private record WindowSpan(long start, int[] pieces, int skip, int last) {}

  /** @param windowBytes most bytes of a window's chunks, unless a single one has more */
  EpochOrder(Chunks chunks, EpochOptions options, long windowBytes) {
    this.chunks = chunks;
    this.options = options;
    int[] order = new int[chunks.count()];
    Arrays.setAll(order, i -> i);
    new SplitMix(options.seed(), options.epoch(), 0).shuffle(order);
    long files = chunks.files();
    int world = options.worldSize();
    long from;
    switch (options.uneven()) {
      case KEEP -> {
        from = share(files, options.rank(), world);
        size = share(files, options.rank() + 1, world) - from;
      }
      case DROP -> {
        size = files / world;
        from = size * options.rank();
      }
      case PAD -> {
        size = (files + world - 1) / world;
        from = size * options.rank();
      }
      default -> throw new AssertionError(options.uneven());
    }
    cutWindows(order, files == 0 ? 0 : from % files, windowBytes);
  }

  /** {@code files * rank / world}, without overflow. */
  private static long share(long files, long rank, int world) {
    return files / world * rank + files % world * rank / world;
  }

  /** Walks the shuffled chunks from file {@code from} on, round and round, and closes a window where the next chunk would be too much. */
  private void cutWindows(int[] order, long from, long windowBytes) {
    int at = 0;
    long passed = 0;
    while (size > 0 && passed + chunks.files(order[at]) <= from) {
      passed += chunks.files(order[at++]);
    }
    int skip = (int) (from - passed);
    int skipOfWindow = skip;
    long start = 0;
    long done = 0;
    long bytes = 0;
    int[] members = new int[16];
    int count = 0;
    while (done < size) {
      Chunks.Chunk chunk = chunks.get(order[at]);
      if (count > 0 && chunk.bytes() > windowBytes - bytes) {
        windows.add(
            new WindowSpan(start, Arrays.copyOf(members, count), skipOfWindow, Integer.MAX_VALUE));
        start = done;
        bytes = 0;
        count = 0;
        skipOfWindow = 0;
      }
      if (count == members.length) {
        members = Arrays.copyOf(members, 2 * count);
      }
      members[count++] = order[at];
      bytes += chunk.bytes();
      int taken = (int) Math.min(chunk.files() - skip, size - done);
      done += taken;
      skip = 0;
      at = at + 1 == order.length ? 0 : at + 1;
      if (done == size) {
        windows.add(new WindowSpan(start, Arrays.copyOf(members, count), skipOfWindow, taken));
      }
    }
  }

  /** How many files this rank reads. */
  long size() {
    return size;
  }

  int windowCount() {
    return windows.size();
  }

  /** The window that holds a position below {@link #size()}. */
  int windowAt(long position) {
    int low = 0;
    int high = windows.size() - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (windows.get(middle).start() <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** A window with the order of its files. */
  ShuffledWindow window(int number) {
    WindowSpan span = windows.get(number);
    List<Piece> pieces = new ArrayList<>(span.pieces().length);
    int last = span.pieces().length - 1;
    for (int i = 0; i <= last; i++) {
      Chunks.Chunk chunk = chunks.get(span.pieces()[i]);
      int skip = i == 0 ? span.skip() : 0;
      int files = Math.min(chunk.files() - skip, i == last ? span.last() : Integer.MAX_VALUE);
      pieces.add(new Piece(chunk, skip, files));
    }
    return new ShuffledWindow(
        span.start(),
        pieces,
        new SplitMix(options.seed(), options.epoch(), 1 + (long) options.rank(), number));
  }
}
