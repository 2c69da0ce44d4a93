package io.pleat.bench;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Another store with a delay of {@value #DELAY_MILLIS} ms before each file is opened and each part of one is read, like a round trip to a far one; parts then
 * come at 100 MB/s.
 */
final class SlowStore implements Store {
  static final long DELAY_MILLIS = 20;

  private static final long NANOS_PER_BYTE = 10;

  private static final AtomicLong BYTES_IN_READS = new AtomicLong();
  private static final AtomicLong PEAK_BYTES_IN_READS = new AtomicLong();
  private static final AtomicLong READS = new AtomicLong();
  private static final AtomicLong PEAK_READS = new AtomicLong();

  private final Store store;

  SlowStore(Store store) {
    this.store = store;
  }

  /** Most bytes that reads of this JVM waited for at one time. */
  static long peakBytesInReads() {
    return PEAK_BYTES_IN_READS.get();
  }

  /** Most reads of this JVM at one time. */
  static long peakReads() {
    return PEAK_READS.get();
  }

  static void clear() {
    PEAK_BYTES_IN_READS.set(0);
    PEAK_READS.set(0);
  }

  private static void roundTrip() {
    delay(DELAY_MILLIS * 1_000_000);
  }

  private static void delay(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public String location() {
    return SlowStoreProvider.SCHEME + ":" + store.location();
  }

  @Override
  public StoreTraits traits() {
    // Not "local": what reads it is to see a far store of no known kind.
    StoreTraits traits = store.traits();
    return new StoreTraits(
        SlowStoreProvider.SCHEME,
        traits.flat(),
        traits.syncsDirectories(),
        traits.mtimeGranularityNanos());
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    return store.stat(path);
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    store.list(directory, visitor);
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    store.listRecursively(directory, visitor);
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    roundTrip();
    return new SlowSource(store.open(path));
  }

  private record SlowSource(ByteSource source) implements ByteSource {
    @Override
    public long length() {
      return source.length();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      delay(DELAY_MILLIS * 1_000_000 + NANOS_PER_BYTE * target.remaining());
      source.readFully(position, target);
    }

    @Override
    public void close() throws IOException {
      source.close();
    }

    @Override
    public String toString() {
      return source.toString();
    }
  }

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    PEAK_BYTES_IN_READS.accumulateAndGet(BYTES_IN_READS.addAndGet(listed.length()), Math::max);
    PEAK_READS.accumulateAndGet(READS.incrementAndGet(), Math::max);
    try {
      roundTrip();
      store.readUnchanged(listed, target);
    } finally {
      BYTES_IN_READS.addAndGet(-listed.length());
      READS.decrementAndGet();
    }
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    return store.create(path);
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    store.createExclusively(path, content);
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    store.overwrite(path, content);
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    store.createDirectory(path);
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    store.delete(path);
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes attributes) throws IOException {
    return store.setAttributes(path, attributes);
  }

  @Override
  public OptionalLong usableSpace() throws IOException {
    return store.usableSpace();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  @Override
  public String toString() {
    return location();
  }
}
