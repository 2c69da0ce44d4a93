package io.pleat.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/** One forward pass over a container that checks all of it, or its headers; see {@link ContainerReader#verify}. */
final class ContainerVerifier {
  /** Bytes that are read of a record whose stored bytes are skipped: most headers have fewer. */
  private static final int HEADER_READ_LENGTH = 4 << 10;

  /** Entries taken from the index block at once. */
  private static final int ENTRIES_AHEAD = 256;

  private final ByteSource source;
  private final IndexBlock index;
  private final PayloadReader payloads;
  private final ContainerReader.DamageListener damage;
  private final long recordsEnd;
  private final boolean payloadsToo;
  private int nextEntry;
  private int nextDirectory;
  private byte[] lastKey = {};
  private byte[] lastDirectoryKey = {};
  private DirectoryEntry directory;
  private boolean dictionarySeen;
  private final ExpectedRecord expected;
  private final ContainerReader.EntryListener entries;
  private List<Entry> ahead = List.of();
  private int aheadFrom;

  /** @param payloadsToo whether the bytes of an entry are checked even where its record is damaged */
  ContainerVerifier(
      ByteSource source,
      IndexBlock index,
      PayloadReader payloads,
      boolean payloadsToo,
      ContainerReader.EntryListener entries,
      ContainerReader.DamageListener damage) {
    this.source = source;
    this.index = index;
    this.payloads = payloads;
    this.payloadsToo = payloadsToo;
    this.damage = damage;
    this.entries = entries;
    this.expected = new ExpectedRecord(index.container());
    this.recordsEnd = index.indexOffset();
  }

  /**
   * Checks everything, and gives the CRC32C of the whole file.
   *
   * @param readLength bytes of a read
   */
  int run(int readLength) throws IOException {
    long length = source.length();
    try (ForwardWindow window = ForwardWindow.summing(source, length, readLength)) {
      RecordReader records = new RecordReader(source, index.container(), recordsEnd, window);
      checkHeader(window);
      for (long position = HeaderLayout.LENGTH; position < recordsEnd; ) {
        Entry next = nextIfAsExpected(position, window);
        if (next != null) {
          checkPayload(next, records, window);
          position = next.extent().offset() + next.extent().length();
        } else {
          position = checkRecordAt(position, records, header -> {
            if (checkRecord(header, window) && header.kind() == RecordLayout.FILE) {
              checkPayload(header.toEntry(index.container()), records, window);
            }
          });
        }
      }
      passTheRest();
      index.filterDamage().ifPresent(damage::damaged);
      checkTail(window, length);
      return window.crc();
    }
  }

  /**
   * Checks the header of the file and of each record.
   *
   * @param shortestSkip stored bytes of a record from which on they are skipped, not read
   */
  void runHeaders(int shortestSkip) throws IOException {
    try (ForwardWindow window = new ForwardWindow(source, recordsEnd)) {
      window.setReadLength(HEADER_READ_LENGTH);
      RecordReader records = new RecordReader(source, index.container(), recordsEnd, window);
      checkHeader(window);
      for (long position = HeaderLayout.LENGTH; position < recordsEnd; ) {
        Entry next = nextIfAsExpected(position, window);
        long storedLength;
        if (next != null) {
          storedLength = next.extent().length();
          position = next.extent().offset() + storedLength;
        } else {
          long[] stored = {0};
          position = checkRecordAt(position, records, header -> {
            checkRecord(header, window);
            stored[0] = header.storedLength();
          });
          storedLength = stored[0];
        }
        window.setReadLength(
            storedLength < shortestSkip ? ForwardWindow.LENGTH : HEADER_READ_LENGTH);
      }
      passTheRest();
    }
  }

