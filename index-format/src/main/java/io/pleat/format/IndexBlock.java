package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A container's index block: logical path to ordinal to entry, and listings in key order. Immutable, thread-safe, and off the heap:
 * opening it makes no object per entry. Every section's checksum is verified before anything reads it; contents that contradict
 * each other in spite of it throw CorruptDataException when they are met.
 */
public final class IndexBlock implements AutoCloseable {
  /** Longest index block, in bytes. */
  public static final int MAX_LENGTH = 1 << 30;

  /** Longest dictionary, in bytes. */
  public static final int MAX_DICTIONARY_LENGTH = 1 << 20;

  /** Most that raw deflate can inflate one byte to. */
  private static final int MAX_INFLATION = 1032;

  private final String source;
  private final ContainerId id;
  private final long indexOffset;
  private final ByteBuffer block;
  private final SectionTable table;
  private final KeyGroups entries;
  private final KeyGroups directories;
  private final HashSection hash;
  private final SectionTable.Row attributesRow;
  private final BorrowCount borrowers;
  private final Object inflating = new Object();
  private ByteBuffer inflated;
  private volatile AttributeColumns attributes;

  private IndexBlock(
      String source, ContainerId id, long indexOffset, ByteBuffer block, SectionTable table)
      throws IOException {
    this.source = source;
    this.id = id;
    this.indexOffset = indexOffset;
    this.block = block;
    this.table = table;
    checkSections();
    try {
      entries = new KeyGroups(section(SectionTable.ENTRIES), table.entries());
      directories = new KeyGroups(section(SectionTable.DIRECTORIES), table.directories());
      SectionTable.Row hashRow = table.find(SectionTable.HASH);
      hash = hashRow == null ? null : new HashSection(slice(hashRow));
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
    attributesRow = required(SectionTable.ATTRIBUTES);
    borrowers = new BorrowCount(this::free);
  }

  /**
   * Loads and checks the index block and the footer behind it, in one read.
   *
   * @param indexOffset where the index block starts, as whoever refers to the container recorded it
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged, another container's, or the index block does not start there
   * @throws UnsupportedFormatException if the file is of a later version or needs a feature that this reader lacks
   */
  public static IndexBlock open(ByteSource source, long indexOffset, ContainerId expected)
      throws IOException {
    long fileLength = source.length();
    FooterLayout.checkLength(source, fileLength);
    long tailLength = fileLength - indexOffset;
    if (indexOffset < HeaderLayout.LENGTH
        || tailLength < SectionTable.MIN_LENGTH + FooterLayout.LENGTH
        || tailLength > (long) MAX_LENGTH + FooterLayout.LENGTH) {
      throw new CorruptDataException(
          source.toString(),
          fileLength,
          "file has %d bytes, but its index block is said to start at %d",
          fileLength,
          indexOffset);
    }
    ByteBuffer tail = OffHeap.allocate((int) tailLength);
    try {
      Reads.readFully(source, indexOffset, tail);
      int footerAt = (int) tailLength - FooterLayout.LENGTH;
      FooterLayout.Footer footer = FooterLayout.check(
          Reads.slice(tail, footerAt, FooterLayout.LENGTH),
          source.toString(),
          fileLength,
          expected);
      if (footer.indexOffset() != indexOffset) {
        throw new CorruptDataException(
            source.toString(),
            indexOffset,
            "index block starts at %d, expected %d",
            footer.indexOffset(),
            indexOffset);
      }
      int tableAt = footerAt - footer.tableLength();
      SectionTable table = SectionTable.decode(
          Reads.slice(tail, tableAt, footer.tableLength()),
          source.toString(),
          expected,
          indexOffset + tableAt,
          tableAt);
      return new IndexBlock(source.toString(), expected, indexOffset, tail, table);
    } catch (IOException | RuntimeException e) {
      OffHeap.free(tail);
      throw e;
    }
  }

  /** Loads and checks the footer, and then the index block: two reads. */
  static IndexBlock open(ByteSource source, ContainerId expected) throws IOException {
    return open(source, FooterLayout.read(source, expected).indexOffset(), expected);
  }

  private void checkSections() throws IOException {
    for (SectionTable.Row row : table.rows()) {
      boolean known = row.kind() >= SectionTable.ENTRIES && row.kind() <= SectionTable.DICTIONARY
          || row.kind() == SectionTable.HASH;
      if (!known && row.kind() < SectionTable.FIRST_OPTIONAL_KIND) {
        throw new UnsupportedFormatException(
            source, "index block has a section of kind 0x%04x, which is not known", row.kind());
      }
      int crc = Checksums.bound(id, row.kind(), slice(row));
      if (crc != row.crc()) {
        throw new CorruptDataException(
            source,
            indexOffset + row.offset(),
            "CRC32C of section 0x%04x is %s, stored %s",
            row.kind(),
            Checksums.hex(crc),
            Checksums.hex(row.crc()));
      }
      if (!known) {
        continue;
      }
      boolean inPlace = row.kind() != SectionTable.ATTRIBUTES;
      boolean lengthFits = row.encoding() == SectionTable.AS_IT_IS
          ? row.length() == row.storedLength()
          : row.encoding() == SectionTable.DEFLATED
              && !inPlace
              && row.length() >= 0
              && row.length() <= Math.min(MAX_LENGTH, MAX_INFLATION * (row.storedLength() + 1));
      if (table.find(row.kind()) != row
          || !lengthFits
          || row.kind() == SectionTable.DICTIONARY && row.length() > MAX_DICTIONARY_LENGTH) {
        throw new CorruptDataException(
            source, indexOffset + row.offset(), "impossible or repeated section: %s", row);
      }
    }
  }

  private SectionTable.Row required(int kind) throws CorruptDataException {
    SectionTable.Row row = table.find(kind);
    if (row == null) {
      throw new CorruptDataException(
          source, indexOffset, "index block has no section of kind 0x%04x", kind);
    }
    return row;
  }

  private ByteBuffer section(int kind) throws CorruptDataException {
    return slice(required(kind));
  }

  private ByteBuffer slice(SectionTable.Row row) {
    return Reads.slice(block, (int) row.offset(), (int) row.storedLength());
  }

  /** Number of entries. */
  public int entryCount() {
    return table.entries();
  }

  /** Number of directories in the directory table: every directory that holds an entry, and all their ancestors. */
  public int directoryCount() {
    return table.directories();
  }

  /**
   * The ordinal of the file at {@code path} (UTF-8 bytes), or -1 if there is none. Exact.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int find(byte[] path) throws CorruptDataException {
    int cell = borrowers.enter();
    try {
      if (!isPlausible(path)) {
        return -1;
      }
      byte[] key = SortKey.ofFile(path);
      if (hash != null) {
        int found = hash.find(path, key, entries, table.entries());
        if (found != HashSection.UNDECIDED) {
          return found;
        }
      }
      int found = entries.search(key);
      return found >= 0 ? found : -1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /** Whether a path may be compared by its key: other byte strings could have the key of a legal path. */
  private static boolean isPlausible(byte[] path) {
    if (path.length == 0 || path.length > LogicalPath.MAX_LENGTH || path[0] == '/') {
      return false;
    }
    for (byte b : path) {
      if (b == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The ordinal of the first entry whose sort key is not below {@code key}; {@link #entryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int ceiling(byte[] key) throws CorruptDataException {
    int cell = borrowers.enter();
    try {
      int found = entries.search(key);
      return found >= 0 ? found : -found - 1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /**
   * The index of the directory at {@code path} in the directory table, or -1 if it is not there.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int findDirectory(byte[] path) throws CorruptDataException {
    int cell = borrowers.enter();
    try {
      if (path.length > 0 && !isPlausible(path)) {
        return -1;
      }
      int found = directories.search(SortKey.ofDirectory(path));
      return found >= 0 ? found : -1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /**
   * The index of the first directory whose sort key is not below {@code key}; {@link #directoryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int directoryCeiling(byte[] key) throws CorruptDataException {
    int cell = borrowers.enter();
    try {
      int found = directories.search(key);
      return found >= 0 ? found : -found - 1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /** The entry of an ordinal, attributes included. */
  public Entry entry(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    int cell = borrowers.enter();
    try {
      PayloadExtent payload = EntryTail.read(entries, ordinal, id, indexOffset);
      return new Entry(
          pathOf(entries, ordinal),
          ordinal,
          payload.kind(),
          payload.length(),
          payload.extent(),
          payload.codec(),
          payload.storedCrc32c(),
          payload.crc32c(),
          payload.racy(),
          attributes().get(ordinal));
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /**
   * The path of an ordinal.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public LogicalPath path(int ordinal) throws CorruptDataException {
    checkOrdinal(ordinal);
    int cell = borrowers.enter();
    try {
      return pathOf(entries, ordinal);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /**
   * What it takes to read an entry's bytes, without its path and attributes.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public PayloadExtent payload(int ordinal) throws CorruptDataException {
    checkOrdinal(ordinal);
    int cell = borrowers.enter();
    try {
      return EntryTail.read(entries, ordinal, id, indexOffset);
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  /**
   * Where the stored bytes of an entry lie, without reading its attributes.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Extent extent(int ordinal) throws CorruptDataException {
    return payload(ordinal).extent();
  }

  /** One row of the directory table. */
  public DirectoryEntry directory(int index) throws IOException {
    checkArgument(
        index >= 0 && index < table.directories(),
        "directory %s of %s",
        index,
        table.directories());
    int cell = borrowers.enter();
    try {
      DirectoryTail tail = directoryTail(index);
      int subtreeEndEntry = tail.subtreeEndIndex() == table.directories()
          ? table.entries()
          : directoryTail(tail.subtreeEndIndex()).firstEntry();
      return new DirectoryEntry(
          pathOf(directories, index),
          index,
          tail.firstEntry(),
          tail.endEntry(),
          subtreeEndEntry,
          tail.subtreeEndIndex(),
          tail.isRecorded()
              ? Optional.of(attributes().get(table.entries() + index))
              : Optional.empty());
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw damaged(e);
    } finally {
      borrowers.leave(cell);
    }
  }

  private DirectoryTail directoryTail(int index) {
    return DirectoryTail.read(directories, index, table.directories(), table.entries());
  }

  private LogicalPath pathOf(KeyGroups groups, int row) {
    byte[] key = groups.key(row);
    checkArgument(
        SortKey.isDirectory(key) == (groups == directories),
        "a file's key among the directories, or the reverse, at %s",
        row);
    byte[] path = SortKey.toPath(key);
    LogicalPath.whyIllegal(path).ifPresent(reason -> {
      throw new IllegalArgumentException(reason);
    });
    return LogicalPath.trusted(path);
  }

  private void checkOrdinal(int ordinal) {
    checkArgument(
        ordinal >= 0 && ordinal < table.entries(), "ordinal %s of %s", ordinal, table.entries());
  }

  /** Bytes held in memory, on and off the heap, once everything has been asked for. */
  public long residentBytes() {
    return block.capacity()
        + (attributesRow.encoding() == SectionTable.AS_IT_IS ? 0 : attributesRow.length())
        + BorrowCount.RESIDENT_BYTES;
  }

  /** The container that this block describes. */
  public ContainerId container() {
    return id;
  }

  /** Where the index block starts in its container, in bytes; records end there. */
  public long indexOffset() {
    return indexOffset;
  }

  /** The dictionary for payloads of codec {@link PayloadCodec#ZSTD_DICTIONARY}, if the container has one. */
  public Optional<byte[]> dictionary() {
    SectionTable.Row row = table.find(SectionTable.DICTIONARY);
    if (row == null) {
      return Optional.empty();
    }
    int cell = borrowers.enter();
    try {
      byte[] dictionary = new byte[(int) row.length()];
      slice(row).get(dictionary);
      return Optional.of(dictionary);
    } finally {
      borrowers.leave(cell);
    }
  }

  /** What the section table counts. */
  SectionTable table() {
    return table;
  }

  /** CRC32C of index block and footer as they were read. */
  int tailCrc() {
    int cell = borrowers.enter();
    try {
      return Checksums.crc32c(block);
    } finally {
      borrowers.leave(cell);
    }
  }

  private AttributeColumns attributes() throws IOException {
    AttributeColumns known = attributes;
    if (known != null) {
      return known;
    }
    synchronized (inflating) {
      if (attributes == null) {
        ByteBuffer columns = attributesRow.encoding() == SectionTable.AS_IT_IS
            ? slice(attributesRow)
            : inflate(slice(attributesRow), (int) attributesRow.length());
        attributes =
            new AttributeColumns(columns, Math.addExact(table.entries(), table.directories()));
      }
      return attributes;
    }
  }

  private ByteBuffer inflate(ByteBuffer deflated, int length) throws CorruptDataException {
    if (inflated != null) {
      return inflated; // It was inflated before, and found to contradict itself.
    }
    ByteBuffer target = OffHeap.allocate(length);
    Inflater inflater = new Inflater(true);
    boolean whole = false;
    try {
      inflater.setInput(deflated);
      while (target.hasRemaining() && inflater.inflate(target) > 0) {
        continue;
      }
      whole = !target.hasRemaining()
          && inflater.inflate(new byte[1]) == 0
          && inflater.finished()
          && inflater.getRemaining() == 0;
    } catch (DataFormatException e) {
      throw damaged(e);
    } finally {
      inflater.end();
      if (!whole) {
        OffHeap.free(target);
      }
    }
    if (!whole) {
      throw new CorruptDataException(
          source,
          indexOffset + attributesRow.offset(),
          "attributes section does not inflate to %d bytes",
          length);
    }
    inflated = target.flip();
    return inflated;
  }

  private CorruptDataException damaged(Exception cause) {
    CorruptDataException damage = new CorruptDataException(
        source, indexOffset, "index block contradicts itself (%s)", cause.getMessage());
    damage.initCause(cause);
    return damage;
  }

  private void free() {
    OffHeap.free(block);
    synchronized (inflating) {
      if (inflated != null) {
        OffHeap.free(inflated);
      }
    }
  }

  /** Lets go of the memory once the last running call has returned; later calls throw IllegalStateException. */
  @Override
  public void close() {
    borrowers.close();
  }
}
