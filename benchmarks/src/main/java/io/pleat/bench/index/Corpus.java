package io.pleat.bench.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Makes real-looking paths with attributes, in key order, from a seed and in constant memory. */
interface Corpus {
  /** How a file's mtime comes about. */
  enum Mtimes {
    /** One a directory, in whole seconds, as an extracted archive has. */
    DIRECTORY,
    /** One a file, with nanoseconds, as files written one by one have. */
    RANDOM
  }

  /** Passes the first {@code entries} files to {@code sink}; their offsets are not set. */
  void generate(long entries, ItemSink sink) throws IOException;

  /** @param tree the kernel's tree, or a list of its paths; only the kernel corpus needs it */
  static Corpus named(String name, Path tree, Mtimes mtimes, long seed) throws IOException {
    Draws draws = new Draws(new SplittableRandom(seed), mtimes);
    return switch (name) {
      case "kernel" -> new KernelCorpus(KernelTree.read(tree), draws, seed);
      case "images-1k" -> new ImageCorpus(1_000, draws, seed);
      case "images-100k" -> new ImageCorpus(100_000, draws, seed);
      case "hex" -> new HexCorpus(draws, seed);
      default -> throw new IllegalArgumentException("no such corpus: " + name);
    };
  }

  /** Draws what is random about a file. */
  final class Draws {
    private static final long FIRST_MTIME = 1_500_000_000;
    private static final int MTIME_RANGE = 100_000_000;
    private static final double SIGMA = 1;

    private final SplittableRandom random;
    private final Mtimes mtimes;
    private long directoryMtime;

    Draws(SplittableRandom random, Mtimes mtimes) {
      this.random = random;
      this.mtimes = mtimes;
    }

    void enterDirectory() {
      directoryMtime = FIRST_MTIME + random.nextInt(MTIME_RANGE);
    }

    void complete(Item item, int size) {
      item.size = size;
      item.crc = random.nextInt();
      boolean one = mtimes == Mtimes.DIRECTORY;
      item.mtimeSeconds = one ? directoryMtime : FIRST_MTIME + random.nextInt(MTIME_RANGE);
      item.mtimeNanos = one ? 0 : random.nextInt(1_000_000_000);
    }

    /** A size of that mean, log-normal. */
    int size(int mean) {
      double drawn = Math.exp(Math.log(mean) - SIGMA * SIGMA / 2 + SIGMA * random.nextGaussian());
      return (int) Math.min(drawn, 1 << 22);
    }

    int pick(int[] values) {
      return values[random.nextInt(values.length)];
    }
  }
}
