package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.AsideName;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Compares live entries with the originals below the recorded source root, and looks for files that the dataset does not hold. */
final class SourceComparison {
  private static final int FILES_PER_TASK = 256;
  private static final int TASKS_AHEAD = 64;

  private final VerifyRequest request;
  private final Store store;
  private final Snapshot snapshot;
  private final List<ContainerSummary> containers;
  private final Map<ContainerId, DeletionVector> dead;
  private final Findings findings;

  SourceComparison(
      VerifyRequest request,
      Store store,
      Snapshot snapshot,
      List<ContainerSummary> containers,
      Map<ContainerId, DeletionVector> dead,
      Findings findings) {
    this.request = request;
    this.store = store;
    this.snapshot = snapshot;
    this.containers = containers;
    this.dead = dead;
    this.findings = findings;
  }

  /** Does nothing if there is a source to compare with; asked before hours of reading, not after. */
  static void requireSource(String root, Map<String, String> configuration) throws IOException {
    try (Store source = Stores.open(root, configuration)) {
      if (source.stat(LogicalPath.ROOT).isEmpty()) {
        throw new IOException(
            "the source root is gone, compare with --level data instead: " + source.location());
      }
    }
  }

  void run() throws IOException {
    findings.phase("compare", snapshot.statistics().files(), 0);
    try (Store source = Stores.open(snapshot.sourceRoot(), request.configuration())) {
      ExecutorService threads = Executors.newFixedThreadPool(request.parallelism(), task -> {
        Thread thread = new Thread(task, "pleat-compare");
        thread.setDaemon(true);
        return thread;
      });
      try {
        for (ContainerSummary container : containers) {
          compare(container, source, threads);
        }
      } finally {
        threads.shutdownNow();
      }
      lookForNewFiles(source);
    }
  }

  private void compare(ContainerSummary summary, Store source, ExecutorService threads)
      throws IOException {
    try (ByteSource bytes = store.open(summary.path());
        ContainerReader reader = ContainerReader.open(bytes, summary.id())) {
      IndexBlock index = reader.index();
      DeletionVector vector = dead.getOrDefault(summary.id(), DeletionVector.EMPTY);
      List<Future<?>> tasks = new ArrayList<>();
      for (int from = 0; from < index.entryCount(); from += FILES_PER_TASK) {
        int start = from;
        int end = Math.min(from + FILES_PER_TASK, index.entryCount());
        tasks.add(threads.submit(() -> {
          compare(index, vector, start, end, source);
          return null;
        }));
        if (tasks.size() >= TASKS_AHEAD) {
          await(tasks);
        }
      }
      await(tasks);
    } catch (CorruptDataException e) {
      return; // was found when the container itself was checked
    }
  }

  private static void await(List<Future<?>> tasks) throws IOException {
    try {
      for (Future<?> task : tasks) {
        task.get();
      }
      tasks.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("verify was interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("verify failed: " + e.getCause(), e.getCause());
    }
  }

  private void compare(IndexBlock index, DeletionVector vector, int from, int to, Store source)
      throws IOException {
    for (int ordinal = from; ordinal < to; ordinal++) {
      if (!vector.contains(ordinal)) {
        compare(index.entry(ordinal), source);
      }
    }
    findings.tellProgress();
  }

  private void compare(Entry entry, Store source) {
    LogicalPath path = entry.path();
    try {
      Optional<FileInfo> original = source.stat(path);
      if (original.isEmpty()) {
        findings.add(Kind.MISSING, path, "is no longer in the source");
        return;
      }
      Optional<String> change = change(entry, original.get());
      if (change.isPresent()) {
        findings.add(Kind.CHANGED, path, change.get());
        return;
      }
      if (!sameAccess(entry.attributes(), original.get().attributes())) {
        findings.add(Kind.ATTRIBUTES, path, "mode, owner or group were changed since the fold");
      }
      if (entry.kind() == Entry.Kind.FOLDED) {
        compareBytes(entry, original.get(), source);
      }
    } catch (NoSuchFileException e) {
      findings.add(Kind.MISSING, path, "vanished from the source just now");
    } catch (IOException | RuntimeException e) {
      findings.add(Kind.UNREADABLE, path, Reason.of(e));
    }
  }

  private static Optional<String> change(Entry entry, FileInfo original) {
    if (original.kind() != FileInfo.Kind.FILE) {
      return Optional.of("is no regular file any more");
    }
    if (original.length() != entry.length()) {
      return Optional.of("had " + entry.length() + " bytes, has " + original.length());
    }
    Attributes then = entry.attributes();
    Attributes now = original.attributes();
    if (then.mtimeSeconds() != now.mtimeSeconds() || then.mtimeNanos() != now.mtimeNanos()) {
      return Optional.of("was modified since the fold");
    }
    return then.etag().equals(now.etag())
        ? Optional.empty()
        : Optional.of("has another etag than at the fold");
  }

  private static boolean sameAccess(Attributes then, Attributes now) {
    return then.mode() == now.mode()
        && then.owner().equals(now.owner())
        && then.group().equals(now.group());
  }

  private void compareBytes(Entry entry, FileInfo listed, Store source) throws IOException {
    int crc;
    try (ByteSource original = source.open(entry.path())) {
      crc = original.length() == entry.length() ? Verifier.crc32c(original) : ~entry.crc32c();
    }
    findings.read(entry.length());
    if (crc == entry.crc32c()) {
      return;
    }
    Optional<FileInfo> now = source.stat(entry.path());
    if (now.isEmpty() || !now.get().sameContentAs(listed)) {
      findings.add(Kind.CHANGED, entry.path(), "changed while it was read");
    } else if (entry.racy()) {
      findings.add(
          Kind.CHANGED, entry.path(), "was modified in the instant of the fold, which knows it");
    } else {
      findings.add(
          Kind.DIFFERS,
          entry.path(),
          String.format(
              "length and time are as recorded, but CRC32C of the original is 0x%08x, of the entry 0x%08x",
              crc, entry.crc32c()));
    }
  }

  private void lookForNewFiles(Store source) throws IOException {
    FoldedDataset dataset;
    try {
      dataset =
          FoldedDataset.open(store, snapshot, request.configuration(), ReaderOptions.defaults());
    } catch (IOException e) {
      return; // something that it needs is damaged, and was found when it was checked
    }
    try (dataset) {
      source.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          if (file.kind() == FileInfo.Kind.FILE && !AsideName.is(file.path())) {
            lookUp(file.path(), dataset);
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {
          findings.add(Kind.NEW, displayName, "cannot be folded: " + reason);
        }
      });
    }
  }

  private void lookUp(LogicalPath path, FoldedDataset dataset) {
    try {
      if (dataset.locate(path).isEmpty()) {
        findings.add(Kind.NEW, path, "the dataset does not hold it");
      }
    } catch (IOException e) {
      return; // its container was found to be damaged
    }
  }
}