  /**
   * The next entry, if its record's header at {@code position} is, byte by byte, the one that a writer makes of what the index block says; else null,
   * and then the header has to be looked at. Most records pass here, and nothing of them need be decoded.
   */
  private Entry nextIfAsExpected(long position, ForwardWindow window) throws IOException {
    if (nextEntry >= index.entryCount()) {
      return null;
    }
    Entry entry;
    try {
      entry = entry(nextEntry);
    } catch (CorruptDataException e) {
      return null;
    }
    if (!isPlausible(entry)) {
      return null;
    }
    int length = expected.encode(entry, position);
    long payloadOffset = position + length;
    if (entry.extent().offset() != payloadOffset
        || entry.extent().length() > recordsEnd - payloadOffset
        || window.require(position, length) < length
        || !window.matches(position, expected.bytes())) {
      return null;
    }
    nextEntry++;
    visit(entry);
    try {
      checkLookup(entry);
    } catch (CorruptDataException e) {
      damage.damaged(e);
    }
    return entry;
  }

  /** Whether a writer writes such a record; see {@link RecordLayout#decode}. */
  private static boolean isPlausible(Entry entry) {
    boolean raw = entry.codec() == PayloadCodec.RAW;
    long stored = entry.extent().length();
    return entry.kind() == Entry.Kind.FOLDED
        ? entry.length() <= Integer.MAX_VALUE
            && stored <= Integer.MAX_VALUE
            && (!raw || entry.length() == stored && entry.crc32c() == entry.storedCrc32c())
        : raw && stored == 0 && entry.storedCrc32c() == 0 && entry.crc32c() == 0 && !entry.racy();
  }

  private void visit(Entry entry) {
    entries.entry(entry);
  }

  private interface RecordCheck {
    void check(RecordLayout.Header header) throws IOException;
  }

  /** Checks the record at {@code position}, and gives where the next one starts. */
  private long checkRecordAt(long position, RecordReader records, RecordCheck check)
      throws IOException {
    RecordLayout.Header header;
    try {
      header = records.read(position);
    } catch (CorruptDataException e) {
      rethrowIfUnreadable(e);
      damage.damaged(e);
      return records.resync(position + 1);
    }
    check.check(header);
    return header.end();
  }

  private void passTheRest() throws IOException {
    passEntriesBefore(index.entryCount(), recordsEnd);
    passDirectoriesBefore(index.directoryCount(), recordsEnd);
    if (index.dictionary().isPresent() && !dictionarySeen) {
      found(HeaderLayout.LENGTH, "record of the dictionary is missing");
    }
  }

  private void checkHeader(ForwardWindow window) throws IOException {
    window.require(0, HeaderLayout.LENGTH);
    try {
      HeaderLayout.check(
          Reads.slice(window.bytes(), window.indexOf(0), HeaderLayout.LENGTH),
          source.toString(),
          index.container());
    } catch (CorruptDataException e) {
      damage.damaged(e);
    }
  }

  /** Checks what a record's header says, and gives whether it is an entry's where one may be. */
  private boolean checkRecord(RecordLayout.Header header, ForwardWindow window) throws IOException {
    switch (header.kind()) {
      case RecordLayout.DIRECTORY -> checkDirectory(header);
      case RecordLayout.DICTIONARY -> checkDictionary(header, window);
      default -> {
        return checkEntry(header);
      }
    }
    return false;
  }

  private boolean checkEntry(RecordLayout.Header header) throws IOException {
    int ordinal = header.ordinal();
    if (ordinal < nextEntry || ordinal >= index.entryCount()) {
      found(
          header.offset(),
          "record of '%s' has ordinal %d, expected %d of %d",
          header.path(),
          ordinal,
          nextEntry,
          index.entryCount());
      return false;
    }
    passEntriesBefore(ordinal, header.offset());
    nextEntry = ordinal + 1;
    try {
      Entry expected = entry(ordinal);
      visit(expected);
      Entry recorded = header.toEntry(index.container());
      if (!expected.equals(recorded)) {
        found(
            header.offset(),
            "record and index block differ: record %s, index %s",
            recorded,
            expected);
        if (payloadsToo) {
          checkApart(expected);
        }
        checkLookup(expected);
        return false;
      }
      checkLookup(expected);
    } catch (CorruptDataException e) {
      damage.lost(ordinal, e);
    }
    return true;
  }

