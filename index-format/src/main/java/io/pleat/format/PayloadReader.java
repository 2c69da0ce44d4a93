package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;
import static io.pleat.format.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns stored bytes of one container, however they were read, into original bytes: checks the stored checksum before anything decodes
 * them, and the original one afterwards. Thread-safe.
 */
public final class PayloadReader implements AutoCloseable {
  private final String source;
  private final ContainerId container;
  private final byte[] dictionary; // null if the container has none
  private final Map<Integer, PayloadCodec> codecs = new HashMap<>();
  private boolean closed;

  private PayloadReader(String source, ContainerId container, byte[] dictionary) {
    this.source = requireNonNull(source, "source is null");
    this.container = requireNonNull(container, "container is null");
    this.dictionary = dictionary;
  }

  /**
   * A reader for the payloads of the container that {@code index} describes; it does not need the index block any more.
   *
   * @param source names the container, for messages
   */
  public static PayloadReader of(IndexBlock index, String source) throws IOException {
    return new PayloadReader(source, index.container(), index.dictionary().orElse(null));
  }

  /** A reader for the payloads of a container that has no dictionary. */
  public static PayloadReader withoutDictionary(ContainerId container, String source) {
    return new PayloadReader(source, container, null);
  }

  /** A reader for the payloads of a container that has this dictionary; see {@link RecordScanner#dictionary}. */
  public static PayloadReader withDictionary(
      ContainerId container, byte[] dictionary, String source) {
    return new PayloadReader(source, container, dictionary.clone());
  }

  /**
   * The original bytes of a folded entry.
   *
   * @param stored the bytes of its extent, from position to limit; not consumed
   * @return what was given if it is stored raw (a view that shares the bytes), otherwise a buffer of its own
   * @throws IllegalArgumentException if the entry is pass-through or another container's, or {@code stored} is not as long as its extent
   * @throws CorruptDataException if a checksum does not fit, or the bytes cannot be decoded
   * @throws UnsupportedFormatException if the codec is not known, or its library is missing
   * @throws MemoryLimitException if the original bytes do not fit into memory
   */
  public ByteBuffer decode(PayloadExtent payload, ByteBuffer stored) throws IOException {
    checkArgument(payload.isFolded(), "entry %s is pass-through", payload.ordinal());
    checkArgument(
        payload.extent().container().equals(container),
        "entry of container %s, not of %s",
        payload.extent().container(),
        container);
    checkArgument(
        stored.remaining() == payload.extent().length(),
        "stored bytes are %s, expected %s",
        stored.remaining(),
        payload.extent().length());
    checkStored(payload, stored, source);
    if (payload.codec() == PayloadCodec.RAW) {
      return stored.duplicate();
    }
    ByteBuffer original;
    try {
      original =
          codec(payload.codec()).decode(payload.codec(), stored, Math.toIntExact(payload.length()));
    } catch (UnsupportedFormatException e) {
      throw e;
    } catch (MemoryLimitException e) {
      throw new MemoryLimitException(source, payload.extent().offset(), payload.length(), "-Xmx");
    } catch (IOException e) {
      CorruptDataException damage = new CorruptDataException(
          source,
          payload.extent().offset(),
          "stored bytes of entry %d do not decode (%s)",
          payload.ordinal(),
          e.getMessage());
      damage.initCause(e);
      throw damage;
    }
    if (original.remaining() != payload.length()) {
      throw new CorruptDataException(
          source,
          payload.extent().offset(),
          "entry %d decodes to %d bytes, expected %d",
          payload.ordinal(),
          original.remaining(),
          payload.length());
    }
    checkCrc("original bytes", payload, Checksums.crc32c(original), payload.crc32c(), source);
    return original;
  }

  /**
   * Checks the stored bytes of a folded entry; of one that is stored raw, they are the original ones.
   *
   * @param stored the bytes of its extent, from position to limit; not consumed
   * @param source names the container, for messages
   * @throws CorruptDataException if the checksum does not fit
   */
  public static void checkStored(PayloadExtent payload, ByteBuffer stored, Object source)
      throws CorruptDataException {
    checkCrc("stored bytes", payload, Checksums.crc32c(stored), payload.storedCrc32c(), source);
  }

  private static void checkCrc(
      String what, PayloadExtent payload, int found, int expected, Object source)
      throws CorruptDataException {
    if (found != expected) {
      throw new CorruptDataException(
          source.toString(),
          payload.extent().offset(),
          "CRC32C of %s of entry %d is %s, stored %s",
          what,
          payload.ordinal(),
          Checksums.hex(found),
          Checksums.hex(expected));
    }
  }

  private synchronized PayloadCodec codec(int id) throws IOException {
    checkState(!closed, "payload reader is closed: %s", source);
    if (id == PayloadCodec.ZSTD_DICTIONARY && dictionary == null) {
      throw new IOException("the container has no dictionary");
    }
    PayloadCodec codec = codecs.get(id);
    if (codec == null) {
      codec = PayloadCodecs.decoder(source, id, dictionary);
      codecs.put(id, codec);
    }
    return codec;
  }

  /** Lets go of the codecs' memory; later calls that need them throw IllegalStateException. */
  @Override
  public synchronized void close() {
    closed = true;
    codecs.values().forEach(PayloadCodec::close);
    codecs.clear();
  }
}
