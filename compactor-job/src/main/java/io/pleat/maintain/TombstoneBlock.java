package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;

/** The tombstones of one container of them. */
final class TombstoneBlock implements Closeable {
  private final ByteSource bytes;
  private final ContainerReader reader;
  private DeletionVector superseded = DeletionVector.EMPTY;

  private TombstoneBlock(ByteSource bytes, ContainerReader reader) {
    this.bytes = bytes;
    this.reader = reader;
  }

  static TombstoneBlock open(Store dataset, ContainerId id) throws IOException {
    ByteSource bytes = dataset.open(ContainerSummary.tombstonePathOf(id));
    try {
      return new TombstoneBlock(bytes, ContainerReader.open(bytes, id));
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  ContainerId id() {
    return reader.index().container();
  }

  /** Says which of them no longer count. */
  void superseded(DeletionVector rows) {
    superseded = rows;
  }

  /** Whether this very file, by path, length, time and etag, was removed on purpose. */
  boolean buries(Entry file) throws IOException {
    int ordinal = reader.index().find(file.path().utf8());
    if (ordinal < 0 || superseded.contains(ordinal)) {
      return false;
    }
    Entry stone = reader.index().entry(ordinal);
    Attributes then = stone.attributes();
    Attributes now = file.attributes();
    return stone.length() == file.length()
        && then.mtimeSeconds() == now.mtimeSeconds()
        && then.mtimeNanos() == now.mtimeNanos()
        && then.etag().equals(now.etag());
  }

  @Override
  public void close() throws IOException {
    try (bytes) {
      reader.close();
    }
  }
}
