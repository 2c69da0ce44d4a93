package io.pleat.fold;

import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ForwardingStore;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.StoreProvider;
import io.pleat.store.StoreTraits;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Serves {@code troubled:/local/path}: a local tree in which paths that contain {@code unreadable} are denied, whoever asks (tests run as
 * root, too), and in which space is as short as the configuration says: {@code troubled.usable} bytes are reported, and writes fail after
 * {@code troubled.writable} bytes. {@code troubled.granularity} is the step of its clock, in ns.
 */
public final class TroubledStoreProvider implements StoreProvider {
  @Override
  public boolean serves(String scheme) {
    return scheme.equals("troubled");
  }

  @Override
  public Store open(String location, Map<String, String> configuration) throws IOException {
    String path = location.substring("troubled:".length());
    return new TroubledStore(
        Stores.open(path, Map.of()),
        Long.parseLong(configuration.getOrDefault("troubled.usable", "-1")),
        Long.parseLong(
            configuration.getOrDefault("troubled.writable", String.valueOf(Long.MAX_VALUE))),
        Long.parseLong(configuration.getOrDefault("troubled.granularity", "0")));
  }

  private static final class TroubledStore extends ForwardingStore {
    private final long usable;
    private final long writable;
    private final long granularity;

    TroubledStore(Store store, long usable, long writable, long granularity) {
      super(store);
      this.usable = usable;
      this.writable = writable;
      this.granularity = granularity;
    }

    @Override
    public String location() {
      return "troubled:" + super.location();
    }

    @Override
    public StoreTraits traits() {
      StoreTraits traits = super.traits();
      return granularity == 0
          ? traits
          : new StoreTraits(traits.kind(), traits.flat(), traits.syncsDirectories(), granularity);
    }

    @Override
    public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
      deny(directory);
      super.list(directory, visitor);
    }

    @Override
    public ByteSource open(LogicalPath path) throws IOException {
      deny(path);
      return super.open(path);
    }

    @Override
    public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
      deny(listed.path());
      super.readUnchanged(listed, target);
    }

    private static void deny(LogicalPath path) throws AccessDeniedException {
      if (path.toString().contains("unreadable")) {
        throw new AccessDeniedException(path.toString());
      }
    }

    @Override
    public ByteSink create(LogicalPath path) throws IOException {
      ByteSink sink = super.create(path);
      return new ByteSink() {
        @Override
        public void write(ByteBuffer source) throws IOException {
          if (sink.position() + source.remaining() > writable) {
            throw new FileSystemException(sink.toString(), null, "No space left on device");
          }
          sink.write(source);
        }

        @Override
        public long position() {
          return sink.position();
        }

        @Override
        public void finish() throws IOException {
          sink.finish();
        }

        @Override
        public void close() throws IOException {
          sink.close();
        }
      };
    }

    @Override
    public OptionalLong usableSpace() throws IOException {
      return usable < 0 ? super.usableSpace() : OptionalLong.of(usable);
    }
  }
}
