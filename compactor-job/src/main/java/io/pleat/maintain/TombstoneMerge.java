package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Makes one container out of the small containers of tombstones that many removals leave, without those that are superseded. */
final class TombstoneMerge {
  /** So many small ones are left alone. */
  private static final int FEW = 32;

  /** Rows of a small one, at most: all of them are held in memory. */
  private static final int SMALL = 4096;

  private final Store dataset;
  private final DatasetLog log;
  private final Snapshot head;
  private final List<ContainerSummary> small;

  TombstoneMerge(Store dataset, DatasetLog log, Snapshot head) throws IOException {
    this.dataset = dataset;
    this.log = log;
    this.head = head;
    this.small = log.tombstones(head).stream()
        .filter(container -> container.entries() + container.directories() <= SMALL)
        .sorted(Comparator.comparingLong(ContainerSummary::sequence))
        .toList();
  }

  boolean pays() {
    return small.size() >= FEW;
  }

  Set<ContainerId> merged() {
    Set<ContainerId> ids = new HashSet<>();
    small.forEach(container -> ids.add(container.id()));
    return ids;
  }

  /** @param length of a file; nothing for a directory */
  private record Tombstone(LogicalPath path, Attributes attributes, OptionalLong length) {}

  void writeTo(TombstoneWriter writer) throws IOException {
    TreeMap<byte[], Tombstone> all = new TreeMap<>(Arrays::compareUnsigned);
    for (ContainerSummary container : small) {
      collect(container, all);
    }
    Set<LogicalPath> files = new HashSet<>();
    for (Tombstone stone : all.values()) {
      for (LogicalPath above = stone.path(); !above.isRoot(); above = above.parent()) {
        if (files.contains(above)) {
          writer.cut(); // one container holds no file above others
          files.clear();
        }
      }
      if (stone.length().isPresent()) {
        writer.addFile(stone.path(), stone.attributes(), stone.length().getAsLong());
        files.add(stone.path());
      } else {
        writer.addDirectory(stone.path(), stone.attributes());
      }
    }
  }

  private void collect(ContainerSummary container, TreeMap<byte[], Tombstone> all)
      throws IOException {
    DeletionVector dead = log.deadTombstones(head, container.id());
    LogicalPath path = ContainerSummary.tombstonePathOf(container.id());
    try (ByteSource source = dataset.open(path);
        ContainerReader reader = ContainerReader.open(source, container.id())) {
      IndexBlock index = reader.index();
      for (int ordinal = 0; ordinal < index.entryCount(); ordinal++) {
        if (!dead.contains(ordinal)) {
          Entry entry = index.entry(ordinal);
          all.put(
              entry.path().fileKey(),
              new Tombstone(entry.path(), entry.attributes(), OptionalLong.of(entry.length())));
        }
      }
      for (int i = 0; i < index.directoryCount(); i++) {
        DirectoryEntry directory = index.directory(i);
        Optional<Attributes> attributes = directory.attributes();
        if (attributes.isPresent() && !dead.contains(index.entryCount() + i)) {
          all.put(
              directory.path().directoryKey(),
              new Tombstone(directory.path(), attributes.get(), OptionalLong.empty()));
        }
      }
    }
  }
}
