package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A store on a disk with a bad place: reads that touch it fail. */
final class UnreadableRange extends ForwardingStore {
  private final LogicalPath bad;
  private final long from;
  private final long to;

  UnreadableRange(Store store, ContainerId container, long from, long to) {
    super(store);
    this.bad = ContainerSummary.pathOf(container);
    this.from = from;
    this.to = to;
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    ByteSource source = super.open(path);
    if (!path.equals(bad)) {
      return source;
    }
    return new ByteSource() {
      @Override
      public long length() {
        return source.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        if (position < to && position + target.remaining() > from) {
          throw new IOException("Input/output error");
        }
        source.readFully(position, target);
      }

      @Override
      public void close() throws IOException {
        source.close();
      }

      @Override
      public String toString() {
        return source.toString();
      }
    };
  }
}
