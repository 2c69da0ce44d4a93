package io.pleat.dataset;

import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a commit does to its base. Starts as nothing, and each {@code with} method gives a change that does that, too. Immutable.
 */
public final class SnapshotChange implements Cloneable {
  private final String operation;
  private final UUID runId;
  private final String sourceRoot;

  // Set while a copy is made, and never after.
  private List<ContainerSummary> added = List.of();
  private Set<ContainerId> removed = Set.of();
  private Map<ContainerId, DeletionVector> newlyDead = Map.of();
  private Map<ContainerId, ReclaimedRows> newlyReclaimed = Map.of();
  private Map<ContainerId, ReclaimedRows> noLongerReclaimed = Map.of();
  private boolean endsOnlyCopies;
  private List<ContainerSummary> tombstonesAdded = List.of();
  private Set<ContainerId> tombstonesRemoved = Set.of();
  private Map<ContainerId, DeletionVector> tombstonesDead = Map.of();
  private Optional<Condemnation> condemned = Optional.empty();
  private VersionSet settled = VersionSet.NONE;
  private Optional<Snapshot> restored = Optional.empty();
  private SnapshotStatistics liveDelta = SnapshotStatistics.NONE;
  private boolean listedSource;

  private SnapshotChange(String operation, UUID runId, String sourceRoot) {
    this.operation = requireNonNull(operation, "operation is null");
    this.runId = requireNonNull(runId, "run id is null");
    this.sourceRoot = requireNonNull(sourceRoot, "source root is null");
  }

  /**
   * A change by a fold: containers that it adds and rows that it marks dead.
   *
   * @param liveDelta as for {@link #withLiveDelta}, and what the fold found in the source
   */
  public SnapshotChange(
      String operation,
      UUID runId,
      String sourceRoot,
      List<ContainerSummary> added,
      Map<ContainerId, DeletionVector> newlyDead,
      SnapshotStatistics liveDelta) {
    this(operation, runId, sourceRoot);
    this.added = List.copyOf(added);
    this.newlyDead = Map.copyOf(newlyDead);
    this.liveDelta = requireNonNull(liveDelta, "live delta is null");
    this.listedSource = true;
  }

  /**
   * A change that does nothing yet.
   *
   * @param operation what the run is, for people: {@code rm}, {@code compact}, ...
   * @param sourceRoot the dataset's
   */
  public static SnapshotChange by(String operation, UUID runId, String sourceRoot) {
    return new SnapshotChange(operation, runId, sourceRoot);
  }

