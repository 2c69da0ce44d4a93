package io.pleat.store;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A store that counts its operations and misbehaves at one of them: every call of this type, and every write, finish and read of
 * what it hands out, is one operation, numbered from 0. Thread-safe.
 */
public final class FaultyStore extends ForwardingStore {
  /** What goes wrong. */
  public enum Fault {
    NONE,
    /** The process dies before the operation: it and all later ones throw {@link Dead}, and nothing is cleaned up. */
    DIE_BEFORE,
    /** The process dies after the operation was done, or when half of a write was. */
    DIE_AFTER,
    /** The operation is not done and throws; later ones work. */
    FAIL,
    /** The operation is done, but throws; of an exclusive creation, {@link CommitStateUnknownException}. Later ones work. */
    LOSE_ANSWER,
    /** The disk is full: from that operation on nothing that takes space is done. */
    FULL,
    /** Permission is taken away: from that operation on nothing is changed. */
    DENIED;

    private static final Set<String> TAKE_SPACE =
        Set.of("create", "write", "finish", "createExclusively", "overwrite", "createDirectory");
    private static final Set<String> CHANGE_NAMES = Set.of(
        "rename",
        "replace",
        "delete",
        "deleteIfEmpty",
        "deleteUnchanged",
        "moveAside",
        "moveToTrash",
        "setAttributes");

    /** Whether an operation of this name is not done once it has happened. */
    private boolean refuses(String operation) {
      return switch (this) {
        case FULL -> TAKE_SPACE.contains(operation);
        case DENIED -> TAKE_SPACE.contains(operation) || CHANGE_NAMES.contains(operation);
        default -> false;
      };
    }

    /**
     * False if this fault at an operation is the same as at the next one.
     *
     * @param line of {@link FaultyStore#log}
     */
    public boolean happensAt(String line) {
      return this != FULL && this != DENIED || refuses(line.substring(0, line.indexOf(' ')));
    }

