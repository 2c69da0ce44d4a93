package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadCodec;
import io.pleat.format.PayloadExtent;
import io.pleat.format.PayloadReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Reads whole files of a pinned snapshot, from containers or from their original places. Thread-safe. */
final class FileReads {
  private final PinnedSnapshot pinned;
  private final PathLocator locator;
  private final IndexBlockCache blocks;
  private final ContainerHandles handles;
  private final Originals originals;
  private final OriginalFallback fallback;
  private final BufferPool pool;
  private final ReadStatistics statistics;

  FileReads(
      PinnedSnapshot pinned,
      PathLocator locator,
      IndexBlockCache blocks,
      ContainerHandles handles,
      Originals originals,
      OriginalFallback fallback,
      BufferPool pool,
      ReadStatistics statistics) {
    this.pinned = pinned;
    this.locator = locator;
    this.blocks = blocks;
    this.handles = handles;
    this.originals = originals;
    this.fallback = fallback;
    this.pool = pool;
    this.statistics = statistics;
  }

  /**
   * Where the live file at {@code path} is.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws FileSystemException if it is a directory
   */
  LocatedFile locate(LogicalPath path) throws IOException {
    Optional<LocatedFile> found = locator.locate(path);
    return found.isPresent() ? found.get() : fail(path);
  }

  /** All bytes of the live file at {@code path}, verified; throws as {@link #locate}. */
  ByteBuffer read(LogicalPath path) throws IOException {
    long start = System.nanoTime();
    ByteBuffer bytes = read(locate(path));
    statistics.readLatency.record(System.nanoTime() - start);
    return bytes;
  }

  /** All bytes of a located file, verified. */
  ByteBuffer read(LocatedFile file) throws IOException {
    return file.payload().isFolded() ? read(file, HEAP) : counted(original(locator.entry(file)));
  }

  /** The same into pooled memory; throws as {@link #locate}. */
  PooledBytes readPooled(LogicalPath path) throws IOException {
    long start = System.nanoTime();
    PooledBytes bytes = readPooled(locate(path));
    statistics.readLatency.record(System.nanoTime() - start);
    return bytes;
  }

  /** All bytes of a located file, verified, in pooled memory. */
  PooledBytes readPooled(LocatedFile file) throws IOException {
    return file.payload().isFolded()
        ? read(file, POOLED)
        : pooled(counted(original(locator.entry(file))));
  }

  /** Fills {@code target} with all bytes of a folded file, which are as many as it takes, verified; if this fails, it holds anything. */
  void readInto(LocatedFile file, ByteBuffer target) throws IOException {
    read(file, new Given(target));
  }

  /** Whether a file is to be read alone, because it will come from its original; see {@link OriginalFallback#avoids}. */
  boolean isAvoided(LocatedFile file) {
    return fallback.avoids(file);
  }

  /** Where bytes go. Captures nothing, so that reading makes no garbage beside them. */
  private interface Target<T> {
    /** Reads a file's bytes from its container. */
    T fromContainer(FileReads files, LocatedFile file) throws IOException;

    /** Takes bytes that came from elsewhere. */
    T taken(FileReads files, ByteBuffer bytes) throws IOException;
  }

  private static final Target<ByteBuffer> HEAP = new Target<>() {
    @Override
    public ByteBuffer fromContainer(FileReads files, LocatedFile file) throws IOException {
      return files.stored(file);
    }

    @Override
    public ByteBuffer taken(FileReads files, ByteBuffer bytes) {
      return bytes;
    }
  };

  private static final Target<PooledBytes> POOLED = new Target<>() {
    @Override
    public PooledBytes fromContainer(FileReads files, LocatedFile file) throws IOException {
      return files.storedPooled(file);
    }

    @Override
    public PooledBytes taken(FileReads files, ByteBuffer bytes) throws IOException {
      return files.pooled(bytes);
    }
  };

