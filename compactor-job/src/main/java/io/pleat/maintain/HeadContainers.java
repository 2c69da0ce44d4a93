package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetRemains;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReferencedFile;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The containers of a head that is made anew: those of the base, and those that the catalogue's newest lists name or that just lie there. Used once, not thread-safe.
 */
final class HeadContainers {
  private final Store store;
  private final DatasetRemains remains;
  private final CatalogReader catalog;
  private final ReadableBase base;
  private final HeadFindings findings;
  private final ContainerSurvey survey;

  private final Map<ContainerId, ContainerSummary> added = new LinkedHashMap<>();
  private final Set<ContainerId> removed = new HashSet<>();
  private final Map<ContainerId, Long> ranks = new HashMap<>();

  HeadContainers(Store store, CatalogReader catalog, ReadableBase base, HeadFindings findings) {
    this.store = store;
    this.remains = DatasetRemains.of(store);
    this.catalog = catalog;
    this.base = base;
    this.findings = findings;
    this.survey = new ContainerSurvey(store);
  }

  /** Chooses them; once. */
  void choose() throws IOException {
    base.containers()
        .values()
        .forEach(container -> ranks.put(container.id(), container.sequence()));
    if (base.isHead() && !base.hasLostManifests()) {
      return;
    }
    Map<ContainerId, ContainerSummary> older = base.olderSummaries();
    Optional<List<CatalogedContainer>> list = containerList();
    Map<ContainerId, Optional<CatalogedContainer>> wanted = new LinkedHashMap<>();
    if (list.isPresent()) {
      for (CatalogedContainer container : list.get()) {
        wanted.put(container.id(), Optional.of(container));
      }
      if (!base.isHead()) {
        base.containers().keySet().stream()
            .filter(id -> !wanted.containsKey(id))
            .forEach(removed::add);
      }
    } else {
      strayContainers().forEach(id -> wanted.put(id, Optional.empty()));
      findings
          .unknown()
          .add(
              "which containers the head listed: " + wanted.size()
                  + " that no readable snapshot lists were taken as they lie there, so files of runs that were killed may show");
    }
    long rank = base.newest() + 1;
    for (Map.Entry<ContainerId, Optional<CatalogedContainer>> each : wanted.entrySet()) {
      ContainerId id = each.getKey();
      if (base.containers().containsKey(id)) {
        continue;
      }
      // Those that nobody lists came later than all others, in the order in which they were
      // written.
      ranks.put(id, each.getValue().isPresent() ? each.getValue().get().sequence() : rank++);
      if (older.containsKey(id)) {
        added.put(id, older.get(id));
      } else {
        find(id, each.getValue());
      }
    }
  }

  /** All of them. */
  List<ContainerSummary> all() {
    List<ContainerSummary> all = new ArrayList<>();
    base.containers().values().stream()
        .filter(container -> !removed.contains(container.id()))
        .forEach(all::add);
    all.addAll(added.values());
    return all;
  }

  /** Those that the base does not list, by id. */
  Map<ContainerId, ContainerSummary> added() {
    return added;
  }

  /** Those of the base that the head did not list any more. */
  Set<ContainerId> removed() {
    return removed;
  }

  /** How many there are. */
  int count() {
    return base.containers().size() - removed.size() + added.size();
  }

  /** Which came later: of two containers with a path, the one with the higher rank holds the newer file. */
  Map<ContainerId, Long> ranks() {
    return ranks;
  }

  /** Takes others in the place of one that was added. */
  void replace(ContainerId id, List<ContainerSummary> by) {
    added.remove(id);
    long rank = ranks.getOrDefault(id, base.newest());
    for (ContainerSummary each : by) {
      added.put(each.id(), each);
      ranks.put(each.id(), rank);
    }
  }

  private void find(ContainerId id, Optional<CatalogedContainer> listed) throws IOException {
    try {
      Optional<ContainerSummary> found = survey.byIndex(id, listed);
      if (found.isEmpty()) {
        found = survey.byRecords(id);
      }
      if (found.isPresent()) {
        added.put(id, found.get());
      } else {
        findings
            .leftOut()
            .add(ContainerSummary.pathOf(id) + ": neither index block nor records can be read");
      }
    } catch (NoSuchFileException e) {
      findings.leftOut().add(ContainerSummary.pathOf(id) + " is missing");
    }
  }

  /** What the catalogue says that the head lists; nothing if it cannot be told. */
  private Optional<List<CatalogedContainer>> containerList() throws IOException {
    if (base.isHead()) {
      return readList(base.snapshot().get().catalog().containers());
    }
    List<LogicalPath> lists = remains.containerLists();
    Map<ContainerId, ?> there = remains.containers();
    for (int i = lists.size() - 1; i >= 0; i--) {
      LogicalPath path = lists.get(i);
      if (base.snapshot().isPresent()
          && base.snapshot().get().catalog().containers().path().equals(path)) {
        // Nothing newer: the lost versions changed no containers, or their list is lost, too.
        Set<ContainerId> strays = strayContainers();
        return strays.isEmpty()
            ? readList(base.snapshot().get().catalog().containers())
            : Optional.empty();
      }
      Optional<List<CatalogedContainer>> list = readList(ReferencedFile.measure(store, path));
      if (list.isPresent()
          && list.get().stream().anyMatch(container -> there.containsKey(container.id()))) {
        findings
            .unknown()
            .add(
                "whether " + path
                    + ", the catalogue's newest list of containers, is the head's: it was taken for it");
        return list;
      }
    }
    return Optional.empty();
  }

  private Optional<List<CatalogedContainer>> readList(FileReference file) throws IOException {
    List<CatalogedContainer> all = new ArrayList<>();
    try {
      catalog.readContainers(store, file, all::add);
      return Optional.of(all);
    } catch (CorruptDataException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Containers that lie there, are in no readable snapshot, and were neither condemned nor set aside; the first written first. */
  private Set<ContainerId> strayContainers() throws IOException {
    Set<ContainerId> strays = new LinkedHashSet<>(remains.containers().keySet());
    strays.removeAll(base.containers().keySet());
    if (!base.isHead()) {
      strays.removeAll(base.olderSummaries().keySet());
    }
    strays.removeAll(DamageNote.containers(store, DamageNote.State.SET_ASIDE));
    Set<LogicalPath> condemned = base.condemned();
    strays.removeIf(id -> condemned.contains(ContainerSummary.pathOf(id)));
    return strays;
  }
}
