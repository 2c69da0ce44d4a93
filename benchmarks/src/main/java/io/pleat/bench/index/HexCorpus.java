package io.pleat.bench.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Names of 32 hexadecimal digits, as content hashes are, below two levels of directories: {@code 3f/a0/3fa0...}. */
record HexCorpus(Corpus.Draws draws, long seed) implements Corpus {
  private static final int DIRECTORIES = 1 << 16;
  private static final int MEAN_SIZE = 100_000;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  @Override
  public void generate(long entries, ItemSink sink) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Item item = new Item();
    int directories = (int) Math.min(DIRECTORIES, Math.max(1, entries / 4));
    for (int i = 0; i < directories; i++) {
      int directory = (int) ((long) i * DIRECTORIES / directories);
      int count = (int) (entries * (i + 1) / directories - entries * i / directories);
      long[] rest = new long[count];
      Arrays.setAll(rest, at -> random.nextLong() >>> 1);
      Arrays.sort(rest);
      draws.enterDirectory();
      for (long high : rest) {
        item.length = 0;
        hex(item, directory >>> 8, 2);
        item.path[item.length++] = '/';
        hex(item, directory & 0xFF, 2);
        item.path[item.length++] = '/';
        hex(item, directory, 4);
        hex(item, high, 16);
        hex(item, random.nextLong(), 12);
        draws.complete(item, draws.size(MEAN_SIZE));
        sink.accept(item);
      }
    }
  }

  private static void hex(Item item, long value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      item.path[item.length++] = DIGITS[(int) (value >>> shift) & 0xF];
    }
  }
}