  /** A buffer of the caller's. */
  private record Given(ByteBuffer buffer, int start) implements Target<ByteBuffer> {
    Given(ByteBuffer buffer) {
      this(buffer, buffer.position());
    }

    @Override
    public ByteBuffer fromContainer(FileReads files, LocatedFile file) throws IOException {
      PayloadExtent payload = file.payload();
      if (payload.codec() != PayloadCodec.RAW
          || payload.extent().length() != buffer.limit() - start) {
        return taken(files, files.stored(file));
      }
      ByteSource container = files.handles.container(file.container());
      fill(container, payload.extent().offset(), buffer.position(start));
      files.counted(files.decode(file, container, buffer.slice(start, buffer.limit() - start)));
      return buffer;
    }

    @Override
    public ByteBuffer taken(FileReads files, ByteBuffer bytes) {
      return buffer.position(start).put(bytes);
    }
  }

  /** A folded file's bytes from its container, tried as often as the reader's options say, or from its original. */
  private <T> T read(LocatedFile file, Target<T> target) throws IOException {
    if (fallback.avoidsNow(file)) {
      Optional<ByteBuffer> original = fallback.original(file);
      if (original.isPresent()) {
        return target.taken(this, counted(original.get()));
      }
    }
    for (int failures = 1; ; failures++) {
      try {
        T bytes = target.fromContainer(this, file);
        fallback.worked(file);
        return bytes;
      } catch (IOException e) {
        IOException reason = e instanceof DamagedPayloadException ? (IOException) e.getCause() : e;
        Extent extent = file.payload().extent();
        if (!handles.mayRetry(
            file.container(), extent.offset(), extent.length(), failures, reason)) {
          OriginalFallback.Reach reach =
              e == reason ? OriginalFallback.Reach.CONTAINER : OriginalFallback.Reach.FILE;
          return target.taken(this, counted(fallback.insteadOf(file, reason, reach)));
        }
      }
    }
  }

  private ByteBuffer stored(LocatedFile file) throws IOException {
    PayloadExtent payload = file.payload();
    ByteSource container = handles.container(file.container());
    ByteBuffer stored = ByteBuffer.allocate(storedLength(payload, container));
    fill(container, payload.extent().offset(), stored);
    return counted(decode(file, container, stored.flip()));
  }

  private PooledBytes storedPooled(LocatedFile file) throws IOException {
    PayloadExtent payload = file.payload();
    ByteSource container = handles.container(file.container());
    int length = storedLength(payload, container);
    BufferPool.Memory memory = pool.take(length);
    boolean handedOver = false;
    try {
      ByteBuffer stored = memory.bytes();
      fill(container, payload.extent().offset(), stored);
      ByteBuffer original = decode(file, container, stored.flip());
      counted(original);
      handedOver = payload.codec() == PayloadCodec.RAW;
      return handedOver ? memory.handOver(0, length) : pooled(original);
    } finally {
      if (!handedOver) {
        memory.release();
      }
    }
  }

  /**
   * A part of the live file at {@code path}. Of a folded file all bytes are read and verified; throws as {@link #locate}.
   *
   * @throws EOFException if the file ends before the part does
   */
  ByteBuffer read(LogicalPath path, long offset, int length) throws IOException {
    checkArgument(offset >= 0, "negative offset: %s", offset);
    checkArgument(length >= 0, "negative length: %s", length);
    LocatedFile file = locate(path);
    if (offset > file.payload().length() || length > file.payload().length() - offset) {
      throw new EOFException("cannot read " + length + " bytes at offset " + offset + " of "
          + file.payload().length() + ": " + path);
    }
    ByteBuffer part = ByteBuffer.allocate(length);
    if (file.payload().isFolded()) {
      try (PooledBytes all = readPooled(file)) {
        part.put(all.buffer().slice((int) offset, length));
      }
    } else {
      try (ByteSource original = open(file)) {
        original.readFully(offset, part);
      }
    }
    return part.flip();
  }

