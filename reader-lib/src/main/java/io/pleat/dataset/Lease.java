package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A pinned snapshot: what it refers to is not deleted while the lease holds, which is until it is closed or, when its holder died, until
 * its duration is over by the store's clock. Whoever needs it for longer renews it in time. Thread-safe.
 */
public final class Lease implements Closeable {
  /*
   * The last two files, newest last. The one before the newest stays until the next renewal: a listing that was taken before the newest was
   * written, and whose files are looked at afterwards, still finds it.
   */
  private static final int FILES = 2;

  private final Store dataset;
  private final LeaseFile first;
  private final Deque<LeaseFile> files = new ArrayDeque<>();
  private boolean closed;

  private Lease(Store dataset, LeaseFile first) {
    this.dataset = dataset;
    this.first = first;
    files.add(first);
  }

  /**
   * Pins a snapshot.
   *
   * @param holder who, for people: a host and a process
   * @throws CondemnedException if the snapshot is about to be deleted; it is not pinned then
   * @throws SnapshotExpiredException if it is gone
   * @throws IOException if the lease cannot be written, as by a reader that may only read
   */
  public static Lease acquire(Store dataset, long version, Duration duration, String holder)
      throws IOException {
    LeaseFile first = new LeaseFile(version, UUID.randomUUID(), 0, holder, duration);
    first.write(dataset);
    Lease lease = new Lease(dataset, first);
    try {
      requireKept(dataset, version);
      return lease;
    } catch (IOException | RuntimeException e) {
      lease.closeAfter(e);
      throw e;
    }
  }

  /** Looks only now: whoever condemns after this look has seen the lease. */
  private static void requireKept(Store dataset, long version) throws IOException {
    DatasetLog log = DatasetLog.open(dataset);
    Retention retention = log.current().map(Snapshot::retention).orElse(Retention.EVERYTHING);
    Optional<Long> by = retention.condemnedBy(version);
    if (by.isPresent()) {
      throw CondemnedException.snapshot(version, dataset.location(), by.get());
    }
    if (retention.expired().contains(version)) {
      log.snapshot(version); // throws, and says which there are
      throw new IOException("snapshot " + version + " has expired: " + dataset.location());
    }
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Tells it from all others, over its renewals. */
  public UUID id() {
    return first.id();
  }

  /** The pinned snapshot. */
  public long version() {
    return first.version();
  }

  /** How long it holds from each renewal. */
  public Duration duration() {
    return first.duration();
  }

  /**
   * Lets it hold for its duration from now on. After a failure it holds as long as it did before.
   *
   * @throws CondemnedException if it had lapsed, and the snapshot was condemned meanwhile; the lease is over then
   * @throws SnapshotExpiredException if it had lapsed for so long that the snapshot is gone; likewise
   */
  public synchronized void renew() throws IOException {
    if (closed) {
      return;
    }
    LeaseFile next = files.getLast().renewed();
    next.write(dataset);
    files.add(next);
    deleteAllBut(FILES);
    try {
      requireKept(dataset, version());
    } catch (CondemnedException | SnapshotExpiredException e) {
      closeAfter(e);
      throw e;
    }
  }

  /** Ends it. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      deleteAllBut(0);
    }
  }

  private void deleteAllBut(int newest) throws IOException {
    while (files.size() > newest) {
      dataset.delete(files.getFirst().path());
      files.removeFirst();
    }
  }

  /**
   * The snapshots that hold by a lease, and until when at least, by the store's clock. A lease that cannot be read holds, too, as if
   * renewed for ever.
   *
   * @param now by the store's clock
   * @param ended is given the files of leases that are over
   */
  public static Map<Long, Instant> held(Store dataset, Instant now, ListingOfEnded ended)
      throws IOException {
    Map<Long, Instant> held = new HashMap<>();
    forEach(dataset, (name, path, lease, until) -> {
      if (until.isBefore(now)) {
        ended.ended(path);
      } else {
        held.merge(name.version(), until, (a, b) -> a.isAfter(b) ? a : b);
      }
    });
    return held;
  }

  /**
   * The newest files of all leases that hold, and until when at least, by the store's clock. One that cannot be read is not among them.
   *
   * @param now by the store's clock
   */
  public static Map<LeaseFile, Instant> all(Store dataset, Instant now) throws IOException {
    Map<UUID, LeaseFile> newest = new HashMap<>();
    Map<LeaseFile, Instant> all = new HashMap<>();
    forEach(dataset, (name, path, lease, until) -> {
      if (lease.isPresent() && !until.isBefore(now)) {
        all.put(lease.get(), until);
        newest.merge(name.id(), lease.get(), (a, b) -> a.number() > b.number() ? a : b);
      }
    });
    all.keySet().retainAll(newest.values());
    return all;
  }

  private interface Visitor {
    void visit(LeaseFile.Name name, LogicalPath path, Optional<LeaseFile> lease, Instant until)
        throws IOException;
  }

  private static void forEach(Store dataset, Visitor visitor) throws IOException {
    try {
      dataset.list(LeaseFile.DIRECTORY, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) throws IOException {
          var name = LeaseFile.parse(file.path().name());
          if (name.isEmpty()) {
            return;
          }
          Optional<LeaseFile> lease = Optional.empty();
          Instant until;
          try {
            lease = Optional.of(LeaseFile.read(dataset, file.path()));
            until = StoreClock.modified(file).plus(lease.get().duration());
          } catch (NoSuchFileException e) {
            return;
          } catch (IOException e) {
            until = Instant.MAX;
          }
          visitor.visit(name.get(), file.path(), lease, until);
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason)
            throws IOException {
          throw new IOException("cannot look at lease " + displayName + ": " + reason);
        }
      });
    } catch (NoSuchFileException e) {
      // Nobody ever took one.
    }
  }

  /** Is told of leases that are over. */
  public interface ListingOfEnded {
    /** One file of a lease that is over. */
    void ended(LogicalPath file) throws IOException;
  }
}
