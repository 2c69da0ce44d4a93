package io.pleat.maintain;

import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.dataset.ReferencedFile;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.CorruptDataException;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.FilterSection;
import io.pleat.format.IndexBlock;
import io.pleat.format.RecordScanner;
import io.pleat.format.RecordScanner.Salvaged;
import io.pleat.format.RecordScanner.SalvagedDirectory;
import io.pleat.format.RecordScanner.SalvagedFile;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** Finds out what a manifest would say of a container that none lists. */
final class ContainerSurvey {
  private final Store store;

  ContainerSurvey(Store store) {
    this.store = store;
  }

  /**
   * By the container's own index block.
   *
   * @param cataloged what the catalogue says of it: the CRC of the whole file. Without it that is computed of the file as it is now, and
   *     every byte is read for it; payloads have checksums of their own
   * @return without a file of the catalogue; nothing if the index block cannot be used, or there are no rows
   */
  Optional<ContainerSummary> byIndex(ContainerId id, Optional<CatalogedContainer> cataloged)
      throws IOException {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      Optional<KeyRange> range = range(reader.index());
      if (range.isEmpty()) {
        return Optional.empty();
      }
      int crc = cataloged.isPresent() && cataloged.get().length() == bytes.length()
          ? cataloged.get().crc32c()
          : ReferencedFile.measure(store, ContainerSummary.pathOf(id)).crc32c();
      ContainerStatistics counts = reader.statistics(crc);
      return Optional.of(new ContainerSummary(
          id,
          counts.length(),
          crc,
          counts.indexOffset(),
          counts.entries(),
          counts.passThroughs(),
          counts.directories(),
          counts.payloadBytes(),
          counts.storedBytes(),
          counts.passThroughBytes(),
          range.get(),
          0,
          FileReference.NONE,
          counts.filter()));
    } catch (CorruptDataException | EOFException e) {
      return Optional.empty();
    }
  }

  private static Optional<KeyRange> range(IndexBlock index) throws IOException {
    byte[] first = null;
    byte[] last = null;
    if (index.entryCount() > 0) {
      first = index.path(0).fileKey();
      last = index.path(index.entryCount() - 1).fileKey();
    }
    for (int i = 0; i < index.directoryCount(); i++) {
      DirectoryEntry directory = index.directory(i);
      if (directory.attributes().isPresent()) {
        byte[] key = directory.path().directoryKey();
        first = first == null || Arrays.compareUnsigned(key, first) < 0 ? key : first;
        last = last == null || Arrays.compareUnsigned(key, last) > 0 ? key : last;
      }
    }
    return first == null ? Optional.empty() : Optional.of(new KeyRange(first, last));
  }

  /**
   * By what sound records say: enough to rewrite it, not to list it.
   *
   * @return nothing if there is no sound record
   */
  Optional<ContainerSummary> byRecords(ContainerId id) throws IOException {
    byte[] first = null;
    byte[] last = null;
    int entries = 0;
    int passThroughs = 0;
    int directories = 0;
    long payloadBytes = 0;
    long storedBytes = 0;
    long passThroughBytes = 0;
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        RecordScanner scanner = RecordScanner.open(bytes, id)) {
      for (Optional<Salvaged> next = scanner.next(); next.isPresent(); next = scanner.next()) {
        byte[] key;
        if (next.get() instanceof SalvagedFile file) {
          Entry entry = file.entry();
          key = entry.path().fileKey();
          entries = Math.max(entries, entry.ordinal() + 1);
          if (entry.kind() == Entry.Kind.PASS_THROUGH) {
            passThroughs++;
            passThroughBytes += entry.length();
          } else {
            payloadBytes += entry.length();
            storedBytes += entry.extent().length();
          }
        } else {
          key = ((SalvagedDirectory) next.get()).path().directoryKey();
          directories++;
        }
        first = first == null ? key : first;
        last = key;
      }
      return first == null
          ? Optional.empty()
          : Optional.of(new ContainerSummary(
              id,
              bytes.length(),
              0,
              0,
              entries,
              passThroughs,
              directories,
              payloadBytes,
              storedBytes,
              passThroughBytes,
              new KeyRange(first, last),
              0,
              FileReference.NONE,
              FilterSection.NONE));
    } catch (CorruptDataException | EOFException e) {
      return Optional.empty();
    }
  }
}