  /** Bytes of a container in pooled memory, held once; nothing is verified yet. */
  BufferPool.Memory readRange(int container, long offset, int length) throws IOException {
    BufferPool.Memory memory = pool.take(length);
    boolean filled = false;
    try {
      fill(handles.container(container), offset, memory.bytes());
      memory.bytes().flip();
      filled = true;
      return memory;
    } finally {
      if (!filled) {
        memory.release();
      }
    }
  }

  /** The original bytes of a file, verified, whose stored bytes stand at {@code start} of {@code memory}; raw ones are shared. */
  PooledBytes decode(LocatedFile file, BufferPool.Memory memory, int start) throws IOException {
    int length = (int) file.payload().extent().length();
    ByteBuffer stored = memory.bytes().slice(start, length);
    ByteBuffer original = decode(file, handles.container(file.container()), stored);
    fallback.worked(file);
    counted(original);
    return file.payload().codec() == PayloadCodec.RAW
        ? memory.share(start, length)
        : pooled(original);
  }

  /** The container could be read, and what stands there are not a file's bytes; the cause says why. */
  private static final class DamagedPayloadException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedPayloadException(IOException reason) {
      super(reason);
    }
  }

  /* A raw payload needs nothing of the index block any more, so it isn't borrowed: that would be two writes to what all threads share. */
  private ByteBuffer decode(LocatedFile file, ByteSource container, ByteBuffer stored)
      throws IOException {
    if (file.payload().codec() == PayloadCodec.RAW) {
      try {
        PayloadReader.checkStored(file.payload(), stored, container);
      } catch (CorruptDataException e) {
        throw new DamagedPayloadException(e);
      }
      return stored;
    }
    try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(file.container())) {
      try {
        return lease.value().payloads().decode(file.payload(), stored);
      } catch (CorruptDataException e) {
        throw new DamagedPayloadException(e);
      }
    }
  }

  private PooledBytes pooled(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    BufferPool.Memory memory = pool.take(length);
    memory.bytes().put(bytes.duplicate()).flip();
    return memory.handOver(0, length);
  }

  /** Fills {@code target} with what a container holds at {@code offset}, where its index block says that it holds so much. */
  private static void fill(ByteSource container, long offset, ByteBuffer target)
      throws IOException {
    int wanted = target.remaining();
    if (wanted == 0) {
      return;
    }
    try {
      container.readFully(offset, target);
    } catch (EOFException e) {
      CorruptDataException damage = new CorruptDataException(
          container.toString(), offset, "container ends within the next %d bytes", wanted);
      damage.initCause(e);
      throw damage;
    }
  }

  private static int storedLength(PayloadExtent payload, ByteSource container)
      throws CorruptDataException {
    long length = payload.extent().length();
    if (length > Integer.MAX_VALUE - 8) {
      throw new CorruptDataException(
          container.toString(),
          payload.extent().offset(),
          "entry %d is said to have %d stored bytes",
          payload.ordinal(),
          length);
    }
    return (int) length;
  }

  /** A located file as one that can be read by position. */
  ByteSource open(LocatedFile file) throws IOException {
    if (file.payload().isFolded()) {
      return new VerifiedFile(this, file);
    }
    statistics.passThroughReads.increment();
    return originals.open(locator.entry(file));
  }

  /** Counts a file that is handed out. */
  private ByteBuffer counted(ByteBuffer bytes) {
    statistics.filesRead.increment();
    statistics.bytesRead.add(bytes.remaining());
    return bytes;
  }

  private ByteBuffer original(Entry entry) throws IOException {
    statistics.passThroughReads.increment();
    return originals.read(entry);
  }

  private <T> T fail(LogicalPath path) throws IOException {
    if (locator.directory(path).isPresent()) {
      throw new FileSystemException(path.toString(), null, "is a directory");
    }
    throw new NoSuchFileException(
        path.toString(), null, "no such file in snapshot " + pinned.snapshot().version());
  }
}
