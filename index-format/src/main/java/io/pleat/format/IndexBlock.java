package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A container's index block: logical path to ordinal to entry, and listings in key order. Immutable, thread-safe, and off the heap:
 * opening it makes no object per entry. Every byte's checksum is verified before anything reads it; contents that contradict
 * each other in spite of it throw CorruptDataException when they are met.
 */
public final class IndexBlock implements AutoCloseable {
  /** Longest index block, in bytes. */
  public static final int MAX_LENGTH = 1 << 30;

  /** Longest dictionary, in bytes. */
  public static final int MAX_DICTIONARY_LENGTH = 1 << 20;

  /** Least bytes of a row of the directory table. */
  private static final int MIN_DIRECTORY_LENGTH =
      KeyGroups.MIN_NAME_LENGTH + DirectoryTail.MIN_LENGTH;

  /** Alignment of the pages in memory, in bytes: that of a cache line. */
  private static final int ALIGNMENT = 64;

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
  private final Spare spare;
  private final Runnable release;
  private CorruptDataException filterDamage;
  private final List<ByteBuffer> owned = new ArrayList<>();
  private IndexBlock standIn;
  private volatile PathLookup lookup;
  private volatile KeyGroups directories;
  private volatile AttributeColumns attributes;
  private volatile boolean closed;

  /** Where the sections come from and who frees what. */
  private IndexBlock(
      String source,
      ContainerId id,
      long indexOffset,
      SectionTable table,
      int tailCrc,
      Spare spare,
      Runnable release)
      throws IOException {
    this.source = source;
    this.id = id;
    this.indexOffset = indexOffset;
    this.table = table;
    this.tailCrc = tailCrc;
    this.spare = spare;
    this.release = release;
    checkRows();
    entries = section(SectionTable.ENTRIES, EntryPages.SLACK);
    longPaths = section(SectionTable.LONG_PATHS, 0);
    locator = section(SectionTable.LOCATOR, PageLocator.SLACK);
    directoryRows = section(SectionTable.DIRECTORIES, 0);
    attributeColumns = section(SectionTable.ATTRIBUTES, 0);
    dictionary = section(SectionTable.DICTIONARY, 0);
  }

  /**
   * Loads and checks the index block and the footer behind it, in one read.
   *
   * @param indexOffset where the index block starts, as whoever refers to the container recorded it
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged, another container's, or the index block does not start there
   * @throws UnsupportedFormatException if the file is of another version, or needs a feature or a library that is missing
   * @throws MemoryLimitException if it does not fit into memory
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
      String name = source.toString();
      SectionTable table = checkTail(tail, name, indexOffset, expected);
      IndexBlock block = new IndexBlock(
          name, expected, indexOffset, table, Checksums.crc32c(tail), Spare.NONE, () -> {});
      try {
        block.load(tail);
      } catch (IOException | RuntimeException e) {
        block.free();
        throw e;
      }
      return block;
    } finally {
      OffHeap.free(tail);
    }
  }

  /** Who answers what a block that is used in place cannot, as a part of it turns out to be damaged. */
  public interface Spare {
    /** Fails with the damage that was found. */
    Spare NONE = damage -> {
      throw damage;
    };

    /**
     * The same container's index block from elsewhere; it is closed with the block that asked.
     *
     * @param damage what was found
     */
    IndexBlock open(CorruptDataException damage) throws IOException;
  }

