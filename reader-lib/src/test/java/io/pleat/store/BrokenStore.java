package io.pleat.store;

import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A store of whose files some cannot be opened or read for a while, also through what was opened before, which shows what stands at the path now.
 * Thread-safe.
 */
public final class BrokenStore extends ForwardingStore {
  private final AtomicLong failures = new AtomicLong();
  private volatile Reason reason;
  private volatile Predicate<LogicalPath> broken = path -> false;

  /** Makes what is thrown. */
  public interface Reason {
    IOException of(LogicalPath path);
  }

  /** Nothing is broken yet. */
  public BrokenStore(Store store) {
    super(store);
  }

  /** Breaks the files that are meant, from now on. */
  public void breakDown(Predicate<LogicalPath> files, Reason reason) {
    this.reason = reason;
    this.broken = files;
  }

  /** Mends them. */
  public void mend() {
    broken = path -> false;
  }

  /** How often something failed. */
  public long failures() {
    return failures.get();
  }

  private void check(LogicalPath path) throws IOException {
    if (broken.test(path)) {
      failures.incrementAndGet();
      throw reason.of(path);
    }
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    check(path);
    ByteSource source = super.open(path);
    return new ByteSource() {
      @Override
      public long length() {
        return source.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        check(path);
        try (ByteSource now = BrokenStore.super.open(path)) {
          now.readFully(position, target);
        }
      }

      @Override
      public void close() throws IOException {
        source.close();
      }

      @Override
      public String toString() {
        return source.toString();
      }
    };
  }
}
