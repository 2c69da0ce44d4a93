package io.pleat.bench.index;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Paths to ask for, in random order, one after the other in a flat array. The absent ones are present ones with one byte changed to a
 * {@code ~}, which no corpus has.
 */
final class Queries {
  /** Which paths. */
  enum Kind {
    PRESENT,
    ABSENT_NAME,
    ABSENT_DIRECTORY
  }

  private static final byte FOREIGN = '~';

  private final byte[] paths;
  private final int[] starts;

  /** Of the present ones. */
  final int[] ordinals;

  private Queries(byte[] paths, int[] starts, int[] ordinals) {
    this.paths = paths;
    this.starts = starts;
    this.ordinals = ordinals;
  }

  int count() {
    return ordinals.length;
  }

  byte[] path(int query) {
    return Arrays.copyOfRange(paths, starts[query], starts[query + 1]);
  }

  /** Draws {@code count} of a corpus's paths, without repetition, and writes them in random order. */
  static void write(Path file, Path corpus, int count, long seed) throws IOException {
    long entries = CorpusFile.entries(corpus);
    int wanted = (int) Math.min(count, entries);
    SplittableRandom random = new SplittableRandom(seed);
    byte[][] drawn = new byte[wanted][];
    int[] ordinals = new int[wanted];
    long[] state = {0, 0};
    CorpusFile.read(corpus, item -> {
      // Of those left, each is equally likely to be among those still wanted.
      if (random.nextLong(entries - state[0]) < wanted - state[1]) {
        ordinals[(int) state[1]] = (int) state[0];
        drawn[(int) state[1]++] = item.pathBytes();
      }
      state[0]++;
    });
    for (int i = wanted - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      byte[] path = drawn[i];
      drawn[i] = drawn[other];
      drawn[other] = path;
      int ordinal = ordinals[i];
      ordinals[i] = ordinals[other];
      ordinals[other] = ordinal;
    }
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 18))) {
      out.writeInt(wanted);
      for (int i = 0; i < wanted; i++) {
        out.writeInt(ordinals[i]);
        out.writeShort(drawn[i].length);
        out.write(drawn[i]);
      }
    }
  }

  /** Reads at most {@code count} of them. */
  static Queries read(Path file, Kind kind, int count) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 18))) {
      int wanted = Math.min(in.readInt(), count);
      SplittableRandom random = new SplittableRandom(wanted);
      byte[] paths = new byte[1 << 16];
      int[] starts = new int[wanted + 1];
      int[] ordinals = new int[wanted];
      for (int i = 0; i < wanted; i++) {
        ordinals[i] = in.readInt();
        int length = in.readUnsignedShort();
        int start = starts[i];
        if (start + length > paths.length) {
          paths = Arrays.copyOf(paths, Math.max(start + length, paths.length * 2));
        }
        in.readFully(paths, start, length);
        starts[i + 1] = start + length;
        spoil(paths, start, length, kind, random);
      }
      return new Queries(Arrays.copyOf(paths, starts[wanted]), starts, ordinals);
    }
  }

  private static void spoil(
      byte[] paths, int start, int length, Kind kind, SplittableRandom random) {
    int name = start + length;
    while (name > start && paths[name - 1] != '/') {
      name--;
    }
    boolean inDirectory = kind == Kind.ABSENT_DIRECTORY && name > start;
    if (kind != Kind.PRESENT) {
      int at;
      do {
        at = inDirectory ? random.nextInt(start, name - 1) : random.nextInt(name, start + length);
      } while (paths[at] == '/');
      paths[at] = FOREIGN;
    }
  }
}
