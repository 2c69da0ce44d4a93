package io.pleat.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * How quickly a JVM gets at the bytes of files whose pages are warm, and at their CRC32C: what bounds a verification. Arguments: {@code ROUNDS FILE...}. One thread
 * and two, taking stretches of 16 MiB in turn; prints MB/s of the first round, when nothing is compiled yet, and the median of all.
 */
public final class ChecksumLimit {
  private static final long STRETCH = 16 << 20;

  private final List<Path> files;
  private final long bytes;

  private ChecksumLimit(List<Path> files) throws IOException {
    this.files = files;
    long sum = 0;
    for (Path file : files) {
      sum += file.toFile().length();
    }
    this.bytes = sum;
  }

  private record Stretch(FileChannel file, long at, long length) {}

  private interface Way {
    void take(Stretch stretch) throws IOException;
  }

  /** Measures each way in turn. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    List<Path> files = new ArrayList<>();
    for (String file : Arrays.asList(args).subList(1, args.length)) {
      files.add(Path.of(file));
    }
    ChecksumLimit limit = new ChecksumLimit(files);
    for (int kib : new int[] {128, 256, 1024, 4096}) {
      limit.measure("read() of " + kib + " KiB", rounds, () -> reading(kib << 10, false));
      limit.measure("read() of " + kib + " KiB, CRC32C", rounds, () -> reading(kib << 10, true));
    }
    limit.measure("mmap, CRC32C", rounds, () -> ChecksumLimit::map);
    limit.measure("CRC32C of 256 KiB, again and again", rounds, ChecksumLimit::again);
  }

  private interface Maker {
    Way make();
  }

  private static Way reading(int length, boolean sums) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(length);
    CRC32C crc = new CRC32C();
    return stretch -> {
      long end = stretch.at() + stretch.length();
      for (long at = stretch.at(); at < end; at += buffer.limit()) {
        buffer.clear().limit((int) Math.min(length, end - at));
        while (buffer.hasRemaining()) {
          if (stretch.file().read(buffer, at + buffer.position()) < 0) {
            throw new IOException("a file became shorter");
          }
        }
        if (sums) {
          crc.update(buffer.flip());
        }
      }
    };
  }

  private static void map(Stretch stretch) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(stretch.file().map(FileChannel.MapMode.READ_ONLY, stretch.at(), stretch.length()));
  }

  private static Way again() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    CRC32C crc = new CRC32C();
    return stretch -> {
      for (long rest = stretch.length(); rest > 0; rest -= buffer.capacity()) {
        crc.update(buffer.clear());
      }
    };
  }

  private void measure(String what, int rounds, Maker maker) throws Exception {
    for (int threads = 1; threads <= 2; threads++) {
      double[] rates = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        long start = System.nanoTime();
        run(threads, maker);
        rates[round] = bytes * 1e3 / (System.nanoTime() - start);
      }
      double first = rates[0];
      Arrays.sort(rates);
      System.out.printf(
          "  %-36s %d thread%s %,8.0f MB/s (first %,.0f)%n",
          what, threads, threads == 1 ? ", " : "s,", rates[rounds / 2], first);
    }
  }

  private void run(int threads, Maker maker) throws Exception {
    List<FileChannel> open = new ArrayList<>();
    try {
      List<Stretch> stretches = new ArrayList<>();
      for (Path file : files) {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        open.add(channel);
        for (long at = 0; at < channel.size(); at += STRETCH) {
          stretches.add(new Stretch(channel, at, Math.min(STRETCH, channel.size() - at)));
        }
      }
      AtomicInteger next = new AtomicInteger();
      List<Thread> all = new ArrayList<>();
      Throwable[] failed = {null};
      for (int i = 0; i < threads; i++) {
        Way way = maker.make();
        Thread thread = new Thread(() -> {
          try {
            for (int at = next.getAndIncrement();
                at < stretches.size();
                at = next.getAndIncrement()) {
              way.take(stretches.get(at));
            }
          } catch (IOException | RuntimeException e) {
            failed[0] = e;
          }
        });
        all.add(thread);
        thread.start();
      }
      for (Thread thread : all) {
        thread.join();
      }
      if (failed[0] != null) {
        throw new IOException(failed[0]);
      }
    } finally {
      for (FileChannel channel : open) {
        channel.close();
      }
    }
  }
}
