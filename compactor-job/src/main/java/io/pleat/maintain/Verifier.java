package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DatasetRemains;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.LocationState;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerProof;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.maintain.VerifyRequest.Level;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;

/**
 * Checks one snapshot of a dataset. Changes nothing. Goes on after a finding, as far as what is left can be read; memory is
 * bounded by the list of containers and a few index blocks.
 */
public final class Verifier {
  private static final int CHUNK_LENGTH = 1 << 20;
  private static final int LOCAL_READ = 256 << 10;
  private static final int LOCAL_SKIP = 32 << 10;
  private static final int REMOTE_SKIP = 1 << 20;

  private final VerifyRequest request;
  private final Store store;
  private final DatasetLog log;
  private final Findings findings;
  private final LiveTotals live = new LiveTotals();
  private final Losses losses = new Losses();
  private final LostPaths lostPaths;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;
  private final List<Snapshot.ManifestReference> damagedManifests = new ArrayList<>();
  private final List<Snapshot.DeletionVectorReference> damagedVectors = new ArrayList<>();

  private Verifier(
      VerifyRequest request, Store store, CatalogReader catalog, VerifyListener listener) {
    this.request = request;
    this.store = store;
    this.log = DatasetLog.open(store);
    this.findings = new Findings(listener);
    this.lostPaths = new LostPaths(store, log, catalog, listener);
  }

  /**
   * Checks what {@code request} asks for.
   *
   * @param catalog names lost files whose container cannot
   * @throws java.nio.file.NoSuchFileException if there is no such snapshot
   * @throws io.pleat.dataset.SnapshotExpiredException if it has expired
   * @throws IOException if there is no dataset, or, at the last level, no source
   */
  public static VerifyReport verify(
      VerifyRequest request, CatalogReader catalog, VerifyListener listener) throws IOException {
    try (Store store = Stores.open(request.dataset(), request.configuration())) {
      return verify(request, store, catalog, listener);
    }
  }

  /** The same, of a store that is open. */
  static VerifyReport verify(
      VerifyRequest request, Store store, CatalogReader catalog, VerifyListener listener)
      throws IOException {
    if (DatasetLog.inspect(store) != LocationState.DATASET) {
      throw new IOException("no dataset at " + store.location());
    }
    if (!request.record()) {
      return new Verifier(request, store, catalog, listener).run();
    }
    try (VerifyRecord record = new VerifyRecord(request, store, listener)) {
      VerifyReport report = new Verifier(request, store, catalog, record).run();
      record.write(report);
      return report;
    }
  }

  private VerifyReport run() throws IOException {
    final long start = System.nanoTime();
    Optional<Snapshot> readable = readSnapshot();
    if (readable.isEmpty()) {
      return findings.report(0, 0, seconds(start));
    }
    Snapshot snapshot = readable.get();
    checkHead(snapshot);
    if (request.level() == Level.SOURCE) {
      SourceComparison.requireSource(snapshot.sourceRoot(), request.configuration());
    }
    List<ContainerSummary> containers = readManifests(snapshot);
    Map<ContainerId, DeletionVector> dead = readDeletionVectors(snapshot, containers);
    long bytes = containers.stream().mapToLong(ContainerSummary::length).sum();
    findings.phase(
        "verify",
        snapshot.statistics().files(),
        request.level().compareTo(Level.DATA) >= 0 ? bytes : 0);
    SnapshotCheck check = new SnapshotCheck(store, log, snapshot, findings);
    check.checkReclaimed(containers, dead, damagedManifests.isEmpty());
    check.checkTombstones();
    long damagedBefore = findings.damaged();
    Optional<FoldedDataset> dataset = openDataset(snapshot);
    AncestorCheck ancestors = new AncestorCheck(withKnownDead(containers), dataset, findings);
    try {
      checkContainers(containers, dead, ancestors);
    } finally {
      if (dataset.isPresent()) {
        dataset.get().close();
      }
    }
    if (request.level().compareTo(Level.METADATA) >= 0) {
      if (findings.damaged() == damagedBefore
          && damagedVectors.isEmpty()
          && containers.size() == listed(snapshot)) {
        live.compare("snapshot " + snapshot.version(), snapshot.statistics(), findings);
      }
      ancestors.tell();
      new KeySweep(store, contested(withKnownDead(containers)), dead, findings).run();
      checkCatalog(snapshot, containers);
      check.checkCondemned();
    }
    if (request.level() == Level.SOURCE) {
      new SourceComparison(request, store, snapshot, containers, dead, findings).run();
    }
    findings.tellProgress();
    lostPaths.tellContainers(containers, losses);
    lostPaths.tellDeletionVectors(containers, damagedVectors);
    lostPaths.tellManifests(snapshot, containers, damagedManifests);
    return findings.report(snapshot.version(), containers.size(), seconds(start));
  }

