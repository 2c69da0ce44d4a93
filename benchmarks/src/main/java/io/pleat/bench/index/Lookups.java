package io.pleat.bench.index;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Lookups of what {@link IndexMeasure} opened, in the same JVM. Each copies its path out of a flat array first. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Lookups {
  /** Small enough to stay in the caches with all that they lead to. */
  static final int HOT = 10_000;

  static OpenIndex index;
  static Queries present;
  static Queries absentName;
  static Queries absentDirectory;

  /** CPU time of a lookup, of each iteration and thread. */
  static final Queue<Double> CPU_NANOS = new ConcurrentLinkedQueue<>();

  private static final AtomicInteger THREADS = new AtomicInteger();

  /** Where a thread is in the queries; threads start far from each other. */
  @State(Scope.Thread)
  public static class Cursor {
    private final Location location = new Location();
    private int at = THREADS.getAndIncrement() * 7919;
    private long lookups;
    private long started;

    /** Notes the CPU time. */
    @Setup(Level.Iteration)
    public void start() {
      lookups = 0;
      started = CpuTime.nanos();
    }

    /** Notes what a lookup took of it. */
    @TearDown(Level.Iteration)
    public void stop() {
      CPU_NANOS.add((CpuTime.nanos() - started) / (double) lookups);
    }

    private int next(int count) {
      lookups++;
      at = at + 1 < count ? at + 1 : 0;
      return at;
    }
  }

  /** What the harness itself costs. */
  @Benchmark
  public byte[] copyOfPath(Cursor cursor) {
    return present.path(cursor.next(present.count()));
  }

  /** Ordinals of paths from all over the index. */
  @Benchmark
  public int present(Cursor cursor) throws IOException {
    return index.find(present.path(cursor.next(present.count())));
  }

  /** The same, with offset, size and checksum. */
  @Benchmark
  public long presentWithExtent(Cursor cursor) throws IOException {
    int ordinal = index.locate(present.path(cursor.next(present.count())), cursor.location);
    return ordinal + cursor.location.offset + cursor.location.crc;
  }

  /** A byte of the name is another. */
  @Benchmark
  public int absentName(Cursor cursor) throws IOException {
    return index.find(absentName.path(cursor.next(absentName.count())));
  }

  /** A byte of the directory is another. */
  @Benchmark
  public int absentDirectory(Cursor cursor) throws IOException {
    return index.find(absentDirectory.path(cursor.next(absentDirectory.count())));
  }

  /** The same few paths again and again, in random order. */
  @Benchmark
  public int presentHot(Cursor cursor) throws IOException {
    return index.find(present.path(cursor.next(Math.min(HOT, present.count()))));
  }
}
