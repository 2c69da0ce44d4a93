package io.pleat.read.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Makes room in a folder of chunks: those go first whose last use is longest ago. One process at a time does. */
final class CacheEviction {
  /*
   * Two walks over the files. The first keeps eight bytes for each, its time and size, and says which time is old enough; the second
   * deletes. So a million chunks cost eight megabytes. Totals are counted on the way; what others add meanwhile is added.
   */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  /** Part of the limit that is free afterwards, so that not every chunk evicts. */
  static final double FREE = 0.1;

  private static final long ABANDONED_MILLIS = TimeUnit.MINUTES.toMillis(10);
  private static final int SIZE_BITS = 12;
  private static final int SIZE_UNIT = 512;

  private final CacheStatistics statistics;

  // Of one run.
  private long[] found = new long[1024];
  private int count;
  private long bytes;
  private final Map<Path, Long> before = new HashMap<>();
  private final Map<Path, Long> left = new HashMap<>();
  private long deleted;

  private CacheEviction(CacheStatistics statistics) {
    this.statistics = statistics;
  }

  /**
   * Deletes chunks of one dataset until there is room for it to grow, and counts anew what it has.
   *
   * @return false if somebody else makes room just now, and that is not waited for
   */
  static boolean ofDataset(
      Path folder, Path dataset, long limit, CacheStatistics statistics, Meanwhile meanwhile)
      throws IOException {
    return alone(folder, meanwhile, () -> {
      CacheEviction eviction = new CacheEviction(statistics);
      eviction.note(dataset);
      eviction.deleteDownTo(target(limit));
      long change = eviction.settle(dataset);
      CacheFolder.account(folder)
          .update(total -> total == CacheAccount.UNKNOWN ? total : Math.max(0, total + change));
    });
  }

  /** The same of all datasets. */
  static boolean ofAll(Path folder, long limit, CacheStatistics statistics, Meanwhile meanwhile)
      throws IOException {
    return alone(folder, meanwhile, () -> {
      CacheAccount account = CacheFolder.account(folder);
      long atFirst = account.total();
      CacheEviction eviction = new CacheEviction(statistics);
      CacheFolder.visitDatasets(folder, eviction::note);
      eviction.deleteDownTo(target(limit));
      long sum = 0;
      for (Path dataset : eviction.before.keySet()) {
        eviction.settle(dataset);
        sum += eviction.left.get(dataset);
      }
      long counted = sum;
      account.update(total -> counted + grown(atFirst, total));
    });
  }

  private static long target(long limit) {
    return limit - (long) (limit * FREE);
  }

  private static long grown(long atFirst, long now) {
    return atFirst == CacheAccount.UNKNOWN || now == CacheAccount.UNKNOWN
        ? 0
        : Math.max(0, now - atFirst);
  }

  private interface Work {
    void run() throws IOException;
  }

  /** What to do while somebody else makes room. */
  enum Meanwhile {
    GIVE_UP,
    /** Until there may be some. */
    WAIT
  }

  private static boolean alone(Path folder, Meanwhile meanwhile, Work work) throws IOException {
    if (!IN_THIS_PROCESS.tryLock()) {
      if (meanwhile == Meanwhile.GIVE_UP) {
        return false;
      }
      IN_THIS_PROCESS.lock();
      IN_THIS_PROCESS.unlock();
      return true;
    }
    try (FileChannel channel = FileChannel.open(
            folder.resolve("evict.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        work.run();
        return true;
      }
      if (meanwhile == Meanwhile.GIVE_UP) {
        return false;
      }
      channel.lock().release();
      return true;
    } catch (OverlappingFileLockException e) {
      return false; // somebody in this process who does not share this class
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /** First walk. */
  private void note(Path dataset) throws IOException {
    before.put(dataset, CacheFolder.account(dataset).total());
    left.put(dataset, 0L);
    CacheFolder.visitChunks(dataset, (file, attributes, isChunk) -> {
      if (!isChunk && isAbandoned(attributes)) {
        Files.deleteIfExists(file);
        return;
      }
      long size = attributes.size();
      bytes += size;
      left.merge(dataset, size, Long::sum);
      if (isChunk) {
        if (count == found.length) {
          found = Arrays.copyOf(found, 2 * count);
        }
        found[count++] = time(attributes) << SIZE_BITS
            | Math.min((1L << SIZE_BITS) - 1, (size + SIZE_UNIT - 1) / SIZE_UNIT);
      }
    });
  }

  private static long time(BasicFileAttributes attributes) {
    return Math.max(0, attributes.lastModifiedTime().toMillis());
  }

  private static boolean isAbandoned(BasicFileAttributes attributes) {
    return System.currentTimeMillis() - time(attributes) > ABANDONED_MILLIS;
  }

  /** Second walk. */
  private void deleteDownTo(long target) throws IOException {
    if (bytes <= target) {
      return;
    }
    Arrays.sort(found, 0, count);
    long freed = 0;
    int last = -1;
    while (last + 1 < count && bytes - freed > target) {
      last++;
      freed += (found[last] & (1L << SIZE_BITS) - 1) * SIZE_UNIT;
    }
    if (last < 0) {
      return;
    }
    long cutoff = found[last] >>> SIZE_BITS;
    long tooMuch = bytes - target;
    for (Path dataset : before.keySet()) {
      CacheFolder.visitChunks(dataset, (file, attributes, isChunk) -> {
        if (isChunk && deleted < tooMuch && time(attributes) <= cutoff) {
          if (Files.deleteIfExists(file)) {
            statistics.evictedChunks.increment();
          }
          deleted += attributes.size();
          left.merge(dataset, -attributes.size(), Long::sum);
          removeIfEmpty(file.getParent());
        }
      });
    }
  }

  static void removeIfEmpty(Path container) throws IOException {
    try {
      Files.delete(container);
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      return; // there is more in it, or it is gone
    }
  }

  /** Writes down what a dataset has; gives by how much that changes what was written. */
  private long settle(Path dataset) throws IOException {
    long atFirst = before.get(dataset);
    long[] seen = {0};
    long now = CacheFolder.account(dataset).update(total -> {
      seen[0] = Math.max(0, total);
      return left.get(dataset) + grown(atFirst, total);
    });
    return now - seen[0];
  }
}
