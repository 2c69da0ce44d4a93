package io.pleat.read;

import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the bytes of files whose containers cannot be read from their originals, as long as these are what was folded: length, time, etag, and
 * in the end the checksum. Remembers which containers those are, so that they are not asked for every file, and asks them again from
 * time to time. Thread-safe.
 */
final class OriginalFallback {
  /*
   * A container is in one of three states: sound (no Trouble), damaged in some files (those are avoided), or out of reach as a whole. When the time of a
   * Trouble has come, the one reader that moves it on reads the container again; all others still go to the originals. Only a change
   * of state is logged: a try that fails leaves it as it was.
   *
   * Whoever reads sound containers looks at one word, that nobody writes.
   */
  private static final Logger LOGGER = LoggerFactory.getLogger(OriginalFallback.class);

  /** Damaged files after which a container is avoided as a whole. */
  private static final int MOST_DAMAGED_FILES = 16;

  private final IndexBlockCache blocks;
  private final Originals originals;
  private final long avoidNanos;
  private final LongSupplier clock;
  private final ReadStatistics statistics;
  private final AtomicReferenceArray<Trouble> troubles;
  private final AtomicInteger troubled = new AtomicInteger();
  private final AtomicBoolean saidThatNotAllowed = new AtomicBoolean();

  /**
   * @param avoidNanos for how long a container that cannot be read is not tried again
   * @param clock as System.nanoTime
   */
  OriginalFallback(
      int containers,
      IndexBlockCache blocks,
      Originals originals,
      long avoidNanos,
      LongSupplier clock,
      ReadStatistics statistics) {
    this.blocks = blocks;
    this.originals = originals;
    this.avoidNanos = avoidNanos;
    this.clock = clock;
    this.statistics = statistics;
    this.troubles = new AtomicReferenceArray<>(containers);
  }

  /** What a failed read says of a container. */
  enum Reach {
    /** The bytes of this file are not what was written. */
    FILE,
    /** Nothing of it can be read. */
    CONTAINER
  }

  /** Why and until when a container is avoided; guarded by itself. */
  private static final class Trouble {
    private final BitSet damaged = new BitSet();
    private boolean whole;
    private boolean over;
    private long tryAt;

    boolean concerns(LocatedFile file) {
      return !over && (whole || damaged.get(file.payload().ordinal()));
    }
  }

  /** Whether a file's container is not to be tried now. */
  boolean avoids(LocatedFile file) {
    return avoids(file, false);
  }

  /** The same for who is about to read the file. Of those who ask when the container is due again, one gets a no, and has to try it. */
  boolean avoidsNow(LocatedFile file) {
    return avoids(file, true);
  }

  private boolean avoids(LocatedFile file, boolean tries) {
    if (troubled.get() == 0) {
      return false;
    }
    Trouble trouble = troubles.get(file.container());
    if (trouble == null) {
      return false;
    }
    synchronized (trouble) {
      if (!trouble.concerns(file)) {
        return false;
      }
      long now = clock.getAsLong();
      if (now - trouble.tryAt < 0) {
        return true;
      }
      if (tries) {
        trouble.tryAt = now + avoidNanos;
      }
      return false;
    }
  }

  /** Notes that a file was read from its container. */
  void worked(LocatedFile file) {
    if (troubled.get() == 0) {
      return;
    }
    Trouble trouble = troubles.get(file.container());
    if (trouble == null) {
      return;
    }
    synchronized (trouble) {
      if (!trouble.concerns(file)) {
        return;
      }
      trouble.damaged.clear(file.payload().ordinal());
      if (!trouble.whole && !trouble.damaged.isEmpty()) {
        return;
      }
      trouble.over = true;
      troubles.set(file.container(), null);
      troubled.decrementAndGet();
      statistics.avoidedContainers.decrement();
    }
    LOGGER.info(
        "container can be read again, its files come from it: {}", blocks.name(file.container()));
  }

  /** The original bytes of a file that is avoided; nothing if its original cannot stand in. */
  Optional<ByteBuffer> original(LocatedFile file) throws IOException {
    try {
      return Optional.of(read(file));
    } catch (IOException e) {
      Interruptions.rethrow(e);
      return Optional.empty(); // the container has the last word, and fails with its own reason
    }
  }

  /**
   * The original bytes of a file that could not be read from its container.
   *
   * @param failure why
   * @throws IOException {@code failure}, if the original cannot stand in
   */
  ByteBuffer insteadOf(LocatedFile file, IOException failure, Reach reach) throws IOException {
    Interruptions.rethrow(failure);
    if (!originals.isAllowed()) {
      if (!saidThatNotAllowed.getAndSet(true)) {
        LOGGER.warn(
            "files that cannot be read could come from their originals, but source root {} is not allowed",
            originals.root());
      }
      throw failure;
    }
    ByteBuffer bytes;
    try {
      bytes = read(file);
    } catch (IOException e) {
      Interruptions.rethrow(e);
      failure.addSuppressed(e);
      throw failure;
    }
    avoid(file, failure, reach);
    return bytes;
  }

  private ByteBuffer read(LocatedFile file) throws IOException {
    try {
      Entry entry =
          blocks.with(file.container(), index -> index.entry(file.payload().ordinal()));
      ByteBuffer bytes = originals.read(entry);
      CRC32C crc = new CRC32C();
      crc.update(bytes.duplicate());
      if ((int) crc.getValue() != entry.crc32c()) {
        throw new CorruptDataException(
            originals.root() + "/" + entry.path(),
            0,
            "CRC32C of the original is 0x%08x, of what was folded 0x%08x",
            (int) crc.getValue(),
            entry.crc32c());
      }
      statistics.fallbackReads.increment();
      statistics.fallbackBytes.add(bytes.remaining());
      return bytes;
    } catch (IOException e) {
      statistics.failedFallbacks.increment();
      throw e;
    } catch (IllegalArgumentException e) {
      statistics.failedFallbacks.increment();
      throw new IOException(e.getMessage(), e); // the dataset's word for its source root
    }
  }

  private void avoid(LocatedFile file, IOException failure, Reach reach) {
    Trouble mine = new Trouble();
    while (true) {
      Trouble trouble = troubles.get(file.container());
      boolean isNew = trouble == null;
      trouble = isNew ? mine : trouble;
      synchronized (trouble) {
        if (trouble.over || isNew && !troubles.compareAndSet(file.container(), null, mine)) {
          continue;
        }
        if (isNew) {
          troubled.incrementAndGet();
          statistics.avoidedContainers.increment();
        }
        boolean wasWhole = trouble.whole;
        trouble.damaged.set(file.payload().ordinal());
        trouble.whole |=
            reach == Reach.CONTAINER || trouble.damaged.cardinality() > MOST_DAMAGED_FILES;
        trouble.tryAt = clock.getAsLong() + avoidNanos;
        if (!isNew && wasWhole == trouble.whole) {
          return;
        }
        LOGGER.warn(
            "{}, from {}; it is tried again every {} s: {}: {}",
            trouble.whole
                ? "container cannot be read, its files come from their originals"
                : "container is damaged, damaged files come from their originals",
            originals.root(),
            avoidNanos / 1_000_000_000,
            blocks.name(file.container()),
            failure.toString());
        return;
      }
    }
  }
}
