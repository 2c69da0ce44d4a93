package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Reads one container. Thread-safe. */
public final class ContainerReader implements Closeable {
  /** Longer than any record's header. */
  public static final int MIN_READ_LENGTH = 128 << 10;

  /** What a window over a container holds. */
  public static final int MAX_READ_LENGTH = ForwardWindow.LENGTH;

  private final ByteSource source;
  private final IndexBlock index;
  private final PayloadReader payloads;

  private ContainerReader(ByteSource source, IndexBlock index) throws IOException {
    this.source = source;
    this.index = index;
    this.payloads = PayloadReader.of(index, source.toString());
  }

  /**
   * Checks header and footer and loads the index block. The source stays the caller's to close.
   *
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged or another container's
   * @throws UnsupportedFormatException if the file is of a later version or needs a feature that this reader lacks
   */
  public static ContainerReader open(ByteSource source, ContainerId expected) throws IOException {
    FooterLayout.Footer footer = FooterLayout.read(source, expected);
    ByteBuffer header = Reads.buffer(HeaderLayout.LENGTH);
    Reads.readFully(source, 0, header);
    HeaderLayout.check(header, source.toString(), expected);
    return openAt(footer, source, expected);
  }

  /**
   * The same without a look at the header of the file: all that it takes to read entries, which have checksums of their own.
   *
   * @throws CorruptDataException if footer or index block are damaged or another container's
   * @throws UnsupportedFormatException as {@link #open} does
   */
  public static ContainerReader openByFooter(ByteSource source, ContainerId expected)
      throws IOException {
    return openAt(FooterLayout.read(source, expected), source, expected);
  }

  private static ContainerReader openAt(
      FooterLayout.Footer footer, ByteSource source, ContainerId expected) throws IOException {
    return new ContainerReader(source, IndexBlock.open(source, footer.indexOffset(), expected));
  }

  /** The index block; it lives as long as this reader. */
  public IndexBlock index() {
    return index;
  }

  /** What the index block counts; the CRC32C of the whole file is only known after {@link #verify}. */
  public ContainerStatistics statistics(int crc32c) {
    SectionTable table = index.table();
    return new ContainerStatistics(
        index.container(),
        source.length(),
        crc32c,
        index.indexOffset(),
        table.entries(),
        table.passThroughs(),
        table.recordedDirectories(),
        table.payloadBytes(),
        table.storedBytes(),
        table.passThroughBytes(),
        table.filter(index.indexOffset()));
  }

  /**
   * The original bytes of a folded entry, both checksums verified.
   *
   * @throws IllegalArgumentException if the entry is pass-through or another container's
   */
  public ByteBuffer read(Entry entry) throws IOException {
    return read(entry.payload());
  }

  /**
   * The original bytes of a folded entry, both checksums verified.
   *
   * @throws IllegalArgumentException if the entry is pass-through or another container's
   */
  public ByteBuffer read(PayloadExtent payload) throws IOException {
    checkArgument(payload.isFolded(), "entry %s is pass-through", payload.ordinal());
    Extent extent = payload.extent();
    checkArgument(
        extent.container().equals(index.container()) && extent.length() <= Integer.MAX_VALUE,
        "extent %s is not one of container %s",
        extent,
        index.container());
    ByteBuffer stored = Reads.buffer((int) extent.length());
    Reads.readFully(source, extent.offset(), stored);
    return payloads.decode(payload, stored);
  }

  /**
   * Reads all of the container, from start to end in large reads, and checks every byte: header, each record against the index block,
   * payload checksums, decoding, index block, footer. Calls {@code damage} for each finding and goes on where it can. Memory is
   * bounded, whatever the container's size; an encoded payload is held whole.
   *
   * @return the CRC32C of the whole file
   * @throws IOException if the source cannot be read
   */
  public int verify(DamageListener damage) throws IOException {
    ContainerProof proof = proof(MAX_READ_LENGTH);
    boolean sound = true;
    for (int piece = 0; sound && piece < proof.pieces(); piece++) {
      sound = proof.check(piece, (ordinal, folded, length, storedLength) -> {});
    }
    OptionalInt crc = proof.crc();
    return crc.isPresent() ? crc.getAsInt() : verify(MAX_READ_LENGTH, entry -> {}, damage);
  }

  /**
   * What proves, in pieces that threads may share, that every byte is sound: quicker than {@link #verify(int, EntryListener, DamageListener)}, which says
   * what is wrong where something is.
   *
   * @param readLength bytes of a read, {@value #MIN_READ_LENGTH} to {@value #MAX_READ_LENGTH}: many where each read is a request; few on a local
   *     disk, so that they are looked at while they are in the processor's cache
   * @throws CorruptDataException if the index block contradicts itself
   */
  public ContainerProof proof(int readLength) throws IOException {
    return proof(readLength, ContainerProof.PIECE_LENGTH);
  }

  /** @param pieceLength bytes of records in a piece, about */
  ContainerProof proof(int readLength, int pieceLength) throws IOException {
    return new ContainerProof(source, index, payloads, readLength, pieceLength);
  }

  /**
   * The same, and {@code entries} sees each entry of the index block once, in order, unless the block contradicts itself there. Another thread
   * reads ahead.
   *
   * @param readLength bytes of a read, {@value #MIN_READ_LENGTH} to {@value #MAX_READ_LENGTH}: many where each read is a request; few on a local
   *     disk, so that they are summed while they are in the processor's cache
   */
  public int verify(int readLength, EntryListener entries, DamageListener damage)
      throws IOException {
    return new ContainerVerifier(source, index, payloads, true, entries, damage).run(readLength);
  }

  /**
   * Checks the header of the file and of each record, against the index block, without the payloads: of files of {@code shortestSkip}
   * stored bytes and more, nothing but the header is read. Calls {@code damage} for each finding and goes on where it can.
   *
   * @param shortestSkip in bytes: what costs as much to read as one more read
   * @throws IOException if the source cannot be read
   */
  public void verifyHeaders(int shortestSkip, DamageListener damage) throws IOException {
    verifyHeaders(shortestSkip, entry -> {}, damage);
  }

  /** The same, and {@code entries} sees each entry, as with {@link #verify(int, EntryListener, DamageListener)}. */
  public void verifyHeaders(int shortestSkip, EntryListener entries, DamageListener damage)
      throws IOException {
    new ContainerVerifier(source, index, payloads, false, entries, damage).runHeaders(shortestSkip);
  }

  /** Sees the entries of a container that is verified. */
  public interface EntryListener {
    /** @param entry as the index block has it */
    void entry(Entry entry);
  }

  /** Receives findings. */
  public interface DamageListener {
    /** @param finding what is wrong and where */
    void damaged(CorruptDataException finding);

    /**
     * The bytes of an entry cannot be had any more.
     *
     * @param finding why
     */
    default void lost(int ordinal, CorruptDataException finding) {
      damaged(finding);
    }
  }

  /** Lets go of index block and codec; the source stays open. */
  @Override
  public void close() throws IOException {
    payloads.close();
    index.close();
  }
}