  /** Nothing if it is damaged. */
  private Optional<Snapshot> readSnapshot() throws IOException {
    String where = "_pleat/snapshots";
    try {
      return Optional.of(
          request.version() == 0
              ? log.current().orElseThrow(() -> new IOException("no snapshot"))
              : log.snapshot(request.version()));
    } catch (SnapshotExpiredException | NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      findings.addDamage(where, e);
      lostPaths.tellSnapshot(where);
      return Optional.empty();
    }
  }

  /** A run's record may tell of a later snapshot, whose file is gone. */
  private void checkHead(Snapshot snapshot) throws IOException {
    if (request.version() != 0) {
      return;
    }
    long claimed = RunClaims.of(store).version();
    if (claimed > snapshot.version() && !DatasetRemains.of(store).hasSnapshot(claimed)) {
      findings.add(
          Kind.DAMAGED,
          DatasetRemains.snapshotPath(claimed),
          "is missing, though a run committed it: what is checked here is an older state");
    }
  }

  /** Without those of which nobody knows what is dead. */
  private List<ContainerSummary> withKnownDead(List<ContainerSummary> containers) {
    Set<ContainerId> unknown = new HashSet<>();
    damagedVectors.forEach(vector -> unknown.add(vector.container()));
    return containers.stream()
        .filter(container -> !unknown.contains(container.id()))
        .toList();
  }

  private static long listed(Snapshot snapshot) {
    return snapshot.manifests().stream()
        .mapToLong(manifest -> manifest.containers())
        .sum();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Manifest by manifest, so that a damaged one does not hide the others. */
  private List<ContainerSummary> readManifests(Snapshot snapshot) {
    Map<ContainerId, ContainerSummary> all = new HashMap<>();
    for (Snapshot.ManifestReference manifest : snapshot.manifests()) {
      try {
        for (ContainerSummary container : log.containers(snapshot, manifest)) {
          if (all.put(container.id(), container) != null) {
            findings.add(
                Kind.DAMAGED,
                manifest.file().path(),
                "container " + container.id() + " is listed by another manifest, too");
          }
        }
      } catch (IOException e) {
        findings.addDamage(manifest.file().path(), e);
        damagedManifests.add(manifest);
      }
    }
    List<ContainerSummary> containers = new ArrayList<>(all.values());
    containers.sort(
        (a, b) -> Arrays.compareUnsigned(a.range().first(), b.range().first()));
    return containers;
  }

  private Map<ContainerId, DeletionVector> readDeletionVectors(
      Snapshot snapshot, List<ContainerSummary> containers) {
    Map<ContainerId, DeletionVector> all = new HashMap<>();
    for (Snapshot.DeletionVectorReference reference : snapshot.deletionVectors()) {
      LogicalPath path = reference.file().path();
      try {
        all.put(reference.container(), log.deletionVector(snapshot, reference.container()));
        if (damagedManifests.isEmpty()
            && containers.stream().noneMatch(c -> c.id().equals(reference.container()))) {
          findings.add(Kind.DAMAGED, path, "is of a container that no manifest lists");
        }
      } catch (IOException e) {
        findings.addDamage(path, e);
        damagedVectors.add(reference);
      }
    }
    return all;
  }

  private void checkContainers(
      List<ContainerSummary> containers,
      Map<ContainerId, DeletionVector> dead,
      AncestorCheck ancestors)
      throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(request.parallelism(), task -> {
      Thread thread = new Thread(task, "pleat-verify");
      thread.setDaemon(true);
      return thread;
    });
    // As many containers are open at once as threads: their index blocks are what takes memory.
    Semaphore slots = new Semaphore(request.parallelism());
    try {
      for (ContainerSummary container : containers) {
        DeletionVector vector = dead.getOrDefault(container.id(), DeletionVector.EMPTY);
        slots.acquire();
        new ContainerJob(container, vector, ancestors, threads, slots).start();
      }
      slots.acquire(request.parallelism());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("verify was interrupted");
    } finally {
      stopped = true;
      threads.shutdown();
    }
    if (failure.get() != null) {
      throw new IOException("verify failed: " + failure.get(), failure.get());
    }
  }

