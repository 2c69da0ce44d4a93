package io.pleat.maintain;

import io.pleat.dataset.Condemnation;
import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.CondemnedList;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/** Checks what a snapshot says beside its containers: reclaimed rows, tombstones, and what is condemned. */
final class SnapshotCheck {
  private final Store store;
  private final DatasetLog log;
  private final Snapshot snapshot;
  private final Findings findings;

  SnapshotCheck(Store store, DatasetLog log, Snapshot snapshot, Findings findings) {
    this.store = store;
    this.log = log;
    this.snapshot = snapshot;
    this.findings = findings;
  }

  /**
   * Each file is there and sound, and each row an entry that is not dead.
   *
   * @param allListed whether all manifests could be read
   */
  void checkReclaimed(
      List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead, boolean allListed) {
    Map<ContainerId, ContainerSummary> known = new HashMap<>();
    containers.forEach(container -> known.put(container.id(), container));
    for (Snapshot.ReclaimedReference reference : snapshot.reclaimed()) {
      LogicalPath path = reference.file().path();
      try {
        ReclaimedRows rows = log.reclaimedRows(snapshot, reference.container());
        ContainerSummary container = known.get(reference.container());
        if (container == null) {
          if (allListed) {
            findings.add(Kind.DAMAGED, path, "is of a container that no manifest lists");
          }
          continue;
        }
        RoaringBitmap both = rows.toBitmap();
        if (!both.isEmpty() && both.last() >= container.entries()) {
          findings.add(
              Kind.DAMAGED,
              path,
              "marks entry " + both.last() + ", the container has " + container.entries());
        }
        both.and(dead.getOrDefault(container.id(), DeletionVector.EMPTY).toBitmap());
        if (!both.isEmpty()) {
          findings.add(
              Kind.DAMAGED,
              path,
              "marks " + both.getCardinality() + " entries as only copies that are dead, first "
                  + both.first());
        }
      } catch (IOException e) {
        findings.addDamage(path, e);
      }
    }
  }

  /** Each container of tombstones is there, opens, has nothing but what it should, and is as long as its manifest says. */
  void checkTombstones() {
    Set<ContainerId> known = new HashSet<>();
    for (Snapshot.ManifestReference manifest : snapshot.tombstones().manifests()) {
      try {
        for (ContainerSummary container : log.containers(snapshot, manifest)) {
          known.add(container.id());
          checkTombstones(container);
        }
      } catch (IOException e) {
        findings.addDamage(manifest.file().path(), e);
      }
    }
    for (Snapshot.DeletionVectorReference reference : snapshot.tombstones().deletionVectors()) {
      if (!known.contains(reference.container())) {
        findings.add(
            Kind.DAMAGED, reference.file().path(), "is of tombstones that no manifest lists");
      }
    }
  }

  private void checkTombstones(ContainerSummary summary) {
    LogicalPath path = ContainerSummary.tombstonePathOf(summary.id());
    try (ByteSource file = store.open(path);
        ContainerReader reader = ContainerReader.open(file, summary.id())) {
      ContainerCheck check = new ContainerCheck(
          summary, path, reader, log.deadTombstones(snapshot, summary.id()), findings);
      check.checkCounts();
      if (summary.passThroughs() != summary.entries()) {
        findings.add(Kind.DAMAGED, path, "has payloads, though it is one of tombstones");
      }
      int crc = Verifier.crc32c(file);
      if (file.length() != summary.length() || crc != summary.crc32c()) {
        findings.add(
            Kind.DAMAGED,
            path,
            String.format(
                "has %d bytes with CRC32C 0x%08x, the manifest says %d with 0x%08x",
                file.length(), crc, summary.length(), summary.crc32c()));
      }
      findings.read(file.length());
    } catch (NoSuchFileException e) {
      findings.add(Kind.DAMAGED, path, "is missing");
    } catch (IOException | RuntimeException e) {
      findings.addDamage(path, e);
    }
  }

  /** Each list is there and sound, and none has a file that the snapshot refers to. */
  void checkCondemned() {
    if (snapshot.retention().condemned().isEmpty()) {
      return;
    }
    Set<LogicalPath> referenced = new HashSet<>();
    try {
      log.visitReferences(snapshot, file -> referenced.add(file.path()));
    } catch (IOException e) {
      return; // a manifest is damaged, which was found before
    }
    for (Condemnation condemnation : snapshot.retention().condemned()) {
      for (CondemnedListReference reference : condemnation.lists()) {
        LogicalPath path = reference.file().path();
        try (CondemnedList list = CondemnedList.open(store, reference)) {
          for (var next = list.next(); next.isPresent(); next = list.next()) {
            if (referenced.contains(next.get())) {
              findings.add(
                  Kind.DAMAGED,
                  path,
                  "condemns '" + next.get() + "', which the newest snapshot refers to");
            }
          }
        } catch (NoSuchFileException e) {
          findings.add(Kind.DAMAGED, path, "is missing");
        } catch (IOException e) {
          findings.addDamage(path, e);
        }
      }
    }
  }
}
