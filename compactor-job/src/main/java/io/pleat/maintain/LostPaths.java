package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReferencedFile;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.LogicalPath;
import io.pleat.format.RecordScanner;
import io.pleat.format.RecordScanner.Salvaged;
import io.pleat.format.RecordScanner.SalvagedFile;
import io.pleat.maintain.DamageCost.Part;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.roaringbitmap.RoaringBitmap;

/**
 * Names the files that damage costs, one damaged file of the dataset after the other: by index blocks, where those are damaged by the
 * catalogue, and where that is, too, by records. Holds a bitmap of one container, no paths.
 */
final class LostPaths {
  private final Store store;
  private final DatasetLog log;
  private final CatalogReader catalog;
  private final VerifyListener listener;

  LostPaths(Store store, DatasetLog log, CatalogReader catalog, VerifyListener listener) {
    this.store = store;
    this.log = log;
    this.catalog = catalog;
    this.listener = listener;
  }

  /** The newest snapshot is damaged. */
  void tellSnapshot(String where) {
    listener.cost(new DamageCost(Part.SNAPSHOT, where, "", 0, 0));
  }

  /** What is lost of each container. */
  void tellContainers(List<ContainerSummary> containers, Losses losses) {
    for (ContainerSummary container : containers) {
      RoaringBitmap lost = losses.of(container.id());
      if (!lost.isEmpty()) {
        long files = lost.getLongCardinality();
        String where = container.path().toString();
        long unnamed = name(where, container.id(), Optional.of(container.catalog()), lost);
        listener.cost(
            new DamageCost(Part.CONTAINER, where, container.id().toString(), files, unnamed));
      }
    }
  }

  /** Deletion vectors that cannot be read: every entry of their containers may be dead or not. */
  void tellDeletionVectors(
      List<ContainerSummary> containers, List<DeletionVectorReference> damaged) {
    for (DeletionVectorReference vector : damaged) {
      for (ContainerSummary container : containers) {
        if (container.id().equals(vector.container())) {
          String where = vector.file().path().toString();
          RoaringBitmap all = Losses.live(container.entries(), DeletionVector.EMPTY);
          long unnamed = name(where, container.id(), Optional.of(container.catalog()), all);
          listener.cost(new DamageCost(
              Part.DELETION_VECTOR,
              where,
              container.id().toString(),
              container.entries(),
              unnamed));
        }
      }
    }
  }

  /** Manifests that cannot be read: what they list is what the catalogue lists beside what other manifests do. */
  void tellManifests(
      Snapshot snapshot, List<ContainerSummary> known, List<ManifestReference> damaged) {
    if (damaged.isEmpty()) {
      return;
    }
    String where = damaged.stream()
        .map(manifest -> manifest.file().path().toString())
        .collect(Collectors.joining(", "));
    Set<ContainerId> listed = known.stream().map(ContainerSummary::id).collect(Collectors.toSet());
    List<CatalogedContainer> others = new ArrayList<>();
    try {
      catalog.readContainers(store, snapshot.catalog().containers(), container -> {
        if (!listed.contains(container.id())) {
          others.add(container);
        }
      });
    } catch (IOException | RuntimeException e) {
      others.clear(); // Then nobody knows which containers they were.
    }
    long files = 0;
    long unnamed = 0;
    for (CatalogedContainer container : others) {
      RoaringBitmap lost = Losses.live(container.entries(), dead(snapshot, container.id()));
      files += lost.getLongCardinality();
      unnamed += name(where, container.id(), measured(container.rows()), lost);
    }
    long all = snapshot.statistics().files();
    if (others.isEmpty()) {
      for (ContainerSummary container : known) {
        all -=
            Losses.live(container.entries(), dead(snapshot, container.id())).getLongCardinality();
      }
      files = Math.max(0, all);
      unnamed = files;
    }
    listener.cost(new DamageCost(Part.MANIFEST, where, "", files, unnamed));
  }

  private DeletionVector dead(Snapshot snapshot, ContainerId container) {
    try {
      return log.deletionVector(snapshot, container);
    } catch (IOException e) {
      return DeletionVector.EMPTY; // That is told by itself.
    }
  }

  private Optional<FileReference> measured(LogicalPath path) {
    try {
      return Optional.of(ReferencedFile.measure(store, path));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Tells the paths of {@code wanted}, takes them from it, and gives how many are left. */
  private long name(
      String where, ContainerId id, Optional<FileReference> rows, RoaringBitmap wanted) {
    fromIndex(where, id, wanted);
    if (!wanted.isEmpty() && rows.isPresent()) {
      fromCatalog(where, id, rows.get(), wanted);
    }
    if (!wanted.isEmpty()) {
      fromRecords(where, id, wanted);
    }
    return wanted.getLongCardinality();
  }

  private void fromIndex(String where, ContainerId id, RoaringBitmap wanted) {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      for (int ordinal : wanted.clone()) {
        listener.lost(where, reader.index().path(ordinal));
        wanted.remove(ordinal);
      }
    } catch (IOException | IllegalArgumentException e) {
      return; // The others may know.
    }
  }

  private void fromCatalog(String where, ContainerId id, FileReference file, RoaringBitmap wanted) {
    try {
      catalog.read(store, file, entry -> {
        if (entry.extent().container().equals(id) && wanted.checkedRemove(entry.ordinal())) {
          listener.lost(where, entry.path());
        }
      });
    } catch (IOException e) {
      return; // Records may know.
    }
  }

  private void fromRecords(String where, ContainerId id, RoaringBitmap wanted) {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        RecordScanner scanner = RecordScanner.open(bytes, id)) {
      for (Optional<Salvaged> next = scanner.next(); next.isPresent(); next = scanner.next()) {
        if (next.get() instanceof SalvagedFile file
            && wanted.checkedRemove(file.entry().ordinal())) {
          listener.lost(where, file.entry().path());
        }
      }
    } catch (IOException e) {
      return; // What is left has no name.
    }
  }
}
