package io.pleat.read;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/** How long something took, each time; within one per cent of the true values, up to an hour. Thread-safe. */
public final class Latencies {
  /* One histogram a stripe of threads, so that threads that read side by side don't count in one cache line. */
  private static final int STRIPES =
      Integer.highestOneBit(Math.max(8, 2 * Runtime.getRuntime().availableProcessors()));

  private static final long LONGEST = Duration.ofHours(1).toNanos();
  private static final long SHORTEST = 100;
  private static final int DIGITS = 2;

  private final AtomicReferenceArray<AtomicHistogram> stripes = new AtomicReferenceArray<>(STRIPES);

  Latencies() {}

  void record(long nanos) {
    int stripe = (int) Thread.currentThread().getId() & STRIPES - 1;
    AtomicHistogram histogram = stripes.get(stripe);
    if (histogram == null) {
      stripes.compareAndSet(stripe, null, new AtomicHistogram(SHORTEST, LONGEST, DIGITS));
      histogram = stripes.get(stripe);
    }
    histogram.recordValue(Math.max(0, Math.min(nanos, LONGEST)));
  }

  /** All that were recorded so far, in nanoseconds: a copy, the caller's own. */
  public Histogram histogram() {
    Histogram sum = new Histogram(SHORTEST, LONGEST, DIGITS);
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      AtomicHistogram one = stripes.get(stripe);
      if (one != null) {
        sum.add(one);
      }
    }
    return sum;
  }

  /** In text: how many, the median, the 99th percentile and the longest. */
  @Override
  public String toString() {
    Histogram all = histogram();
    return all.getTotalCount() == 0
        ? "none"
        : all.getTotalCount() + " (median " + micros(all.getValueAtPercentile(50)) + ", 99% within "
            + micros(all.getValueAtPercentile(99)) + ", longest " + micros(all.getMaxValue()) + ")";
  }

  private static String micros(long nanos) {
    return (nanos + 500) / 1000 + " us";
  }
}