  /** The check of one container, in steps that the threads share. */
  private final class ContainerJob {
    private final ContainerSummary summary;
    private final DeletionVector dead;
    private final AncestorCheck ancestors;
    private final Executor threads;
    private final Semaphore slots;
    private final RowTally tally;
    private final AtomicInteger stepsLeft = new AtomicInteger(1);
    private final AtomicReference<Exception> unreadable = new AtomicReference<>();
    private ByteSource bytes;
    private ContainerReader reader;
    private ContainerCheck check;
    private ContainerProof proof;

    ContainerJob(
        ContainerSummary summary,
        DeletionVector dead,
        AncestorCheck ancestors,
        Executor threads,
        Semaphore slots) {
      this.summary = summary;
      this.dead = dead;
      this.ancestors = ancestors;
      this.threads = threads;
      this.slots = slots;
      this.tally = new RowTally(dead);
    }

    private interface Step {
      void run() throws IOException;
    }

    void start() {
      submit(() -> {
        open();
        if (request.level().compareTo(Level.DATA) >= 0 && startProof()) {
          int pieces = proof.pieces();
          stepsLeft.addAndGet(pieces + 1);
          submit(this::checkPlaces);
          submit(() -> prove(pieces - 1)); // the directories: few bytes, much to do
          for (int i = 0; i < pieces - 1; i++) {
            int piece = i;
            submit(() -> prove(piece));
          }
        }
      });
    }

    /** False if the index block contradicts itself too much to be walked. */
    private boolean startProof() throws IOException {
      try {
        proof = reader.proof(readLength());
        return true;
      } catch (CorruptDataException e) {
        return false;
      }
    }

    private void open() throws IOException {
      bytes = store.open(summary.path());
      if (bytes.length() != summary.length()) {
        findings.add(
            Kind.DAMAGED,
            summary.path(),
            "has " + bytes.length() + " bytes, the manifest says " + summary.length());
      }
      try {
        reader = ContainerReader.open(bytes, summary.id());
      } catch (CorruptDataException e) {
        reader = ContainerReader.openByFooter(bytes, summary.id());
        // So it is the file's header, which nobody needs who has the footer; a walk over the
        // records finds it, too.
        if (request.level() == Level.STRUCTURE) {
          findings.add(Kind.DAMAGED, summary.path(), Reason.of(e));
        }
      }
      check = new ContainerCheck(summary, reader, dead, findings);
      check.checkStructure();
    }

    private void prove(int piece) throws IOException {
      RowTally rows = new RowTally(dead);
      if (proof.check(piece, rows)) {
        synchronized (tally) {
          tally.add(rows);
        }
      }
    }

    private void checkPlaces() {
      Verifier.this.checkPlaces(summary, dead, reader, check, ancestors);
    }

    private void submit(Step step) {
      try {
        threads.execute(() -> run(step));
      } catch (RejectedExecutionException e) {
        run(() -> {}); // the run was interrupted
      }
    }

    /** Runs one step; whoever runs the last one ends the check. */
    private void run(Step step) {
      attempt(step);
      if (stepsLeft.decrementAndGet() > 0) {
        return;
      }
      attempt(this::end);
      try {
        close();
        findings.tellProgress();
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
      } finally {
        slots.release();
      }
    }

    private void attempt(Step step) {
      if (stopped || unreadable.get() != null) {
        return;
      }
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        unreadable.compareAndSet(null, e);
      } catch (Error e) {
        failure.compareAndSet(null, e);
      }
    }

    /** What is left once all pieces were checked: to say what is wrong, if anything is. */
    private void end() throws IOException {
      if (request.level() == Level.METADATA) {
        check.checkHeaders(shortestSkip(), live);
        checkPlaces();
      } else if (request.level().compareTo(Level.DATA) >= 0) {
        OptionalInt crc = proof == null ? OptionalInt.empty() : proof.crc();
        if (crc.isPresent()) {
          check.checkSound(crc.getAsInt(), tally, live);
        } else {
          check.checkBytes(readLength(), live, losses);
        }
        if (proof == null) {
          checkPlaces();
        }
      }
    }

