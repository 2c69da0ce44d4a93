package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

  /** Most that zstd can inflate one byte to: a block of 128 KiB takes at least 4 bytes. */
  private static final int MAX_INFLATION = (128 << 10) / 4;

  /** Alignment of the pages in memory, in bytes: that of a cache line. */
  private static final int ALIGNMENT = 64;

  /** In a place, the low bits are the row, the others the page. */
  private static final int ROW_BITS = 6;

  /** Guards filters, too. */
  static final ReadGuard GUARD = new ReadGuard();

  private final String source;
  private final ContainerId id;
  private final long indexOffset;
  private final SectionTable table;
  private final int tailCrc;
  private final Section entries;
  private final Section longPaths;
  private final Section locator;
  private final Section directoryRows;
  private final Section attributeColumns;
  private final Section dictionary;
  private CorruptDataException filterDamage;
  private final List<ByteBuffer> owned = new ArrayList<>();
  private volatile Lookup lookup;
  private volatile KeyGroups directories;
  private volatile AttributeColumns attributes;
  private volatile boolean closed;

  private IndexBlock(
      String source, ContainerId id, long indexOffset, ByteBuffer tail, SectionTable table)
      throws IOException {
    this.source = source;
    this.id = id;
    this.indexOffset = indexOffset;
    this.table = table;
    tailCrc = Checksums.crc32c(tail);
    checkRows();
    try {
      entries = load(SectionTable.ENTRIES, tail, EntryPages.SLACK, true);
      longPaths = load(SectionTable.LONG_PATHS, tail, 0, true);
      locator = load(SectionTable.LOCATOR, tail, PageLocator.SLACK, true);
      directoryRows = load(SectionTable.DIRECTORIES, tail, 0, false);
      attributeColumns = load(SectionTable.ATTRIBUTES, tail, 0, false);
      dictionary = load(SectionTable.DICTIONARY, tail, 0, false);
      for (SectionTable.Row row : table.rows()) {
        if (!isKnown(row.kind())) {
          checkUnused(row, Reads.slice(tail, (int) row.offset(), (int) row.storedLength()));
        }
      }
      lookup();
    } catch (IOException | RuntimeException e) {
      free();
      throw e;
    }
  }

  /**
   * Loads and checks the index block and the footer behind it, in one read.
   *
   * @param indexOffset where the index block starts, as whoever refers to the container recorded it
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged, another container's, or the index block does not start there
   * @throws UnsupportedFormatException if the file is of another version, or needs a feature or a library that is missing
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
    } finally {
      OffHeap.free(tail);
    }
  }

  /** Loads and checks the footer, and then the index block: two reads. */
  static IndexBlock open(ByteSource source, ContainerId expected) throws IOException {
    return open(source, FooterLayout.read(source, expected).indexOffset(), expected);
  }

  /** Refuses sections that this reader may not ignore, and rows that cannot be. */
  private void checkRows() throws IOException {
    for (SectionTable.Row row : table.rows()) {
      if (!isKnown(row.kind())) {
        if (row.kind() < SectionTable.FIRST_OPTIONAL_KIND) {
          throw new UnsupportedFormatException(
              source, "index block has a section of kind 0x%04x, which is not known", row.kind());
        }
        continue;
      }
      boolean lengthFits = row.encoding() == SectionTable.AS_IT_IS
          ? row.length() == row.storedLength()
          : row.encoding() == SectionTable.ZSTD
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

  private static boolean isKnown(int kind) {
    return kind >= SectionTable.ENTRIES && kind <= SectionTable.LONG_PATHS
        || kind == SectionTable.LOCATOR;
  }

  /** Nothing here needs a filter, so a damaged one costs nobody the block. */
  private void checkUnused(SectionTable.Row row, ByteBuffer stored) throws CorruptDataException {
    try {
      checkCrc(row, stored);
    } catch (CorruptDataException e) {
      if (row.kind() != SectionTable.FILTER) {
        throw e;
      }
      filterDamage = e;
    }
  }

  /** What is wrong with the filter section, if anything is. */
  Optional<CorruptDataException> filterDamage() {
    return Optional.ofNullable(filterDamage);
  }

  private void checkCrc(SectionTable.Row row, ByteBuffer stored) throws CorruptDataException {
    int crc = Checksums.bound(id, row.kind(), stored);
    if (crc != row.crc()) {
      throw new CorruptDataException(
          source,
          indexOffset + row.offset(),
          "CRC32C of section 0x%04x is %s, stored %s",
          row.kind(),
          Checksums.hex(crc),
          Checksums.hex(row.crc()));
    }
  }

  /** A section's bytes off the heap: as they are stored, or, once they have been asked for, inflated. */
  private final class Section {
    private final SectionTable.Row row;
    private final ByteBuffer stored;
    private final int slack;
    private volatile ByteBuffer ready;

    Section(SectionTable.Row row, ByteBuffer stored, int slack) {
      this.row = row;
      this.stored = stored;
      this.slack = slack;
    }

    /** The section and {@code slack} bytes more; never changed. */
    ByteBuffer bytes() throws IOException {
      ByteBuffer known = ready;
      if (known == null) {
        synchronized (this) {
          if (ready == null) {
            ready = row.encoding() == SectionTable.AS_IT_IS ? stored : inflate(row, stored, slack);
          }
          known = ready;
        }
      }
      return known;
    }
  }

  /** Checks a section's checksum and copies it off; inflates it at once if it is {@code hot}. Null if it is not there. */
  private Section load(int kind, ByteBuffer tail, int slack, boolean hot) throws IOException {
    SectionTable.Row row = table.find(kind);
    if (row == null) {
      if (kind == SectionTable.ENTRIES
          || kind == SectionTable.DIRECTORIES
          || kind == SectionTable.ATTRIBUTES) {
        throw new CorruptDataException(
            source, indexOffset, "index block has no section of kind 0x%04x", kind);
      }
      return null;
    }
    ByteBuffer stored = Reads.slice(tail, (int) row.offset(), (int) row.storedLength());
    checkCrc(row, stored);
    if (hot && row.encoding() != SectionTable.AS_IT_IS) {
      Section section = new Section(row, null, slack);
      section.ready = inflate(row, stored, slack);
      return section;
    }
    ByteBuffer copy = own((int) row.storedLength() + slack);
    copy.put(0, stored, 0, (int) row.storedLength());
    return new Section(row, copy, slack);
  }

  private ByteBuffer inflate(SectionTable.Row row, ByteBuffer stored, int slack)
      throws IOException {
    BulkCodec codec = PayloadCodecs.bulk(source);
    ByteBuffer target = own((int) row.length() + slack);
    try {
      codec.decode(stored, target.duplicate().limit((int) row.length()));
    } catch (IOException e) {
      throw damaged(e);
    }
    return target;
  }

  /** Memory off the heap that is freed with this block, aligned to cache lines. */
  private ByteBuffer own(int length) {
    ByteBuffer memory = OffHeap.allocate(length + ALIGNMENT);
    synchronized (owned) {
      owned.add(memory);
    }
    int at = (ALIGNMENT - memory.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
    return Reads.slice(memory, at, length);
  }

  private record Lookup(EntryPages pages, PageLocator locator) {}

  private Lookup lookup() throws IOException {
    Lookup known = lookup;
    if (known == null) {
      try {
        ByteBuffer paths = longPaths == null ? ByteBuffer.allocate(0) : longPaths.bytes();
        known = new Lookup(
            new EntryPages(entries.bytes(), paths, table.entries()),
            locator == null ? null : new PageLocator(locator.bytes()));
      } catch (IndexOutOfBoundsException e) {
        throw damaged(e);
      }
      lookup = known;
    }
    return known;
  }

  private KeyGroups directories() throws IOException {
    KeyGroups known = directories;
    if (known == null) {
      known = new KeyGroups(directoryRows.bytes(), table.directories());
      directories = known;
    }
    return known;
  }

  private AttributeColumns attributes() throws IOException {
    AttributeColumns known = attributes;
    if (known == null) {
      known = new AttributeColumns(
          attributeColumns.bytes(), Math.addExact(table.entries(), table.directories()));
      attributes = known;
    }
    return known;
  }

  /** Enters the memory; pair it with {@link ReadGuard#leave}. */
  private int enter() {
    int cell = GUARD.enter();
    if (closed) {
      GUARD.leave(cell);
      throw new IllegalStateException("index block is closed");
    }
    return cell;
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
  public int find(byte[] path) throws IOException {
    int cell = enter();
    try {
      Lookup now = lookup();
      long place = place(now, path, PathHash.of(path));
      return place < 0 ? -1 : now.pages.firstOrdinal((int) (place >>> ROW_BITS)) + row(place);
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * What it takes to read the file at {@code path} (UTF-8 bytes), if there is one: quicker than {@link #find} and {@link #payload}. Exact.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Optional<PayloadExtent> locate(byte[] path) throws IOException {
    return locate(path, PathHash.of(path));
  }

  /**
   * The same of a path that is looked up in several index blocks, and hashed once for all.
   *
   * @param hash the path's {@link PathHash}
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Optional<PayloadExtent> locate(LogicalPath path, long hash) throws IOException {
    return locate(path.bytes(), hash);
  }

  private Optional<PayloadExtent> locate(byte[] path, long hash) throws IOException {
    int cell = enter();
    try {
      Lookup now = lookup();
      long place = place(now, path, hash);
      return place < 0
          ? Optional.empty()
          : Optional.of(now.pages.extent((int) (place >>> ROW_BITS), row(place), id, indexOffset));
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /** Page and row of a path; -1 if it is not there. */
  private static long place(Lookup lookup, byte[] path, long hash) {
    EntryPages pages = lookup.pages;
    if (lookup.locator != null) {
      int page = lookup.locator.page(hash);
      int row = page < pages.pageCount() ? pages.findRow(page, path) : -1;
      if (row >= 0) {
        return (long) page << ROW_BITS | row;
      }
      if (lookup.locator.isComplete()) {
        return -1;
      }
    }
    if (pages.pageCount() == 0 || !LogicalPath.hasOwnKey(path)) {
      return -1;
    }
    int found = pages.search(SortKey.ofFile(path));
    if (found < 0) {
      return -1;
    }
    int page = pages.pageOf(found);
    return (long) page << ROW_BITS | found - pages.firstOrdinal(page);
  }

  private static int row(long place) {
    return (int) place & (1 << ROW_BITS) - 1;
  }

  /**
   * The ordinal of the first entry whose sort key is not below {@code key}; {@link #entryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int ceiling(byte[] key) throws IOException {
    int cell = enter();
    try {
      int found = lookup().pages.search(key);
      return found >= 0 ? found : -found - 1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * The index of the directory at {@code path} in the directory table, or -1 if it is not there.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int findDirectory(byte[] path) throws IOException {
    int cell = enter();
    try {
      if (path.length > 0 && !LogicalPath.hasOwnKey(path)) {
        return -1;
      }
      int found = directories().search(SortKey.ofDirectory(path));
      return found >= 0 ? found : -1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * The index of the first directory whose sort key is not below {@code key}; {@link #directoryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int directoryCeiling(byte[] key) throws IOException {
    int cell = enter();
    try {
      int found = directories().search(key);
      return found >= 0 ? found : -found - 1;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /** The entry of an ordinal, attributes included. */
  public Entry entry(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    return entries(ordinal, ordinal + 1).get(0);
  }

  /** The entries of the ordinals from {@code from} (inclusive) to {@code to} (exclusive), in order; much quicker than one by one. */
  public List<Entry> entries(int from, int to) throws IOException {
    checkArgument(
        from >= 0 && from <= to && to <= table.entries(),
        "ordinals %s to %s of %s",
        from,
        to,
        table.entries());
    if (from == to) {
      return List.of();
    }
    int cell = enter();
    try {
      EntryPages pages = lookup().pages;
      AttributeColumns columns = attributes();
      EntryPages.RowCursor cursor = pages.cursor(from);
      List<Entry> result = new ArrayList<>(to - from);
      for (int ordinal = from; ordinal < to; ordinal++) {
        cursor.next();
        PayloadExtent payload = pages.extent(cursor.page(), cursor.row(), id, indexOffset);
        checkArgument(payload.ordinal() == ordinal, "ordinal %s out of order", ordinal);
        result.add(new Entry(
            legal(cursor.path()),
            ordinal,
            payload.kind(),
            payload.length(),
            payload.extent(),
            payload.codec(),
            payload.storedCrc32c(),
            payload.crc32c(),
            payload.racy(),
            columns.get(ordinal)));
      }
      return result;
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * The path of an ordinal.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public LogicalPath path(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    int cell = enter();
    try {
      EntryPages.RowCursor cursor = lookup().pages.cursor(ordinal);
      cursor.next();
      return legal(cursor.path());
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * What it takes to read an entry's bytes, without its path and attributes.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public PayloadExtent payload(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    int cell = enter();
    try {
      EntryPages pages = lookup().pages;
      int page = pages.pageOf(ordinal);
      return pages.extent(page, ordinal - pages.firstOrdinal(page), id, indexOffset);
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  /**
   * Where the stored bytes of an entry lie, without reading its attributes.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Extent extent(int ordinal) throws IOException {
    return payload(ordinal).extent();
  }

  /** One row of the directory table. */
  public DirectoryEntry directory(int index) throws IOException {
    checkArgument(
        index >= 0 && index < table.directories(),
        "directory %s of %s",
        index,
        table.directories());
    int cell = enter();
    try {
      DirectoryTail tail = directoryTail(index);
      int subtreeEndEntry = tail.subtreeEndIndex() == table.directories()
          ? table.entries()
          : directoryTail(tail.subtreeEndIndex()).firstEntry();
      return new DirectoryEntry(
          directoryPath(index),
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
      GUARD.leave(cell);
    }
  }

  private DirectoryTail directoryTail(int index) throws IOException {
    return DirectoryTail.read(directories(), index, table.directories(), table.entries());
  }

  private LogicalPath directoryPath(int index) throws IOException {
    byte[] key = directories().key(index);
    checkArgument(
        SortKey.isDirectory(key), "the key of a file among those of the directories, at %s", index);
    return legal(SortKey.toPath(key));
  }

  private static LogicalPath legal(byte[] path) {
    LogicalPath.whyIllegal(path).ifPresent(reason -> {
      throw new IllegalArgumentException(reason);
    });
    return LogicalPath.trusted(path);
  }

  private void checkOrdinal(int ordinal) {
    checkArgument(
        ordinal >= 0 && ordinal < table.entries(), "ordinal %s of %s", ordinal, table.entries());
  }

  /** Bytes held in memory once everything has been asked for. */
  public long residentBytes() {
    long inflatedLater = 0;
    for (Section cold : List.of(directoryRows, attributeColumns)) {
      inflatedLater += cold.row.encoding() == SectionTable.AS_IT_IS || cold.ready != null
          ? 0
          : cold.row.length();
    }
    return inflatedLater + heldBytes();
  }

  /** Bytes held in memory now. */
  long heldBytes() {
    synchronized (owned) {
      return owned.stream().mapToLong(ByteBuffer::capacity).sum();
    }
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
  public Optional<byte[]> dictionary() throws IOException {
    if (dictionary == null) {
      return Optional.empty();
    }
    int cell = enter();
    try {
      byte[] bytes = new byte[(int) dictionary.row.length()];
      dictionary.bytes().get(0, bytes);
      return Optional.of(bytes);
    } finally {
      GUARD.leave(cell);
    }
  }

  /** What the section table counts. */
  SectionTable table() {
    return table;
  }

  /** CRC32C of index block and footer as they were read. */
  int tailCrc() {
    return tailCrc;
  }

  private CorruptDataException damaged(Exception cause) {
    CorruptDataException damage = new CorruptDataException(
        source, indexOffset, "index block contradicts itself (%s)", cause.getMessage());
    damage.initCause(cause);
    return damage;
  }

  private void free() {
    synchronized (owned) {
      owned.forEach(OffHeap::free);
      owned.clear();
    }
  }

  /** Lets go of the memory once the last running call has returned; later calls throw IllegalStateException. */
  @Override
  public void close() {
    synchronized (owned) {
      if (closed) {
        return;
      }
      closed = true;
    }
    GUARD.retire(this::free);
  }
}