    /** Whether what was thrown says what went wrong. */
    public boolean isToldBy(Throwable thrown) {
      for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
        if (this == FULL && OutOfSpace.is(cause)
            || this == DENIED && cause instanceof AccessDeniedException) {
          return true;
        }
      }
      return this != FULL && this != DENIED;
    }
  }

  /** The process is dead: no handler may do anything any more. */
  public static final class Dead extends IOException {
    private static final long serialVersionUID = 1;

    Dead(long operation) {
      super("died at operation " + operation);
    }
  }

  /** What others do while the process sleeps. */
  public interface Interlude {
    /** Does it. */
    void run() throws IOException;
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private final Fault fault;
  private final long faultAt;
  private final long openNanos;
  private final Interlude interlude;
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong mutations = new AtomicLong();
  private final AtomicBoolean dead = new AtomicBoolean();
  private final List<String> log = new ArrayList<>();

  private FaultyStore(Store store, Fault fault, long faultAt, long openNanos, Interlude interlude) {
    super(store);
    this.interlude = interlude;
    this.fault = fault;
    this.faultAt = faultAt;
    this.openNanos = openNanos;
  }

  /** Only counts. */
  public static FaultyStore counting(Store store) {
    return new FaultyStore(store, Fault.NONE, -1, 0, () -> {});
  }

  /** Misbehaves at operation {@code at} (from 0). */
  public static FaultyStore faultyAt(Store store, Fault fault, long at) {
    return new FaultyStore(store, fault, at, 0, () -> {});
  }

  /** The process sleeps before operation {@code at} (from 0), while others do something. */
  public static FaultyStore sleepingAt(Store store, long at, Interlude meanwhile) {
    return new FaultyStore(store, Fault.NONE, at, 0, meanwhile);
  }

  /** Each {@link #open} and {@link #readUnchanged} takes {@code latency} longer. */
  public static FaultyStore slow(Store store, Duration latency) {
    return new FaultyStore(store, Fault.NONE, -1, latency.toNanos(), () -> {});
  }

  /** Operations so far, the faulty one included. */
  public long operations() {
    return operations.get();
  }

  /** Operations so far that change the store. */
  public long mutations() {
    return mutations.get();
  }

  /** Whether the process died. */
  public boolean isDead() {
    return dead.get();
  }

  /** One line per operation so far: its name and path. */
  public List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  private <T> T operation(String name, Object path, Call<T> call) throws IOException {
    return operation(name, path, call, call);
  }

  private <T> T operation(String name, Object path, Call<T> call, Call<T> half) throws IOException {
    long number = operations.getAndIncrement();
    synchronized (log) {
      log.add(name + " " + path);
    }
    if (dead.get()) {
      throw new Dead(number);
    }
    if (number >= faultAt && fault.refuses(name)) {
      throw fault == Fault.FULL
          ? new FileSystemException(path.toString(), null, "No space left on device")
          : new AccessDeniedException(path.toString());
    }
    if (number != faultAt || fault == Fault.FULL || fault == Fault.DENIED) {
      return call.run();
    }
    switch (fault) {
      case DIE_BEFORE -> {
        dead.set(true);
        throw new Dead(number);
      }
      case DIE_AFTER -> {
        half.run();
        dead.set(true);
        throw new Dead(number);
      }
      case FAIL -> throw new IOException("failed at operation " + number);
      case LOSE_ANSWER -> {
        call.run();
        IOException lost = new IOException("lost the answer of operation " + number);
        throw name.equals("createExclusively")
            ? new CommitStateUnknownException("answer lost: " + path, lost)
            : lost;
      }
      default -> {
        interlude.run();
        return call.run();
      }
    }
  }

  private void delay() {
    long end = System.nanoTime() + openNanos;
    for (long left = openNanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    return operation("stat", path, () -> super.stat(path));
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    operation("list", directory, () -> {
      super.list(directory, visitor);
      return null;
    });
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    operation("listRecursively", directory, () -> {
      super.listRecursively(directory, visitor);
      return null;
    });
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    delay();
    ByteSource source = operation("open", path, () -> super.open(path));
    return new ByteSource() {
      @Override
      public long length() {
        return source.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        operation("read", path, () -> {
          source.readFully(position, target);
          return null;
        });
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

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    delay();
    operation("readUnchanged", listed.path(), () -> {
      super.readUnchanged(listed, target);
      return null;
    });
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    return sink(path, () -> super.create(path));
  }

  @Override
  public ByteSink createPrivately(LogicalPath path) throws IOException {
    return sink(path, () -> super.createPrivately(path));
  }

  @Override
  public void rename(LogicalPath from, LogicalPath to) throws IOException {
    mutations.incrementAndGet();
    operation("rename", to, () -> {
      super.rename(from, to);
      return null;
    });
  }

  @Override
  public void replace(LogicalPath from, LogicalPath to) throws IOException {
    mutations.incrementAndGet();
    operation("replace", to, () -> {
      super.replace(from, to);
      return null;
    });
  }

  private ByteSink sink(LogicalPath path, Call<ByteSink> create) throws IOException {
    mutations.incrementAndGet();
    ByteSink sink = operation("create", path, create);
    return new ByteSink() {
      @Override
      public void write(ByteBuffer source) throws IOException {
        mutations.incrementAndGet();
        operation(
            "write",
            path,
            () -> {
              sink.write(source);
              return null;
            },
            () -> {
              sink.write(source.slice(source.position(), source.remaining() / 2));
              return null;
            });
      }

      @Override
      public long position() {
        return sink.position();
      }

      @Override
      public void finish() throws IOException {
        mutations.incrementAndGet();
        operation("finish", path, () -> {
          sink.finish();
          return null;
        });
      }

      @Override
      public void close() throws IOException {
        if (!dead.get()) { // the dead close nothing and remove nothing
          sink.close();
        }
      }

      @Override
      public String toString() {
        return sink.toString();
      }
    };
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    mutations.incrementAndGet();
    operation("createExclusively", path, () -> {
      super.createExclusively(path, content);
      return null;
    });
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    mutations.incrementAndGet();
    operation("overwrite", path, () -> {
      super.overwrite(path, content);
      return null;
    });
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    mutations.incrementAndGet();
    operation("createDirectory", path, () -> {
      super.createDirectory(path);
      return null;
    });
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    mutations.incrementAndGet();
    operation("delete", path, () -> {
      super.delete(path);
      return null;
    });
  }

  @Override
  public boolean deleteIfEmpty(LogicalPath directory) throws IOException {
    mutations.incrementAndGet();
    return operation("deleteIfEmpty", directory, () -> super.deleteIfEmpty(directory));
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes attributes) throws IOException {
    mutations.incrementAndGet();
    return operation("setAttributes", path, () -> super.setAttributes(path, attributes));
  }

  @Override
  public OptionalLong usableSpace() throws IOException {
    return operation("usableSpace", "", super::usableSpace);
  }

  @Override
  public Optional<String> encryptionZone(LogicalPath path) throws IOException {
    return operation("encryptionZone", path, () -> super.encryptionZone(path));
  }

  @Override
  public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    mutations.incrementAndGet();
    operation("moveAside", from, () -> {
      super.moveAside(from, to);
      return null;
    });
  }

  @Override
  public boolean moveToTrash(LogicalPath path, LogicalPath originally) throws IOException {
    mutations.incrementAndGet();
    return operation("moveToTrash", path, () -> super.moveToTrash(path, originally));
  }

  @Override
  public boolean deleteUnchanged(FileInfo listed) throws IOException {
    mutations.incrementAndGet();
    return operation("deleteUnchanged", listed.path(), () -> super.deleteUnchanged(listed));
  }

  @Override
  public boolean hasTrash(LogicalPath path) throws IOException {
    return operation("hasTrash", path, () -> super.hasTrash(path));
  }

  @Override
  public Optional<Redundancy> redundancy(LogicalPath path) throws IOException {
    return operation("redundancy", path, () -> super.redundancy(path));
  }

  @Override
  public List<String> snapshottedDirectories() throws IOException {
    return operation("snapshottedDirectories", "", super::snapshottedDirectories);
  }
}
