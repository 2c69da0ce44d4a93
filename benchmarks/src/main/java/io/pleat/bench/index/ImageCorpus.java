package io.pleat.bench.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Numbered images: {@code train/n01440764/n01440764_10026.JPEG}; numbers ascend with gaps and have no leading zeros. */
record ImageCorpus(int directories, Corpus.Draws draws, long seed) implements Corpus {
  private static final int MEAN_SIZE = 100_000;
  private static final int LARGEST_ID = 100_000_000;
  private static final byte[] SUFFIX = ".JPEG".getBytes(StandardCharsets.US_ASCII);

  @Override
  public void generate(long entries, ItemSink sink) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Item item = new Item();
    long done = 0;
    for (int directory = 0; directory < directories; directory++) {
      long id = ((long) directory * LARGEST_ID + random.nextInt(LARGEST_ID)) / directories;
      byte[] name = String.format("n%08d", id).getBytes(StandardCharsets.US_ASCII);
      byte[] start = ("train/" + new String(name, StandardCharsets.US_ASCII) + "/")
          .getBytes(StandardCharsets.US_ASCII);
      int count = (int) (entries * (directory + 1) / directories - done);
      draws.enterDirectory();
      for (long number : numbers(random, count)) {
        item.length = 0;
        item.append(start);
        item.append(name);
        item.path[item.length++] = '_';
        item.append(decimal(number));
        item.append(SUFFIX);
        draws.complete(item, draws.size(MEAN_SIZE));
        sink.accept(item);
      }
      done += count;
    }
  }

  /* Distinct numbers in the order of their decimal digits: each digit plus one in four bits, from the top, sorts so. */
  private static long[] numbers(SplittableRandom random, int count) {
    long[] digits = new long[count];
    long number = 0;
    for (int i = 0; i < count; i++) {
      number += 1 + random.nextInt(4);
      long packed = 0;
      int shift = 60;
      for (byte digit : Long.toString(number).getBytes(StandardCharsets.US_ASCII)) {
        packed |= (long) (digit - '0' + 1) << shift;
        shift -= 4;
      }
      digits[i] = packed ^ Long.MIN_VALUE;
    }
    Arrays.sort(digits);
    return digits;
  }

  private static byte[] decimal(long sorted) {
    long packed = sorted ^ Long.MIN_VALUE;
    byte[] text = new byte[16];
    int length = 0;
    while (packed != 0) {
      text[length++] = (byte) ((packed >>> 60) - 1 + '0');
      packed <<= 4;
    }
    return Arrays.copyOf(text, length);
  }
}
