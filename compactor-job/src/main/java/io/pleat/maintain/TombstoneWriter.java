package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes tombstones in key order, into as many containers as they need. {@link #finish()} completes the last one; {@link #abandon()} deletes all;
 * {@code close()} alone drops only what is unfinished. Not thread-safe.
 */
final class TombstoneWriter implements Closeable {
  private final Store dataset;
  private final List<ContainerSummary> finished = new ArrayList<>();
  private ContainerId id;
  private ByteSink sink;
  private ContainerWriter writer;
  private byte[] firstKey;
  private byte[] lastKey;

  TombstoneWriter(Store dataset) {
    this.dataset = dataset;
  }

  void addFile(LogicalPath path, Attributes attributes, long length) throws IOException {
    prepare(path.fileKey());
    writer.addPassThrough(path, attributes, length);
  }

  void addDirectory(LogicalPath path, Attributes attributes) throws IOException {
    prepare(path.directoryKey());
    writer.addDirectory(path, attributes);
  }

  /** What follows goes into another container. */
  void cut() throws IOException {
    if (writer != null) {
      finishContainer();
    }
  }

  private void prepare(byte[] key) throws IOException {
    if (writer != null && writer.isFull()) {
      finishContainer();
    }
    if (writer == null) {
      id = ContainerId.random();
      sink = dataset.create(ContainerSummary.tombstonePathOf(id));
      writer = ContainerWriter.create(sink, id);
      firstKey = key;
    }
    lastKey = key;
  }

  private void finishContainer() throws IOException {
    ContainerStatistics written = writer.finish();
    finished.add(new ContainerSummary(
        id,
        written.length(),
        written.crc32c(),
        written.indexOffset(),
        written.entries(),
        written.passThroughs(),
        written.directories(),
        written.payloadBytes(),
        written.storedBytes(),
        written.passThroughBytes(),
        new KeyRange(firstKey, lastKey),
        0,
        FileReference.NONE,
        written.filter()));
    writer.close();
    sink.close();
    writer = null;
    sink = null;
    try (ByteSource stored = dataset.open(ContainerSummary.tombstonePathOf(id))) {
      int crc = Verifier.crc32c(stored);
      if (stored.length() != written.length() || crc != written.crc32c()) {
        throw new CorruptDataException(
            stored.toString(),
            0,
            "has %d bytes with CRC32C 0x%08x, written were %d with 0x%08x",
            stored.length(),
            crc,
            written.length(),
            written.crc32c());
      }
    }
  }

  /** Completes what was begun, and gives all containers: durable and checked. */
  List<ContainerSummary> finish() throws IOException {
    cut();
    return List.copyOf(finished);
  }

  /** Deletes the containers, which nobody may refer to. */
  void abandon() throws IOException {
    close();
    for (ContainerSummary container : finished) {
      dataset.delete(ContainerSummary.tombstonePathOf(container.id()));
    }
    finished.clear();
  }

  @Override
  public void close() throws IOException {
    try (ByteSink unfinishedFile = sink;
        ContainerWriter unfinished = writer) {
      writer = null;
      sink = null;
    }
  }
}
