package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;
import static io.pleat.format.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Writes one container: directories and files in ascending key order, then {@link #finish()}. {@code close()} alone abandons it. A
 * refused row (IllegalArgumentException) changes nothing, and the next may follow; after an IOException nothing may. Not thread-safe.
 */
public final class ContainerWriter implements Closeable {
  /** Most entries that a container can hold. */
  public static final int MAX_ENTRIES = 1 << 20;

  /** Most directories that a container can hold, those included that are only on the way to what it holds. */
  public static final int MAX_DIRECTORIES = 1 << 22;

  /** From here on {@link #isFull} says so; what one more row can add is less than what is left. */
  private static final int FULL_DIRECTORIES = MAX_DIRECTORIES - (1 << 16);

  private static final long FULL_INDEX_LENGTH = IndexBlock.MAX_LENGTH / 2;

  private static final int BUFFER_LENGTH = 1 << 20;

  /** Payloads from this length on go to the sink as they are. */
  private static final int UNBUFFERED_LENGTH = 1 << 18;

  private static final byte[] NOTHING = {};

  private final ByteSink sink;
  private final ContainerId id;
  private final IndexBuilder index;
  private final RecordLayout.Encoder records;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer buffer = OffHeap.allocate(BUFFER_LENGTH);
  private final String[] lastNames = {"", ""};
  private final byte[][] lastNamesUtf8 = {NOTHING, NOTHING};
  private long flushed;
  private byte[] dictionary;
  private State state = State.OPEN;

  private enum State {
    OPEN,
    FAILED,
    FINISHED,
    CLOSED
  }

  private ContainerWriter(ByteSink sink, ContainerId id, int minCompressedLength) {
    this.sink = requireNonNull(sink, "sink is null");
    this.id = requireNonNull(id, "id is null");
    index = new IndexBuilder(id, minCompressedLength);
    records = new RecordLayout.Encoder(id);
  }

  /** Starts a container by writing its header. The sink stays the caller's to close. */
  public static ContainerWriter create(ByteSink sink, ContainerId id) throws IOException {
    return create(sink, id, IndexBuilder.MIN_COMPRESSED_LENGTH);
  }

  /**
   * The same.
   *
   * @param minCompressedLength sections of the index block that are shorter than this, in bytes, are stored as they are
   */
  static ContainerWriter create(ByteSink sink, ContainerId id, int minCompressedLength)
      throws IOException {
    checkArgument(sink.position() == 0, "sink already has %s bytes: %s", sink.position(), sink);
    ContainerWriter writer = new ContainerWriter(sink, id, minCompressedLength);
    byte[] header = HeaderLayout.encode(id).array();
    writer.write(header, 0, header.length);
    return writer;
  }

  /** Writes the dictionary that the payloads to come may use; at most once, before the first that does. */
  public void setDictionary(byte[] dictionary) throws IOException {
    checkOpen();
    checkState(this.dictionary == null, "dictionary is already set");
    checkArgument(
        dictionary.length > 0 && dictionary.length <= IndexBlock.MAX_DICTIONARY_LENGTH,
        "dictionary has %s bytes, allowed are 1 to %s",
        dictionary.length,
        IndexBlock.MAX_DICTIONARY_LENGTH);
    this.dictionary = dictionary.clone();
    int dictionaryCrc = Checksums.crc32c(dictionary, 0, dictionary.length);
    writeHeader(
        RecordLayout.DICTIONARY,
        0,
        0,
        NOTHING,
        RecordLayout.NO_ATTRIBUTES,
        NOTHING,
        dictionary.length,
        PayloadCodec.RAW,
        dictionary.length,
        dictionaryCrc,
        dictionaryCrc);
    write(dictionary, 0, dictionary.length);
  }

  /**
   * Has {@link #finish()} write a filter: 2.25 bytes an entry, by which a reader knows most paths that this container does not hold without
   * loading its index block. It pays in a container whose key range meets those of others.
   */
  public void addFilter() {
    checkOpen();
    index.addFilter();
  }

  /**
   * Records a directory's attributes, and returns its index in the directory table.
   *
   * @throws IllegalArgumentException if its key is not above the last one, or an earlier file is it or an ancestor of it
   */
  public int addDirectory(LogicalPath path, Attributes attributes) throws IOException {
    checkOpen();
    byte[] key = path.directoryKey();
    index.checkNext(path, key);
    checkRoom();
    byte[] etag = utf8(attributes.etag());
    int directory = index.addDirectory(key, attributes, etag);
    writeHeader(
        RecordLayout.DIRECTORY,
        directory,
        0,
        path.bytes(),
        attributes,
        etag,
        0,
        PayloadCodec.RAW,
        0,
        0,
        0);
    return directory;
  }

  /**
   * Appends a file and returns its ordinal.
   *
   * @param payload not consumed
   * @throws IllegalArgumentException if its key is not above the last one, an earlier file is an ancestor of it, or its payload needs a
   *     dictionary that was not set
   */
  public int addFile(LogicalPath path, Attributes attributes, Payload payload, boolean racy)
      throws IOException {
    checkOpen();
    checkArgument(!path.isRoot(), "the root is no file");
    checkArgument(
        payload.codec() != PayloadCodec.ZSTD_DICTIONARY || dictionary != null,
        "payload of '%s' needs a dictionary, but none is set",
        path);
    index.checkNextFile(path);
    checkRoom();
    byte[] etag = utf8(attributes.etag());
    index.enterDirectory();
    int stored = payload.stored().remaining();
    int headerLength = writeHeader(
        RecordLayout.FILE,
        index.entryCount(),
        racy ? RecordLayout.RACY : 0,
        path.bytes(),
        attributes,
        etag,
        payload.length(),
        payload.codec(),
        stored,
        payload.storedCrc32c(),
        payload.crc32c());
    int ordinal =
        index.addFile(path.bytes(), attributes, etag, headerLength, payload, position(), racy);
    write(payload.stored().duplicate());
    return ordinal;
  }

  /**
   * Appends a file whose {@code length} bytes stay where they are, and returns its ordinal.
   *
   * @throws IllegalArgumentException if its key is not above the last one, or an earlier file is an ancestor of it
   */
  public int addPassThrough(LogicalPath path, Attributes attributes, long length)
      throws IOException {
    checkOpen();
    checkArgument(!path.isRoot(), "the root is no file");
    checkArgument(
        length >= 0 && length < 1L << EntryPages.MAX_WIDTH, "impossible length: %s", length);
    index.checkNextFile(path);
    checkRoom();
    byte[] etag = utf8(attributes.etag());
    index.enterDirectory();
    int headerLength = writeHeader(
        RecordLayout.PASS_THROUGH,
        index.entryCount(),
        0,
        path.bytes(),
        attributes,
        etag,
        length,
        PayloadCodec.RAW,
        0,
        0,
        0);
    return index.addPassThrough(path.bytes(), attributes, etag, headerLength, length, position());
  }

  /** Bytes of records so far, header included. */
  public long position() {
    return flushed + buffer.position();
  }

  /** Entries so far. */
  public int entryCount() {
    return index.entryCount();
  }

  /**
   * Whether the container should be finished: it holds {@link #MAX_ENTRIES} entries, or its index block comes near a limit. While this is
   * false, the next row fits.
   */
  public boolean isFull() {
    return index.entryCount() >= MAX_ENTRIES
        || index.directoryCount() >= FULL_DIRECTORIES
        || index.sizeBound() >= FULL_INDEX_LENGTH;
  }

  /**
   * Writes index block and footer, finishes the sink and describes what was written.
   *
   * @throws IllegalStateException if it was finished or closed before, or a write had failed
   */
  public ContainerStatistics finish() throws IOException {
    checkOpen();
    long indexOffset = position();
    int entries = index.entryCount();
    int tableLength = index.writeTo(this::write, dictionary);
    byte[] footer = FooterLayout.encode(id, indexOffset, position() - indexOffset, tableLength)
        .array();
    write(footer, 0, footer.length);
    flush();
    state = State.FAILED;
    sink.finish();
    state = State.FINISHED;
    return new ContainerStatistics(
        id,
        flushed,
        (int) crc.getValue(),
        indexOffset,
        entries,
        index.passThroughs(),
        index.recordedDirectories(),
        index.payloadBytes(),
        index.storedBytes(),
        index.passThroughBytes(),
        index.table().filter(indexOffset));
  }

  private void checkOpen() {
    checkState(state == State.OPEN, "container writer is %s: %s", state, sink);
  }

  private void checkRoom() {
    if (isFull()) {
      throw new IllegalStateException("container is full: "
          + index.entryCount()
          + " entries, "
          + index.directoryCount()
          + " directories, an index block of up to "
          + index.sizeBound()
          + " bytes: "
          + sink);
    }
  }

  private int writeHeader(
      int kind,
      int ordinal,
      int flags,
      byte[] path,
      Attributes attributes,
      byte[] etag,
      long length,
      int codec,
      int storedLength,
      int storedCrc,
      int originalCrc)
      throws IOException {
    int headerLength = records.encode(
        position(),
        kind,
        ordinal,
        flags,
        path,
        attributes,
        name(attributes.owner(), 0),
        name(attributes.group(), 1),
        etag,
        length,
        codec,
        storedLength,
        storedCrc,
        originalCrc);
    write(records.array(), 0, headerLength);
    return headerLength;
  }

  /** The UTF-8 of an owner or group, which is mostly the one before. */
  private byte[] name(String name, int role) {
    if (!name.equals(lastNames[role])) {
      lastNames[role] = name;
      lastNamesUtf8[role] = utf8(name);
    }
    return lastNamesUtf8[role];
  }

  private static byte[] utf8(String text) {
    return text.isEmpty() ? NOTHING : text.getBytes(StandardCharsets.UTF_8);
  }

  private void write(byte[] bytes, int from, int length) throws IOException {
    int at = from;
    int rest = length;
    while (rest > 0) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(rest, buffer.remaining());
      buffer.put(bytes, at, count);
      at += count;
      rest -= count;
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length > buffer.remaining()) {
      flush();
    }
    if (length < UNBUFFERED_LENGTH) {
      buffer.put(bytes);
      return;
    }
    flush();
    crc.update(bytes.duplicate());
    writeToSink(bytes, length);
  }

  private void flush() throws IOException {
    buffer.flip();
    crc.update(buffer.duplicate());
    writeToSink(buffer, buffer.remaining());
    buffer.clear();
  }

  private void writeToSink(ByteBuffer bytes, int length) throws IOException {
    if (length == 0) {
      return;
    }
    State before = state;
    state = State.FAILED;
    sink.write(bytes);
    flushed += length;
    checkState(
        sink.position() == flushed && !bytes.hasRemaining(),
        "sink has %s bytes, %s were written: %s",
        sink.position(),
        flushed,
        sink);
    state = before;
  }

  /** Lets go of the buffer; a container that was not finished stays without index block and footer, hence is none. */
  @Override
  public void close() throws IOException {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      OffHeap.free(buffer);
    }
  }
}