  private SnapshotChange copy() {
    try {
      return (SnapshotChange) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Adds containers that are durable and checked; their sequence is set by the commit. */
  public SnapshotChange withAdded(List<ContainerSummary> containers) {
    SnapshotChange change = copy();
    change.added = List.copyOf(containers);
    return change;
  }

  /**
   * Takes containers away, with what is dead and reclaimed in them. Where a removed container had reclaimed rows, those that take their place
   * are to be given to {@link #withNewlyReclaimed}.
   */
  public SnapshotChange withRemoved(Set<ContainerId> containers) {
    SnapshotChange change = copy();
    change.removed = Set.copyOf(containers);
    return change;
  }

  /** Marks rows dead in containers of the base or in added ones, united with what is dead already. */
  public SnapshotChange withNewlyDead(Map<ContainerId, DeletionVector> rows) {
    SnapshotChange change = copy();
    change.newlyDead = Map.copyOf(rows);
    return change;
  }

  /** Marks live entries as reclaimed, united with those that are already. */
  public SnapshotChange withNewlyReclaimed(Map<ContainerId, ReclaimedRows> rows) {
    SnapshotChange change = copy();
    change.newlyReclaimed = Map.copyOf(rows);
    return change;
  }

  /** Takes the mark from reclaimed entries whose original stands after all. */
  public SnapshotChange withNoLongerReclaimed(Map<ContainerId, ReclaimedRows> rows) {
    SnapshotChange change = copy();
    change.noLongerReclaimed = Map.copyOf(rows);
    return change;
  }

  /** Allows that reclaimed rows die, or go with a removed container: without this, such a commit is refused. */
  public SnapshotChange endingOnlyCopies() {
    SnapshotChange change = copy();
    change.endsOnlyCopies = true;
    return change;
  }

  /** Adds containers of tombstones, durable, at {@link ContainerSummary#tombstonePathOf}. */
  public SnapshotChange withTombstonesAdded(List<ContainerSummary> containers) {
    SnapshotChange change = copy();
    change.tombstonesAdded = List.copyOf(containers);
    return change;
  }

  /** Takes containers of tombstones away, such as those that were merged into an added one. */
  public SnapshotChange withTombstonesRemoved(Set<ContainerId> containers) {
    SnapshotChange change = copy();
    change.tombstonesRemoved = Set.copyOf(containers);
    return change;
  }

  /** Marks tombstones as superseded. */
  public SnapshotChange withTombstonesDead(Map<ContainerId, DeletionVector> rows) {
    SnapshotChange change = copy();
    change.tombstonesDead = Map.copyOf(rows);
    return change;
  }

  /** Condemns snapshots and files. */
  public SnapshotChange withCondemned(Condemnation condemnation) {
    SnapshotChange change = copy();
    change.condemned = Optional.of(condemnation);
    return change;
  }

  /** Says that what these versions condemned is gone: its snapshots are stubs now. */
  public SnapshotChange withSettled(VersionSet condemnedBy) {
    SnapshotChange change = copy();
    change.settled = condemnedBy;
    return change;
  }

  /**
   * Replaces everything live by what an earlier snapshot had: containers, dead rows, reclaimed rows and tombstones. What else the change does
   * is done to that; entries that were reclaimed since are to be given to {@link #withNewlyReclaimed}.
   */
  public SnapshotChange withRestored(Snapshot snapshot) {
    SnapshotChange change = copy();
    change.restored = Optional.of(snapshot);
    return change;
  }

  /** What the change adds to (or, negative, takes from) the live totals; what a fold found in the source stays as in the base. */
  public SnapshotChange withLiveDelta(SnapshotStatistics delta) {
    SnapshotChange change = copy();
    change.liveDelta = requireNonNull(delta, "live delta is null");
    change.listedSource = false;
    return change;
  }

  /** Whether committing it would change nothing. */
  public boolean isEmpty() {
    return added.isEmpty()
        && removed.isEmpty()
        && newlyDead.values().stream().allMatch(DeletionVector::isEmpty)
        && newlyReclaimed.values().stream().allMatch(ReclaimedRows::isEmpty)
        && noLongerReclaimed.values().stream().allMatch(ReclaimedRows::isEmpty)
        && tombstonesAdded.isEmpty()
        && tombstonesRemoved.isEmpty()
        && tombstonesDead.values().stream().allMatch(DeletionVector::isEmpty)
        && condemned.isEmpty()
        && settled.isEmpty()
        && restored.isEmpty();
  }

  /** Every file that stood before the commit and that its snapshot would be the first to refer to. */
  List<LogicalPath> staged() {
    List<LogicalPath> files = new ArrayList<>();
    for (ContainerSummary container : added) {
      files.add(container.path());
      files.add(container.catalog().path());
    }
    tombstonesAdded.forEach(c -> files.add(ContainerSummary.tombstonePathOf(c.id())));
    condemned.ifPresent(c -> c.lists().forEach(list -> files.add(list.file().path())));
    return files;
  }

  String operation() {
    return operation;
  }

  UUID runId() {
    return runId;
  }

  String sourceRoot() {
    return sourceRoot;
  }

  List<ContainerSummary> added() {
    return added;
  }

  Set<ContainerId> removed() {
    return removed;
  }

  Map<ContainerId, DeletionVector> newlyDead() {
    return newlyDead;
  }

  Map<ContainerId, ReclaimedRows> newlyReclaimed() {
    return newlyReclaimed;
  }

  Map<ContainerId, ReclaimedRows> noLongerReclaimed() {
    return noLongerReclaimed;
  }

  boolean endsOnlyCopies() {
    return endsOnlyCopies;
  }

  List<ContainerSummary> tombstonesAdded() {
    return tombstonesAdded;
  }

  Set<ContainerId> tombstonesRemoved() {
    return tombstonesRemoved;
  }

  Map<ContainerId, DeletionVector> tombstonesDead() {
    return tombstonesDead;
  }

  Optional<Condemnation> condemned() {
    return condemned;
  }

  VersionSet settled() {
    return settled;
  }

  Optional<Snapshot> restored() {
    return restored;
  }

  SnapshotStatistics liveDelta() {
    return liveDelta;
  }

  boolean listedSource() {
    return listedSource;
  }
}