    private void close() {
      Exception e = unreadable.get();
      if (e instanceof NoSuchFileException) {
        findings.add(Kind.DAMAGED, summary.path(), "is missing");
      } else if (e != null) {
        findings.addDamage(summary.path(), e);
      }
      if (e != null && !(e instanceof AccessDeniedException)) { // what may not be read is not lost
        losses.whole(summary, dead);
      }
      try {
        if (reader != null) {
          reader.close();
        }
        if (bytes != null) {
          bytes.close();
        }
      } catch (IOException closing) {
        return; // it was only read
      }
    }
  }

  private void checkPlaces(
      ContainerSummary summary,
      DeletionVector dead,
      ContainerReader reader,
      ContainerCheck check,
      AncestorCheck ancestors) {
    boolean deadAreKnown =
        damagedVectors.stream().noneMatch(vector -> vector.container().equals(summary.id()));
    try {
      check.checkRange();
      if (deadAreKnown) {
        ancestors.check(summary, reader.index(), dead);
      }
    } catch (IOException e) {
      findings.addDamage(summary.path(), e); // The bytes may be sound all the same.
    }
  }

  /** Stored bytes that take as long to read as another read takes to begin. */
  private int shortestSkip() {
    return isLocal() ? LOCAL_SKIP : REMOTE_SKIP;
  }

  private int readLength() {
    return isLocal() ? LOCAL_READ : ContainerReader.MAX_READ_LENGTH;
  }

  private boolean isLocal() {
    return store.traits().kind().equals("local");
  }

  /** Nothing if something that it needs is damaged, which was found then. */
  private Optional<FoldedDataset> openDataset(Snapshot snapshot) {
    if (request.level() == Level.STRUCTURE) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          FoldedDataset.open(store, snapshot, request.configuration(), ReaderOptions.defaults()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Those whose ranges meet another's: only they can hold one path twice. In order of first keys, as what is given. */
  private static List<ContainerSummary> contested(List<ContainerSummary> containers) {
    List<ContainerSummary> contested = new ArrayList<>();
    byte[] reach = null;
    ContainerSummary reaching = null;
    for (ContainerSummary container : containers) {
      if (reach != null && Arrays.compareUnsigned(container.range().first(), reach) <= 0) {
        if (contested.isEmpty() || contested.get(contested.size() - 1) != reaching) {
          contested.add(reaching);
        }
        contested.add(container);
      }
      byte[] last = container.range().last();
      if (reach == null || Arrays.compareUnsigned(last, reach) > 0) {
        reach = last;
        reaching = container;
      }
    }
    return contested.stream().distinct().toList();
  }

  private void checkCatalog(Snapshot snapshot, List<ContainerSummary> containers) {
    checkReferenced(snapshot.catalog().containers());
    Optional<FileReference> deadRows = snapshot.catalog().deadRows();
    deadRows.ifPresent(this::checkReferenced);
    for (ContainerSummary container : containers) {
      checkReferenced(container.catalog());
    }
  }

  private void checkReferenced(FileReference reference) {
    try (ByteSource file = store.open(reference.path())) {
      if (file.length() != reference.length()) {
        findings.add(
            Kind.DAMAGED,
            reference.path(),
            "has " + file.length() + " bytes, its reference says " + reference.length());
        return;
      }
      int crc = crc32c(file);
      if (crc != reference.crc32c()) {
        findings.add(
            Kind.DAMAGED,
            reference.path(),
            String.format(
                "CRC32C of file is 0x%08x, its reference says 0x%08x", crc, reference.crc32c()));
      }
      findings.read(file.length());
    } catch (NoSuchFileException e) {
      findings.add(Kind.DAMAGED, reference.path(), "is missing");
    } catch (IOException e) {
      findings.addDamage(reference.path(), e);
    }
  }

  /** CRC32C of all bytes of {@code file}. */
  static int crc32c(ByteSource file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_LENGTH, file.length()));
    for (long at = 0; at < file.length(); at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), file.length() - at));
      file.readFully(at, chunk);
      crc.update(chunk.flip());
    }
    return (int) crc.getValue();
  }
}
