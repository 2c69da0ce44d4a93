package io.pleat.fold;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A uniform sample of the keys of a run, whatever the partitions: one in 256 and, when that is too many, the keys with the smallest
 * hashes (a bottom-k sketch, Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007). Not thread-safe.
 */
final class KeySample implements Serializable {
  private static final long serialVersionUID = 1;

  /* One key in 256 is looked at: enough for partitions of 10^5 rows, and cheap. */
  private static final long RATE_MASK = 0xFF;

  /** A bound that lets every key in. */
  static final long NO_BOUND = Long.MAX_VALUE;

  private final int size;
  private final long given;
  private final PriorityQueue<Sampled> largestFirst = new PriorityQueue<>();

  /**
   * @param size most keys that are kept
   * @param bound {@link #bound} of a sample that this one is to be added to
   */
  KeySample(int size, long bound) {
    this.size = size;
    this.given = bound;
  }

  /** What a key's hash must be below to change this sample: a sample to be added needs no others. */
  long bound() {
    return largestFirst.size() < size ? given : Math.min(given, largestFirst.peek().hash);
  }

  void add(byte[] key) {
    long hash = mix(Arrays.hashCode(key));
    if ((hash & RATE_MASK) != 0 || hash >= bound()) {
      return;
    }
    if (largestFirst.size() == size) {
      largestFirst.poll();
    }
    largestFirst.add(new Sampled(hash, key));
  }

  void addAll(KeySample other) {
    for (Sampled sampled : other.largestFirst) {
      add(sampled.key);
    }
  }

  /** Keys that cut the sampled ones into {@code parts} of about equal size; at most {@code parts - 1}, ascending, distinct. */
  List<byte[]> cuts(int parts) {
    byte[][] keys = largestFirst.stream().map(Sampled::key).toArray(byte[][]::new);
    Arrays.sort(keys, Arrays::compareUnsigned);
    List<byte[]> cuts = new ArrayList<>();
    for (int i = 1; i < parts && keys.length > 0; i++) {
      byte[] key = keys[(int) ((long) i * keys.length / parts)];
      if (cuts.isEmpty() || Arrays.compareUnsigned(cuts.get(cuts.size() - 1), key) < 0) {
        cuts.add(key);
      }
    }
    return cuts;
  }

  /** The 64-bit finalizer of MurmurHash3 (Austin Appleby, public domain). */
  private static long mix(long value) {
    long h = value * 0x9E3779B97F4A7C15L;
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 33);
  }

  private record Sampled(long hash, byte[] key) implements Serializable, Comparable<Sampled> {
    @Override
    public int compareTo(Sampled other) {
      return Long.compare(other.hash, hash);
    }
  }
}
