package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.IndexBlock;
import io.pleat.format.PayloadExtent;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;
import org.roaringbitmap.RoaringBitmap;

/**
 * How much of a container is live.
 *
 * @param liveEntries entries that are not dead, pass-through ones included
 * @param liveDirectories recorded directories that are not dead
 * @param livePayloadBytes original bytes of the live folded files
 * @param liveStoredBytes stored bytes of them
 */
record ContainerWeight(
    ContainerSummary container,
    int liveEntries,
    int liveDirectories,
    long livePayloadBytes,
    long liveStoredBytes)
    implements Serializable {
  ContainerWeight {
    checkArgument(
        liveEntries >= 0
            && liveEntries <= container.entries()
            && liveDirectories >= 0
            && liveDirectories <= container.directories()
            && livePayloadBytes >= 0
            && liveStoredBytes >= 0,
        "container %s cannot have so much live: %s entries, %s directories, %s stored bytes",
        container.id(),
        liveEntries,
        liveDirectories,
        liveStoredBytes);
  }

  /** Of a container in which nothing is dead. */
  static ContainerWeight whole(ContainerSummary container) {
    return new ContainerWeight(
        container,
        container.entries(),
        container.directories(),
        container.payloadBytes(),
        container.storedBytes());
  }

  /** Weighs a container by its index block. */
  static ContainerWeight measure(Store dataset, ContainerSummary container, RoaringBitmap dead)
      throws IOException {
    if (dead.isEmpty()) {
      return whole(container);
    }
    int entries = 0;
    int directories = 0;
    long payloadBytes = 0;
    long storedBytes = 0;
    try (ByteSource source = dataset.open(container.path());
        ContainerReader reader = ContainerReader.open(source, container.id())) {
      IndexBlock index = reader.index();
      for (int ordinal = 0; ordinal < index.entryCount(); ordinal++) {
        if (!dead.contains(ordinal)) {
          entries++;
          PayloadExtent payload = index.payload(ordinal);
          if (payload.isFolded()) {
            payloadBytes += payload.length();
            storedBytes += payload.extent().length();
          }
        }
      }
      for (int i = 0; i < index.directoryCount(); i++) {
        if (!dead.contains(index.entryCount() + i)
            && index.directory(i).attributes().isPresent()) {
          directories++;
        }
      }
    }
    return new ContainerWeight(container, entries, directories, payloadBytes, storedBytes);
  }

  /** The part of the entries, or of their stored bytes, that is dead, whichever is more: 0 to 1. */
  double deadShare() {
    double ofRows = container.entries() > 0
        ? share(container.entries() - liveEntries, container.entries())
        : share(container.directories() - liveDirectories, container.directories());
    return Math.max(
        ofRows, share(container.storedBytes() - liveStoredBytes, container.storedBytes()));
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** Whether no row is left to carry over. */
  boolean isEmpty() {
    return liveEntries == 0 && liveDirectories == 0;
  }
}