  /** Checks the bytes that readers get of an entry whose record is none that leads to them. */
  private void checkApart(Entry entry) throws IOException {
    if (entry.kind() == Entry.Kind.PASS_THROUGH) {
      return;
    }
    try {
      if (entry.extent().offset() + entry.extent().length() > recordsEnd
          || entry.extent().length() > Integer.MAX_VALUE) {
        throw new CorruptDataException(
            source.toString(),
            entry.extent().offset(),
            "stored bytes of '%s' end at %d, but records end at %d",
            entry.path(),
            entry.extent().offset() + entry.extent().length(),
            recordsEnd);
      }
      ByteBuffer stored = Reads.buffer((int) entry.extent().length());
      Reads.readFully(source, entry.extent().offset(), stored);
      payloads.decode(entry.payload(), stored);
    } catch (CorruptDataException e) {
      rethrowIfUnreadable(e);
      damage.lost(entry.ordinal(), e);
    }
  }

  private Entry entry(int ordinal) throws IOException {
    if (ordinal < aheadFrom || ordinal >= aheadFrom + ahead.size()) {
      aheadFrom = ordinal;
      ahead = List.of();
      try {
        ahead = index.entries(ordinal, Math.min(index.entryCount(), ordinal + ENTRIES_AHEAD));
      } catch (CorruptDataException e) {
        return index.entry(ordinal); // one of the others may be what is damaged
      }
    }
    return ahead.get(ordinal - aheadFrom);
  }

  private void checkPayload(Entry entry, RecordReader records, ForwardWindow window)
      throws IOException {
    long offset = entry.extent().offset();
    if (entry.codec() == PayloadCodec.RAW) {
      int crc = records.storedCrc(offset, entry.extent().length());
      if (crc != entry.storedCrc32c()) {
        damage.lost(
            entry.ordinal(),
            new CorruptDataException(
                source.toString(),
                offset,
                "CRC32C of stored bytes of '%s' is %s, stored %s",
                entry.path(),
                Checksums.hex(crc),
                Checksums.hex(entry.storedCrc32c())));
      }
      return;
    }
    try {
      payloads.decode(entry.payload(), window.whole(offset, (int) entry.extent().length()));
    } catch (CorruptDataException e) {
      rethrowIfUnreadable(e);
      damage.lost(entry.ordinal(), e);
    }
  }

  /** Whether every way to the entry leads there: its key's place, the lookup, its directory's range. */
  private void checkLookup(Entry entry) throws IOException {
    byte[] path = entry.path().bytes();
    byte[] key = SortKey.ofFile(path);
    if (Arrays.compareUnsigned(lastKey, key) >= 0) {
      found(
          recordsEnd,
          "index block is out of order at entry %d, '%s'",
          entry.ordinal(),
          entry.path());
    }
    lastKey = key;
    int foundOrdinal = index.find(path);
    if (foundOrdinal != entry.ordinal()) {
      found(
          recordsEnd,
          "lookup of '%s' gives %d, expected %d",
          entry.path(),
          foundOrdinal,
          entry.ordinal());
    }
    LogicalPath parent = entry.path().parent();
    if (directory == null || !directory.path().equals(parent)) {
      int number = index.findDirectory(parent.bytes());
      directory = number < 0 ? null : index.directory(number);
    }
    if (directory == null
        || entry.ordinal() < directory.firstEntry()
        || entry.ordinal() >= directory.endEntry()) {
      found(
          recordsEnd,
          "entry %d, '%s', is not in the range of its directory: %s",
          entry.ordinal(),
          entry.path(),
          directory);
    }
  }

  private void passEntriesBefore(int ordinal, long offset) throws IOException {
    for (; nextEntry < ordinal; nextEntry++) {
      try {
        Entry unrecorded = index.entry(nextEntry);
        visit(unrecorded);
        found(offset, "record of entry %d, '%s', is missing", nextEntry, unrecorded.path());
        checkLookup(unrecorded);
        if (payloadsToo) {
          checkApart(unrecorded);
        }
      } catch (CorruptDataException e) {
        damage.damaged(e);
      }
    }
  }