  /**
   * Uses an index block and the footer behind it in place, as an {@link IndexPack} holds them: only footer and section table are looked at now. A piece of a section
   * is checked when something first needs it; a compressed section is checked and inflated then, once however many need it.
   *
   * @param tail index block and footer; direct or mapped, never changed until {@code release} runs. What is to ask before any of it is read is asked
   * @param source how to name it in messages
   * @param indexOffset where the index block starts in its container
   * @param expected the container's id
   * @param spare takes over where something turns out to be damaged
   * @param release run once, after {@link #close()}, when the last running call has returned; not run if this throws
   * @throws CorruptDataException if footer or section table are damaged or another container's
   * @throws UnsupportedFormatException if it is of another version or needs a feature that is missing
   */
  static IndexBlock map(
      MemoryRange tail,
      String source,
      long indexOffset,
      ContainerId expected,
      Spare spare,
      Runnable release)
      throws IOException {
    SectionTable table = checkTail(tail.slice(), source, indexOffset, expected);
    IndexBlock block = new IndexBlock(source, expected, indexOffset, table, 0, spare, release);
    for (Section section : block.sections()) {
      int length = (int) section.row.storedLength() + section.slack;
      section.stored = tail.part((int) section.row.offset(), length);
    }
    return block;
  }

  /** Checks footer and section table of an index block and footer that fill {@code tail}. */
  static SectionTable checkTail(
      ByteBuffer tail, String source, long indexOffset, ContainerId expected) throws IOException {
    long fileLength = Math.addExact(indexOffset, (long) tail.limit());
    int footerAt = tail.limit() - FooterLayout.LENGTH;
    if (footerAt < SectionTable.MIN_LENGTH) {
      throw new CorruptDataException(
          source, indexOffset, "index block and footer have %d bytes", tail.limit());
    }
    FooterLayout.Footer footer = FooterLayout.check(
        Reads.slice(tail, footerAt, FooterLayout.LENGTH), source, fileLength, expected);
    if (footer.indexOffset() != indexOffset) {
      throw new CorruptDataException(
          source,
          indexOffset,
          "index block starts at %d, expected %d",
          footer.indexOffset(),
          indexOffset);
    }
    int tableAt = footerAt - footer.tableLength();
    return SectionTable.decode(
        Reads.slice(tail, tableAt, footer.tableLength()),
        source,
        expected,
        indexOffset + tableAt,
        tableAt);
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
      if (table.find(row.kind()) != row
          || !SectionDecoder.isPossible(row, table.entries())
          || row.kind() == SectionTable.DICTIONARY && row.length() > MAX_DICTIONARY_LENGTH
          || row.kind() == SectionTable.DIRECTORIES
              && row.length() / MIN_DIRECTORY_LENGTH < table.directories()) {
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
  private void checkUnused(SectionTable.Row row, ByteBuffer stored) throws IOException {
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

  private void checkCrc(SectionTable.Row row, ByteBuffer stored) throws IOException {
    checkCrc(id, row, stored, source, indexOffset);
  }

  /** Checks the checksum of a section that fills {@code stored}. */
  static void checkCrc(
      ContainerId id, SectionTable.Row row, ByteBuffer stored, String source, long indexOffset)
      throws IOException {
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

  /** A section's bytes off the heap: as they are stored, or, once they have been asked for, checked and inflated. */
  private final class Section {
    private final SectionTable.Row row;
    private final int slack;

    /** The stored bytes and {@link #slack} bytes more; null once they are not needed. */
    private MemoryRange stored;

    private boolean checked;
    private volatile MemoryRange ready;

    Section(SectionTable.Row row, int slack) {
      this.row = row;
      this.slack = slack;
    }

    boolean isAsItIs() {
      return row.encoding() == SectionTable.AS_IT_IS;
    }

    /** The section and {@code slack} bytes more, proven; never changed. */
    ByteBuffer bytes() throws IOException {
      MemoryRange memory = memory();
      memory.prove(0, memory.length() - slack);
      return memory.slice();
    }

    /** Where these are; who reads them has them proven before. */
    MemoryRange memory() throws IOException {
      MemoryRange known = ready;
      if (known == null) {
        synchronized (this) {
          if (ready == null) {
            ready = prepare();
          }
          known = ready;
        }
      }
      return known;
    }

    private MemoryRange prepare() throws IOException {
      if (isAsItIs() && stored.checks() != null) {
        return stored;
      }
      try {
        ByteBuffer exactly = stored.part(0, (int) row.storedLength()).slice();
        if (!checked) {
          checkCrc(row, exactly);
          checked = true;
        }
        return isAsItIs() ? stored : inflate(row, exactly, own((int) row.length() + slack));
      } catch (CorruptDataException e) {
        throw new DamagedPartException(e);
      }
    }
  }

  /** The index block that answers where this one is damaged. */
  IndexBlock standIn(CorruptDataException damage) throws IOException {
    synchronized (owned) {
      if (standIn == null) {
        standIn = spare.open(damage);
      }
      return standIn;
    }
  }

  private Section section(int kind, int slack) throws CorruptDataException {
    SectionTable.Row row = table.find(kind);
    if (row != null) {
      return new Section(row, slack);
    }
    if (kind == SectionTable.ENTRIES
        || kind == SectionTable.DIRECTORIES
        || kind == SectionTable.ATTRIBUTES) {
      throw new CorruptDataException(
          source, indexOffset, "index block has no section of kind 0x%04x", kind);
    }
    return null;
  }

  /** The sections that are there. */
  private List<Section> sections() {
    return Stream.of(entries, longPaths, locator, directoryRows, attributeColumns, dictionary)
        .filter(Objects::nonNull)
        .toList();
  }

  private Section find(int kind) {
    for (Section section : sections()) {
      if (section.row.kind() == kind) {
        return section;
      }
    }
    return null;
  }

  /** Checks all sections of {@code tail} and copies them off; inflates those that lookups need. */
  private void load(ByteBuffer tail) throws IOException {
    for (SectionTable.Row row : table.rows()) {
      Section section = find(row.kind());
      if (section == null) {
        checkUnused(row, stored(row, tail));
      } else {
        checkCrc(row, stored(row, tail));
        section.checked = true;
      }
    }
    int locatorAt = aligned((int) entries.row.length() + entries.slack);
    long together = (long) locatorAt + (locator == null ? 0 : locator.row.length() + locator.slack);
    if (locator != null && together <= MAX_LENGTH) {
      MemoryRange memory = own((int) together);
      place(entries, tail, memory.part(0, (int) entries.row.length() + entries.slack));
      place(locator, tail, memory.part(locatorAt, (int) together - locatorAt));
    } else {
      place(entries, tail, own((int) entries.row.length() + entries.slack));
      if (locator != null) {
        place(locator, tail, own((int) locator.row.length() + locator.slack));
      }
    }
    if (longPaths != null) {
      place(longPaths, tail, own((int) longPaths.row.length() + longPaths.slack));
    }
    for (Section section : sections()) {
      if (section.ready == null) {
        section.stored = own((int) section.row.storedLength() + section.slack);
        copy(stored(section.row, tail), section.stored);
      }
    }
    lookup();
  }

  private static ByteBuffer stored(SectionTable.Row row, ByteBuffer tail) {
    return Reads.slice(tail, (int) row.offset(), (int) row.storedLength());
  }

  /** Makes a checked section ready in {@code target}, which is as long as it is with its slack. */
  private void place(Section section, ByteBuffer tail, MemoryRange target) throws IOException {
    ByteBuffer stored = stored(section.row, tail);
    if (section.isAsItIs()) {
      copy(stored, target);
      section.ready = target;
    } else {
      section.ready = inflate(section.row, stored, target);
    }
  }

  private static void copy(ByteBuffer stored, MemoryRange target) {
    target.memory().put(target.at(), stored, 0, stored.limit());
  }

  private MemoryRange inflate(SectionTable.Row row, ByteBuffer stored, MemoryRange target)
      throws IOException {
    try {
      ByteBuffer exactly = target.part(0, (int) row.length()).slice();
      SectionDecoder.decode(row, table.entries(), stored, exactly, source);
    } catch (UnsupportedFormatException | MemoryLimitException e) {
      throw e;
    } catch (IOException | IndexOutOfBoundsException e) {
      throw damaged(e);
    }
    return target;
  }

  private static int aligned(int length) {
    return length + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** Memory off the heap that is freed with this block, aligned to cache lines. */
  private MemoryRange own(int length) throws MemoryLimitException {
    ByteBuffer memory;
    try {
      memory = OffHeap.allocate(length + ALIGNMENT);
    } catch (OutOfMemoryError e) {
      throw new MemoryLimitException(source, indexOffset, length, "-XX:MaxDirectMemorySize");
    }
    synchronized (owned) {
      owned.add(memory);
    }
    int at = (ALIGNMENT - memory.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
    return new MemoryRange(memory, at, length);
  }

  /**
   * The lookups by path alone, with all that they need in one object. Good until this is closed.
   *
   * @throws CorruptDataException if a section that they need is damaged, or contradicts itself
   * @throws IllegalStateException if this was closed before anything was looked up
   */
  public PathLookup lookups() throws IOException {
    PathLookup known = lookup;
    if (known != null) {
      return known;
    }
    int cell = enter();
    try {
      return lookup();
    } catch (DamagedPartException e) {
      return standIn(e.damage()).lookups();
    } finally {
      GUARD.leave(cell);
    }
  }

  private PathLookup lookup() throws IOException {
    PathLookup known = lookup;
    if (known != null) {
      return known;
    }
    try {
      ByteBuffer paths = longPaths == null ? ByteBuffer.allocate(0) : longPaths.bytes();
      MemoryRange pages = entries.memory();
      MemoryRange slots = locator == null ? null : locator.memory();
      synchronized (owned) { // so that close() finds every one that it has to close
        if (closed) {
          throw new IllegalStateException("index block is closed");
        }
        if (lookup == null) {
          lookup = new PathLookup(this, pages, paths, slots);
        }
        return lookup;
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
  }

  private KeyGroups directories() throws IOException {
    KeyGroups known = directories;
    if (known == null) {
      known = new KeyGroups(directoryRows.memory(), table.directories());
      directories = known;
    }
    return known;
  }

  private AttributeColumns attributes() throws IOException {
    AttributeColumns known = attributes;
    if (known == null) {
      known = new AttributeColumns(
          attributeColumns.memory(), Math.addExact(table.entries(), table.directories()));
      attributes = known;
    }
    return known;
  }

  /** What a walk over all of it needs at once. */
  record Parts(PathLookup entries, AttributeColumns attributes, KeyGroups directories) {}

  /** The parts of a block whose sections were all checked when it was opened; to be read only between {@link #enter} and {@link ReadGuard#leave}. */
  Parts parts() throws IOException {
    return new Parts(lookup(), attributes(), directories());
  }

  /** Enters the memory; pair it with {@link ReadGuard#leave}. */
  int enter() {
    int cell = GUARD.enter();
    if (closed) {
      GUARD.leave(cell);
      throw new IllegalStateException("index block is closed");
    }
    return cell;
  }

  /** One answer of an index block that is open. */
  private interface Question<T> {
    T to(IndexBlock block) throws IOException;
  }

  /** What this block answers, or, if it is damaged there, its stand-in. */
  private <T> T ask(Question<T> question) throws IOException {
    int cell = enter();
    try {
      return question.to(this);
    } catch (DamagedPartException e) {
      return standIn(e.damage()).ask(question);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
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
    return lookups().find(path, PathHash.of(path));
  }

  /**
   * What it takes to read the file at {@code path} (UTF-8 bytes), if there is one: quicker than {@link #find} and {@link #payload}. Exact.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Optional<PayloadExtent> locate(byte[] path) throws IOException {
    return lookups().locate(path, PathHash.of(path));
  }

  /**
   * The same of a path that is looked up in several index blocks, and hashed once for all.
   *
   * @param hash the path's {@link PathHash}
   * @throws CorruptDataException if the index block contradicts itself
   */
  public Optional<PayloadExtent> locate(LogicalPath path, long hash) throws IOException {
    return lookups().locate(path, hash);
  }

  /**
   * The ordinal of the first entry whose sort key is not below {@code key}; {@link #entryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int ceiling(byte[] key) throws IOException {
    return ask(block -> {
      int found = block.lookup().search(key);
      return found >= 0 ? found : -found - 1;
    });
  }

  /**
   * The index of the directory at {@code path} in the directory table, or -1 if it is not there.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int findDirectory(byte[] path) throws IOException {
    if (path.length > 0 && !LogicalPath.hasOwnKey(path)) {
      return -1;
    }
    return ask(block -> Math.max(-1, block.directories().search(SortKey.ofDirectory(path))));
  }

  /**
   * The index of the first directory whose sort key is not below {@code key}; {@link #directoryCount()} if there is none.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public int directoryCeiling(byte[] key) throws IOException {
    return ask(block -> {
      int found = block.directories().search(key);
      return found >= 0 ? found : -found - 1;
    });
  }

  /** The entry of an ordinal, attributes included. */
  public Entry entry(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    return ask(block -> block.entryHere(ordinal));
  }

  /** The entries of the ordinals from {@code from} (inclusive) to {@code to} (exclusive), in order; much quicker than one by one. */
  public List<Entry> entries(int from, int to) throws IOException {
    checkArgument(
        from >= 0 && from <= to && to <= table.entries(),
        "ordinals %s to %s of %s",
        from,
        to,
        table.entries());
    return from == to ? List.of() : ask(block -> block.entriesHere(from, to));
  }

  private Entry entryHere(int ordinal) throws IOException {
    EntryPages pages = lookup();
    EntryPages.RowCursor cursor = pages.cursor(ordinal);
    cursor.next();
    PayloadExtent payload = pages.extent(cursor.page(), cursor.row(), id, indexOffset);
    return entry(ordinal, cursor, payload, attributes().get(ordinal));
  }

  private static Entry entry(
      int ordinal, EntryPages.RowCursor cursor, PayloadExtent payload, Attributes attributes) {
    checkArgument(payload.ordinal() == ordinal, "ordinals are out of order");
    return new Entry(
        legalFile(cursor.path()),
        ordinal,
        payload.kind(),
        payload.length(),
        payload.extent(),
        payload.codec(),
        payload.storedCrc32c(),
        payload.crc32c(),
        payload.racy(),
        attributes);
  }

  private List<Entry> entriesHere(int from, int to) throws IOException {
    EntryPages.RowCursor cursor = lookup().cursor(from);
    AttributeColumns.Rows rows = attributes().rows(from, to);
    List<Entry> result = new ArrayList<>(to - from);
    for (int ordinal = from; ordinal < to; ordinal++) {
      cursor.next();
      result.add(entry(ordinal, cursor, cursor.extent(id, indexOffset), rows.get(ordinal)));
    }
    return result;
  }

  /** What is done with each entry of a scan. */
  public interface EntryVisitor {
    void visit(EntryRow row) throws IOException;
  }

  /**
   * Visits the entries of the ordinals from {@code from} (inclusive) to {@code to} (exclusive), in order: the quickest way to see
   * many, without their attributes. The visitor must not wait for anything.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public void scan(int from, int to, EntryVisitor visitor) throws IOException {
    checkArgument(
        from >= 0 && from <= to && to <= table.entries(),
        "ordinals %s to %s of %s",
        from,
        to,
        table.entries());
    if (from == to) {
      return;
    }
    IndexBlock proven = ask(block -> {
      block.lookup().proveAll(from, to);
      return block;
    });
    proven.scanHere(from, to, visitor);
  }

  private void scanHere(int from, int to, EntryVisitor visitor) throws IOException {
    int cell = enter();
    try {
      ScannedRow row = new ScannedRow(lookup(), from);
      for (int ordinal = from; ordinal < to; ordinal++) {
        row.next(ordinal);
        visitor.visit(row);
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    } finally {
      GUARD.leave(cell);
    }
  }

  private final class ScannedRow implements EntryRow {
    private final EntryPages.RowCursor cursor;
    private int ordinal;

    ScannedRow(EntryPages pages, int from) {
      this.cursor = pages.cursor(from);
    }

    void next(int following) {
      cursor.next();
      ordinal = following;
    }

    @Override
    public int ordinal() {
      return ordinal;
    }

    @Override
    public LogicalPath path() {
      byte[] path = cursor.path();
      if (path.length == 0 || LogicalPath.whyIllegal(path).isPresent()) {
        throw new IndexOutOfBoundsException("the path of entry " + ordinal + " is illegal");
      }
      return LogicalPath.trusted(path);
    }

    @Override
    public PayloadExtent payload() {
      PayloadExtent payload = cursor.extent(id, indexOffset);
      if (payload.ordinal() != ordinal) {
        throw new IndexOutOfBoundsException("ordinal " + ordinal + " is out of order");
      }
      return payload;
    }
  }

  /**
   * The path of an ordinal.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public LogicalPath path(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    return ask(block -> {
      EntryPages.RowCursor cursor = block.lookup().cursor(ordinal);
      cursor.next();
      return legalFile(cursor.path());
    });
  }

  /**
   * What it takes to read an entry's bytes, without its path and attributes.
   *
   * @throws CorruptDataException if the index block contradicts itself
   */
  public PayloadExtent payload(int ordinal) throws IOException {
    checkOrdinal(ordinal);
    return ask(block -> {
      EntryPages pages = block.lookup();
      int page = pages.pageOf(ordinal);
      return pages.extent(page, ordinal - pages.firstOrdinal(page), id, indexOffset);
    });
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
    return ask(block -> block.directoryHere(index));
  }

  private DirectoryEntry directoryHere(int index) throws IOException {
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

  private static LogicalPath legalFile(byte[] path) {
    checkArgument(path.length > 0, "the root among the files");
    return legal(path);
  }

  private void checkOrdinal(int ordinal) {
    checkArgument(
        ordinal >= 0 && ordinal < table.entries(), "ordinal %s of %s", ordinal, table.entries());
  }

  /** Bytes held in memory once everything has been asked for; sections that are used in place are not among them. */
  public long residentBytes() {
    long inflatedLater = 0;
    for (Section section : sections()) {
      inflatedLater += section.isAsItIs() || section.ready != null ? 0 : section.row.length();
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
    return ask(block -> {
      byte[] bytes = new byte[(int) block.dictionary.row.length()];
      block.dictionary.bytes().get(0, bytes);
      return Optional.of(bytes);
    });
  }

  /** What the section table counts. */
  SectionTable table() {
    return table;
  }

  /** CRC32C of index block and footer as they were read; 0 if they are used in place. */
  int tailCrc() {
    return tailCrc;
  }

  /** What to throw when the contents contradict each other. */
  CorruptDataException damaged(Exception cause) {
    CorruptDataException damage = new CorruptDataException(
        source, indexOffset, "index block contradicts itself (%s)", cause.getMessage());
    damage.initCause(cause);
    return damage;
  }

  private void free() {
    synchronized (owned) {
      owned.forEach(OffHeap::free);
      owned.clear();
      if (standIn != null) {
        standIn.close();
      }
    }
    release.run();
  }

  /** Lets go of the memory once the last running call has returned; later calls throw IllegalStateException. */
  @Override
  public void close() {
    synchronized (owned) {
      if (closed) {
        return;
      }
      closed = true;
      if (lookup != null) {
        lookup.close();
      }
    }
    GUARD.retire(this::free);
  }
}
