package io.pleat.maintain;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.Condemnation;
import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.CondemnedList;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Lease;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.dataset.StoreClock;
import io.pleat.dataset.VersionSet;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Lets old snapshots go, and what nothing refers to any more: the only code that deletes from a dataset what was ever committed to it. Two commits
 * apart: a run condemns, in a commit; whoever commits after it has seen that, and refers to nothing condemned. A later run, after the grace
 * period by the store's clock, empties the condemned snapshots to stubs, deletes the files, and commits that they are gone. Whatever looks odd
 * ends the run with everything left in place.
 */
public final class Expirer {
  private static final String OPERATION = "expire";
  private static final int MOST_ATTEMPTS = 20;

  private final Store store;
  private final DatasetLog log;
  private final ExpireRequest request;
  private final CatalogWriter catalog;
  private final UUID runId;
  private final Instant now;
  private final List<String> waiting = new ArrayList<>();

  private Expirer(
      Store store, ExpireRequest request, CatalogWriter catalog, UUID runId, Instant now) {
    this.store = store;
    this.log = DatasetLog.open(store);
    this.request = request;
    this.catalog = catalog;
    this.runId = runId;
    this.now = now;
  }

  /**
   * Deletes what earlier runs condemned long enough ago, then condemns what may go now.
   *
   * @throws NoSuchFileException if the store holds no dataset
   * @throws CommitConflictException if other runs committed again and again meanwhile; nothing is lost, a later run does it
   */
  public static ExpireReport expire(
      Store store, ExpireRequest request, CatalogWriter catalog, UUID runId) throws IOException {
    requireHead(store); // before the clock is asked: that makes a file
    return new Expirer(store, request, catalog, runId, StoreClock.now(store)).run();
  }

  private ExpireReport run() throws IOException {
    Deleted deleted = deleteCondemned();
    Condemned condemned = condemn();
    long aborted = request.dryRun() ? 0 : store.abortUploads(now.minus(request.grace()));
    return new ExpireReport(
        head().version(),
        deleted.snapshots,
        deleted.files,
        condemned.snapshots,
        condemned.files,
        condemned.bytes,
        waiting,
        aborted);
  }

  private Snapshot head() throws IOException {
    return requireHead(store);
  }

  private static Snapshot requireHead(Store store) throws IOException {
    return DatasetLog.open(store)
        .current()
        .orElseThrow(() -> new NoSuchFileException(
            store.location(),
            null,
            "no dataset is here: there is no snapshot under _pleat/snapshots"));
  }

  private record Deleted(VersionSet snapshots, long files) {}

  private Deleted deleteCondemned() throws IOException {
    Snapshot head = head();
    List<Condemnation> due = due(head);
    if (due.isEmpty()) {
      return new Deleted(VersionSet.NONE, 0);
    }
    VersionSet snapshots = VersionSet.NONE;
    VersionSet by = VersionSet.NONE;
    long files = 0;
    PathSet referenced = referencedByKept(head);
    for (Condemnation condemnation : due) {
      for (CondemnedListReference list : condemnation.lists()) {
        requireUnreferenced(list, referenced, condemnation.version());
      }
    }
    for (Condemnation condemnation : due) {
      snapshots = snapshots.or(condemnation.snapshots());
      by = by.or(VersionSet.of(condemnation.version()));
      files += request.dryRun() ? condemnation.files() : delete(head, condemnation);
    }
    if (!request.dryRun()) {
      settle(head, by);
    }
    return new Deleted(snapshots, files);
  }

  /**
   * What may be deleted now: condemned long enough ago, and pinned by no reader that was quicker than the condemnation. From the first that may
   * not all have to wait: their lists may name files of its snapshots.
   */
  private List<Condemnation> due(Snapshot head) throws IOException {
    Map<Long, Instant> held = Lease.held(store, now, file -> {});
    List<Condemnation> due = new ArrayList<>();
    for (Condemnation condemnation : head.retention().condemned()) {
      Optional<Long> pinned =
          held.keySet().stream().filter(condemnation.snapshots()::contains).findFirst();
      Instant end = log.writtenAt(condemnation.version()).plus(request.grace());
      if (pinned.isPresent()) {
        waiting.add("condemned by version %d: a reader pins snapshot %d until %s"
            .formatted(condemnation.version(), pinned.get(), held.get(pinned.get())));
      } else if (end.isAfter(now)) {
        waiting.add("condemned by version %d: its grace period ends at %s"
            .formatted(condemnation.version(), end));
      } else if (waiting.isEmpty()) {
        due.add(condemnation);
      }
    }
    return due;
  }

  /** Every file that a snapshot which is neither expired nor condemned refers to. */
  private PathSet referencedByKept(Snapshot head) throws IOException {
    PathSet referenced = new PathSet();
    for (long version : head.retention().kept(head.version()).stream().toArray()) {
      log.visitReferences(log.snapshot(version), file -> referenced.add(file.path()));
    }
    return referenced;
  }