  private void checkDirectory(RecordLayout.Header header) throws IOException {
    int number = header.ordinal();
    if (number < nextDirectory || number >= index.directoryCount()) {
      found(
          header.offset(),
          "record of directory '%s' has index %d, expected %d of %d",
          header.path(),
          number,
          nextDirectory,
          index.directoryCount());
      return;
    }
    passDirectoriesBefore(number, header.offset());
    nextDirectory = number + 1;
    try {
      DirectoryEntry expected = index.directory(number);
      if (!expected.path().equals(header.path())
          || !expected.attributes().equals(Optional.of(header.attributes()))) {
        found(
            header.offset(),
            "record and index block differ: record '%s' with %s, index %s",
            header.path(),
            header.attributes(),
            expected);
      }
      checkDirectoryLookup(expected);
    } catch (CorruptDataException e) {
      damage.damaged(e);
    }
  }

  private void passDirectoriesBefore(int number, long offset) throws IOException {
    for (; nextDirectory < number; nextDirectory++) {
      try {
        DirectoryEntry row = index.directory(nextDirectory);
        if (row.attributes().isPresent()) {
          found(offset, "record of directory %d, '%s', is missing", nextDirectory, row.path());
        }
        checkDirectoryLookup(row);
      } catch (CorruptDataException e) {
        damage.damaged(e);
      }
    }
  }

  private void checkDirectoryLookup(DirectoryEntry row) throws IOException {
    byte[] path = row.path().bytes();
    byte[] key = SortKey.ofDirectory(path);
    if (Arrays.compareUnsigned(lastDirectoryKey, key) >= 0
        || index.findDirectory(path) != row.index()) {
      found(recordsEnd, "directory table is out of order at %d, '%s'", row.index(), row.path());
    }
    lastDirectoryKey = key;
    byte[] afterSubtree = subtreeEnd(path);
    if (afterSubtree.length > 0
            && (index.ceiling(afterSubtree) != row.subtreeEndEntry()
                || index.directoryCeiling(afterSubtree) != row.subtreeEndIndex())
        || index.ceiling(key) != row.firstEntry()) {
      found(recordsEnd, "ranges of directory '%s' are wrong: %s", row.path(), row);
    }
  }

  /** The least key above all below a directory; empty for the root, which everything is below. */
  private static byte[] subtreeEnd(byte[] directory) {
    byte[] prefix = SortKey.subtreePrefix(directory);
    if (prefix.length > 0) {
      prefix[prefix.length - 1]++; // It ends in 00.
    }
    return prefix;
  }

  private void checkDictionary(RecordLayout.Header header, ForwardWindow window)
      throws IOException {
    dictionarySeen = true;
    ByteBuffer stored = window.whole(header.payloadOffset(), header.storedLength());
    CRC32C crc = new CRC32C();
    crc.update(stored.duplicate());
    if ((int) crc.getValue() != header.storedCrc()) {
      found(
          header.payloadOffset(),
          "CRC32C of dictionary is %s, stored %s",
          Checksums.hex((int) crc.getValue()),
          Checksums.hex(header.storedCrc()));
    } else if (index.dictionary().isEmpty()
        || !stored.equals(ByteBuffer.wrap(index.dictionary().get()))) {
      found(header.payloadOffset(), "dictionary and the index block's copy of it differ");
    }
  }

  /** Reads index block and footer once more: they must be what this reader was opened with. */
  private void checkTail(ForwardWindow window, long length) throws IOException {
    CRC32C crc = new CRC32C();
    long position = recordsEnd;
    while (position < length) {
      int available =
          window.require(position, (int) Math.min(length - position, ForwardWindow.LENGTH));
      crc.update(Reads.slice(window.bytes(), window.indexOf(position), available));
      position += available;
    }
    if ((int) crc.getValue() != index.tailCrc()) {
      found(
          recordsEnd,
          "CRC32C of index block and footer is %s, was %s when they were loaded",
          Checksums.hex((int) crc.getValue()),
          Checksums.hex(index.tailCrc()));
    }
  }

  private void found(long offset, String format, Object... arguments) {
    damage.damaged(new CorruptDataException(source.toString(), offset, format, arguments));
  }

  /** A file that ends early is not a finding within it: nothing more can be read. */
  private static void rethrowIfUnreadable(CorruptDataException e) throws CorruptDataException {
    if (e.getCause() instanceof EOFException) {
      throw e;
    }
  }
}
