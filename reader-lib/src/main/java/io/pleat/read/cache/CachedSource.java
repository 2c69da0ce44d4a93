package io.pleat.read.cache;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A container of which chunks are kept. Chunks that are missing side by side are fetched by one read, each once however many threads want it. */
final class CachedSource implements ByteSource {
  private static final int CHUNK_LENGTH = ChunkFile.DATA_LENGTH;

  /** Most chunks that one read fetches: 8 MiB, what batches and epochs read at once. */
  private static final int MOST_AT_ONCE = Math.max(1, (8 << 20) / CHUNK_LENGTH);

  private final ChunkCache cache;
  private final ContainerId container;
  private final long length;
  private final String name;
  private final ChunkCache.Opener opener;

  // Guarded by this, but for reading.
  private volatile ByteSource store;
  private boolean closed;

  CachedSource(
      ChunkCache cache, ContainerId container, long length, String name, ChunkCache.Opener opener) {
    this.cache = cache;
    this.container = container;
    this.length = length;
    this.name = name;
    this.opener = opener;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    checkArgument(position >= 0, "negative position: %s", position);
    if (position > length - target.remaining()) {
      throw new EOFException(
          name + " has " + length + " bytes, asked for " + target.remaining() + " at " + position);
    }
    long at = position;
    while (target.hasRemaining()) {
      long number = at / CHUNK_LENGTH;
      int from = (int) (at - number * CHUNK_LENGTH);
      int count = Math.min(target.remaining(), chunkLength(number) - from);
      ByteBuffer part = target.slice(target.position(), count);
      if (!cache.read(key(number), chunkLength(number), from, part)) {
        count = fetch(number, from, target.duplicate());
      }
      target.position(target.position() + count);
      at += count;
    }
  }

  private ChunkCache.Key key(long number) {
    return new ChunkCache.Key(container, number);
  }

  private int chunkLength(long number) {
    return (int) Math.min(CHUNK_LENGTH, length - number * CHUNK_LENGTH);
  }

  /**
   * Fetches a chunk, and those behind it that {@code target} needs and that are not there.
   *
   * @param from where to start in the first chunk
   * @return how many bytes of {@code target} are filled
   */
  private int fetch(long number, int from, ByteBuffer target) throws IOException {
    Optional<CompletableFuture<ByteBuffer>> other = cache.claim(key(number));
    if (other.isPresent()) {
      return await(other.get(), from, target);
    }
    List<ChunkCache.Key> claimed = new ArrayList<>();
    claimed.add(key(number));
    try {
      long end = (long) from + target.remaining();
      while (claimed.size() < MOST_AT_ONCE && (long) claimed.size() * CHUNK_LENGTH < end) {
        ChunkCache.Key next = key(number + claimed.size());
        if (cache.has(next) || cache.claim(next).isPresent()) {
          break;
        }
        claimed.add(next);
      }
      long start = number * CHUNK_LENGTH;
      ByteBuffer bytes =
          ByteBuffer.allocate((int) Math.min((long) claimed.size() * CHUNK_LENGTH, length - start));
      store().readFully(start, bytes);
      bytes.flip();
      int count = Math.min(target.remaining(), bytes.limit() - from);
      target.put(bytes.slice(from, count));
      while (!claimed.isEmpty()) {
        ChunkCache.Key key = claimed.get(claimed.size() - 1);
        int at = (int) ((key.number() - number) * CHUNK_LENGTH);
        cache.fetched(key, bytes.slice(at, chunkLength(key.number())));
        claimed.remove(claimed.size() - 1);
      }
      return count;
    } catch (Throwable e) {
      claimed.forEach(key -> cache.failed(key, e));
      throw e;
    }
  }

  /** The part that {@code target} takes of a chunk that another thread fetches; nothing if that failed, which is no matter of ours. */
  private int await(CompletableFuture<ByteBuffer> fetching, int from, ByteBuffer target) {
    ByteBuffer chunk;
    try {
      chunk = fetching.join();
    } catch (CompletionException e) {
      return 0; // asks again, itself
    }
    int count = Math.min(target.remaining(), chunk.remaining() - from);
    target.put(chunk.slice(from, count));
    cache.shared(count);
    return count;
  }

  private ByteSource store() throws IOException {
    ByteSource opened = store;
    return opened != null ? opened : open();
  }

  private synchronized ByteSource open() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (store == null) {
      store = opener.open();
    }
    return store;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (store != null) {
      store.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
