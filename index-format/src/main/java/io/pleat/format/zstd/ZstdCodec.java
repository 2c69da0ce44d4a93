package io.pleat.format.zstd;

import static io.pleat.format.Preconditions.checkArgument;
import static io.pleat.format.Preconditions.checkState;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import io.pleat.format.MemoryLimitException;
import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Stores each payload as one zstd frame, with or without a dictionary. Native memory is kept for as many calls as run at once; it goes
 * with {@link #close()}, or when the codec is collected.
 */
public final class ZstdCodec implements PayloadCodec {
  /** The level of a codec that is not told one. */
  public static final int DEFAULT_LEVEL = 3;

  /** Highest level. */
  public static final int MAX_LEVEL = 22;

  /** A zstd block of 128 KiB takes at least 4 bytes, which bounds what an honest frame can inflate to. */
  private static final long MAX_INFLATION = (128 << 10) / 4;

  /** Scratch space that is kept between calls, in bytes. */
  private static final int MAX_KEPT_SCRATCH = 8 << 20;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Native memory;
  private final Cleaner.Cleanable cleanable;
  private final Optional<byte[]> dictionary;

  private ZstdCodec(int level, Optional<byte[]> dictionary) {
    checkArgument(
        level >= 1 && level <= MAX_LEVEL,
        "zstd level is %s, allowed are 1 to %s",
        level,
        MAX_LEVEL);
    this.dictionary = dictionary;
    memory = new Native(level, dictionary);
    cleanable = CLEANER.register(this, memory::close);
  }

  /** A codec without a dictionary. It decodes frames of any level. */
  public static ZstdCodec of(int level) {
    return new ZstdCodec(level, Optional.empty());
  }

  /** A codec that encodes with {@code dictionary}, and decodes with it or without. */
  public static ZstdCodec withDictionary(int level, byte[] dictionary) {
    checkArgument(dictionary.length > 0, "dictionary is empty");
    return new ZstdCodec(level, Optional.of(dictionary.clone()));
  }

  @Override
  public Payload encode(ByteBuffer bytes) {
    int length = bytes.remaining();
    Payload raw = Payload.raw(bytes);
    if (length == 0) {
      return raw;
    }
    byte[] stored = memory.compress(bytes);
    Reference.reachabilityFence(this);
    if (stored.length >= length) {
      return raw;
    }
    Payload encoded = Payload.raw(ByteBuffer.wrap(stored));
    int codec = dictionary.isPresent() ? ZSTD_DICTIONARY : ZSTD;
    return new Payload(encoded.stored(), length, codec, encoded.storedCrc32c(), raw.crc32c());
  }

  @Override
  public ByteBuffer decode(int codec, ByteBuffer stored, int length) throws IOException {
    checkArgument(codec == ZSTD || codec == ZSTD_DICTIONARY, "codec %s is not zstd", codec);
    checkArgument(
        codec == ZSTD || dictionary.isPresent(), "payload needs a dictionary, and there is none");
    if (length > stored.remaining() * MAX_INFLATION) {
      throw new IOException(
          "a zstd frame of " + stored.remaining() + " bytes cannot hold " + length);
    }
    try {
      byte[] original = memory.decompress(codec == ZSTD_DICTIONARY, stored, length);
      Reference.reachabilityFence(this);
      return ByteBuffer.wrap(original);
    } catch (ZstdException e) {
      throw new IOException("zstd: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<byte[]> dictionary() {
    return dictionary.map(byte[]::clone);
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  /** What must be freed; apart from the codec, so that the cleaner does not keep the codec alive. */
  private static final class Native {
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final BlockingQueue<Compressor> compressors = idleQueue();
    private final BlockingQueue<ZstdDecompressCtx> decompressors = idleQueue();
    private final BlockingQueue<ZstdDecompressCtx> dictionaryDecompressors = idleQueue();
    private final int level;
    private final Optional<byte[]> dictionary;
    private ZstdDictCompress compressDictionary;
    private ZstdDictDecompress decompressDictionary;
    private boolean closed;

    Native(int level, Optional<byte[]> dictionary) {
      this.level = level;
      this.dictionary = dictionary;
      Zstd.compressBound(0); // A missing or unfit library shows here, not at the first payload.
    }

    private static <T> BlockingQueue<T> idleQueue() {
      return new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());
    }

    byte[] compress(ByteBuffer bytes) {
      lock.readLock().lock();
      try {
        checkState(!closed, "zstd codec is closed");
        Compressor compressor = take(compressors, this::newCompressor);
        boolean good = false;
        try {
          byte[] stored = compressor.compress(bytes);
          good = true;
          return stored;
        } finally {
          if (!good || !compressors.offer(compressor)) {
            compressor.close();
          }
        }
      } finally {
        lock.readLock().unlock();
      }
    }

    byte[] decompress(boolean withDictionary, ByteBuffer stored, int length) throws IOException {
      lock.readLock().lock();
      try {
        checkState(!closed, "zstd codec is closed");
        BlockingQueue<ZstdDecompressCtx> idle =
            withDictionary ? dictionaryDecompressors : decompressors;
        ZstdDecompressCtx context = take(idle, () -> newDecompressor(withDictionary));
        boolean good = false;
        try {
          byte[] original = decompress(context, stored, length);
          good = true;
          return original;
        } finally {
          if (!good || !idle.offer(context)) {
            context.close();
          }
        }
      } finally {
        lock.readLock().unlock();
      }
    }

    private static byte[] decompress(ZstdDecompressCtx context, ByteBuffer stored, int length)
        throws IOException {
      int from = stored.position();
      int count = stored.remaining();
      byte[] array = null;
      long contentLength;
      if (stored.isDirect()) {
        contentLength = Zstd.getDirectByteBufferFrameContentSize(stored, from, count);
      } else {
        if (stored.hasArray()) {
          array = stored.array();
          from += stored.arrayOffset();
        } else {
          array = copy(stored);
          from = 0;
        }
        contentLength = Zstd.getFrameContentSize(array, from, count);
      }
      if (contentLength != length) {
        throw new IOException("zstd frame holds " + contentLength + " bytes, expected " + length);
      }
      byte[] original = allocate(length);
      int written = array == null
          ? context.decompressDirectByteBufferToByteArray(original, 0, length, stored, from, count)
          : context.decompressByteArray(original, 0, length, array, from, count);
      if (written != length) {
        throw new IOException("zstd frame gave " + written + " bytes, expected " + length);
      }
      return original;
    }

    /** An honest frame of 64 KiB can hold 2 GiB: whoever cannot hold them is told so. */
    private static byte[] allocate(int length) throws IOException {
      try {
        return new byte[length];
      } catch (OutOfMemoryError e) {
        throw new MemoryLimitException("a zstd frame", 0, length, "-Xmx");
      }
    }

    private static <T> T take(BlockingQueue<T> idle, Supplier<T> create) {
      T context = idle.poll();
      return context == null ? create.get() : context;
    }

    private Compressor newCompressor() {
      ZstdCompressCtx context = new ZstdCompressCtx();
      context.setLevel(level);
      context.setContentSize(true);
      context.setChecksum(false);
      context.setDictID(false);
      if (dictionary.isPresent()) {
        synchronized (this) {
          if (compressDictionary == null) {
            compressDictionary = new ZstdDictCompress(dictionary.get(), level);
          }
          context.loadDict(compressDictionary);
        }
      }
      return new Compressor(context);
    }

    private ZstdDecompressCtx newDecompressor(boolean withDictionary) {
      ZstdDecompressCtx context = new ZstdDecompressCtx();
      if (withDictionary) {
        synchronized (this) {
          if (decompressDictionary == null) {
            decompressDictionary = new ZstdDictDecompress(dictionary.get());
          }
          context.loadDict(decompressDictionary);
        }
      }
      return context;
    }

    void close() {
      lock.writeLock().lock();
      try {
        closed = true;
        for (Compressor idle = compressors.poll(); idle != null; idle = compressors.poll()) {
          idle.close();
        }
        closeAll(decompressors);
        closeAll(dictionaryDecompressors);
        if (compressDictionary != null) {
          compressDictionary.close();
        }
        if (decompressDictionary != null) {
          decompressDictionary.close();
        }
      } finally {
        lock.writeLock().unlock();
      }
    }

    private static void closeAll(BlockingQueue<ZstdDecompressCtx> idle) {
      for (ZstdDecompressCtx context = idle.poll(); context != null; context = idle.poll()) {
        context.close();
      }
    }
  }

  /** A context and the space it compresses into. */
  private static final class Compressor {
    private final ZstdCompressCtx context;
    private byte[] scratch = {};
    private ByteBuffer directScratch = ByteBuffer.allocateDirect(0);

    Compressor(ZstdCompressCtx context) {
      this.context = context;
    }

    byte[] compress(ByteBuffer bytes) {
      int length = bytes.remaining();
      int bound = Math.toIntExact(Zstd.compressBound(length));
      if (bytes.isDirect()) {
        ByteBuffer target = directScratch;
        if (target.capacity() < bound) {
          target = ByteBuffer.allocateDirect(bound);
          directScratch = bound <= MAX_KEPT_SCRATCH ? target : directScratch;
        }
        int stored =
            context.compressDirectByteBuffer(target, 0, bound, bytes, bytes.position(), length);
        byte[] result = new byte[stored];
        target.get(0, result);
        return result;
      }
      byte[] source = bytes.hasArray() ? bytes.array() : copy(bytes);
      int from = bytes.hasArray() ? bytes.arrayOffset() + bytes.position() : 0;
      byte[] target = scratch;
      if (target.length < bound) {
        target = new byte[bound];
        scratch = bound <= MAX_KEPT_SCRATCH ? target : scratch;
      }
      int stored = context.compressByteArray(target, 0, bound, source, from, length);
      return Arrays.copyOf(target, stored);
    }

    void close() {
      context.close();
    }
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }
}