  private void requireUnreferenced(CondemnedListReference list, PathSet referenced, long version)
      throws IOException {
    try (CondemnedList paths = CondemnedList.open(store, list)) {
      for (Optional<LogicalPath> path = paths.next(); path.isPresent(); path = paths.next()) {
        if (referenced.mayContain(path.get())) {
          throw new IOException(
              "%s was condemned by version %d, but a snapshot that is kept refers to it: nothing was deleted; run verify on %s"
                  .formatted(path.get(), version, store.location()));
        }
      }
    }
  }

  /** Stubs first: a snapshot must not be read once a file of it is gone. */
  private long delete(Snapshot head, Condemnation condemnation) throws IOException {
    for (long version : condemnation.snapshots().stream().toArray()) {
      try {
        log.expire(head, log.snapshot(version));
      } catch (SnapshotExpiredException e) {
        // A run that was killed had come this far.
      }
    }
    long deleted = 0;
    for (CondemnedListReference list : condemnation.lists()) {
      try (CondemnedList paths = CondemnedList.open(store, list)) {
        for (Optional<LogicalPath> path = paths.next(); path.isPresent(); path = paths.next()) {
          store.delete(path.get());
          deleted++;
        }
      }
    }
    return deleted;
  }

  private void settle(Snapshot base, VersionSet by) throws IOException {
    Snapshot head = base;
    for (int attempt = 1; ; attempt++) {
      SnapshotChange change =
          SnapshotChange.by(OPERATION, runId, head.sourceRoot()).withSettled(by);
      try {
        log.commit(Optional.of(head), change, catalog);
        return;
      } catch (CommitConflictException e) {
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
        head = head();
        by = by.andNot(by.andNot(outstanding(head)));
        if (by.isEmpty()) {
          return; // another expiry did the same
        }
      }
    }
  }

  private static VersionSet outstanding(Snapshot head) {
    VersionSet all = VersionSet.NONE;
    for (Condemnation condemnation : head.retention().condemned()) {
      all = all.or(VersionSet.of(condemnation.version()));
    }
    return all;
  }

  private record Condemned(VersionSet snapshots, long files, long bytes) {}

  private Condemned condemn() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Snapshot head = head();
      List<LogicalPath> endedLeases = new ArrayList<>();
      Map<Long, Instant> held = Lease.held(store, now, endedLeases::add);
      VersionSet snapshots = condemnable(head, held.keySet());
      Garbage garbage = findGarbage(head, snapshots);
      try (garbage) {
        Condemned condemned = new Condemned(snapshots, garbage.files(), garbage.bytes());
        if (request.dryRun()) {
          return condemned;
        }
        if (!snapshots.isEmpty() || garbage.files() > 0) {
          commit(head, snapshots, garbage);
        }
        for (LogicalPath lease : endedLeases) {
          store.delete(lease);
        }
        return condemned;
      } catch (CommitConflictException e) {
        // Who won may refer to what was listed as garbage: all is looked at again.
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void commit(Snapshot head, VersionSet snapshots, Garbage garbage) throws IOException {
    SnapshotChange change = SnapshotChange.by(OPERATION, runId, head.sourceRoot())
        .withCondemned(Condemnation.of(snapshots, garbage.lists()));
    try {
      log.commit(Optional.of(head), change, catalog);
      garbage.keep();
    } catch (CommitStateUnknownException e) {
      garbage.keep();
      throw e;
    }
  }

  /** Snapshots that are neither among the newest, nor young, nor pinned. */
  private VersionSet condemnable(Snapshot head, Set<Long> pinned) throws IOException {
    long[] kept = head.retention().kept(head.version()).stream().toArray();
    VersionSet condemnable = VersionSet.NONE;
    for (int i = 0; i < firstOfNewest(kept); i++) {
      if (!pinned.contains(kept[i])
          && !log.writtenAt(kept[i]).isAfter(now.minus(request.olderThan()))) {
        condemnable = condemnable.or(VersionSet.of(kept[i]));
      }
    }
    return condemnable;
  }

  /** Where the newest snapshots begin that stay in any case. Those by expiry hold what the one before holds, and do not count. */
  private int firstOfNewest(long[] kept) throws IOException {
    int first = kept.length;
    for (int counted = 0; first > 0 && counted < request.keep(); ) {
      first--;
      counted += log.snapshot(kept[first]).operation().equals(OPERATION) ? 0 : 1;
    }
    return first;
  }

  private Garbage findGarbage(Snapshot head, VersionSet snapshots) throws IOException {
    PathSet spared = new PathSet();
    PathSet ending = new PathSet();
    for (long version : head.retention().kept(head.version()).stream().toArray()) {
      PathSet set = snapshots.contains(version) ? ending : spared;
      log.visitReferences(log.snapshot(version), file -> set.add(file.path()));
    }
    for (Condemnation condemnation : head.retention().condemned()) {
      for (CondemnedListReference list : condemnation.lists()) {
        spared.add(list.file().path());
        try (CondemnedList paths = CondemnedList.open(store, list)) {
          for (Optional<LogicalPath> path = paths.next(); path.isPresent(); path = paths.next()) {
            spared.add(path.get());
          }
        }
      }
    }
    for (ContainerId container : DamageNote.containers(store, DamageNote.State.SET_ASIDE)) {
      spared.add(ContainerSummary.pathOf(container));
    }
    return Garbage.collect(store, spared, ending, now.minus(request.grace()), request.dryRun());
  }
}
