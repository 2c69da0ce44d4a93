package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/** Gathers what an index block says while its container is written: arenas and primitive arrays, no object per entry. */
final class IndexBuilder {
  private static final byte[] NOTHING = {};
  private static final byte[] DIRECTORY_END = {0, 0};

  /** A directory's entries from which on a binary search for one is quicker than a walk over their hashes. */
  private static final int MANY_ENTRIES = 256;

  /** Sections shorter than this are stored as they are, so that small containers do not depend on the compressor's version. */
  static final int MIN_COMPRESSED_LENGTH = 4 << 10;

  private final ContainerId id;
  private final int minCompressedLength;
  private final EntryPagesBuilder entries = new EntryPagesBuilder();
  private PageLocatorBuilder locator;
  private AttributeColumnsBuilder attributes = new AttributeColumnsBuilder();

  private final KeyGroupsBuilder directories = new KeyGroupsBuilder();
  private final IntArena directoryFirstEntry = new IntArena(64);
  private final IntArena directorySubtreeEnd = new IntArena(64);
  private final BitSet directoryRecorded = new BitSet();

  /** The directory that the last row lies in, without the {@code 00 00} at its key's end, and the directories on the way to it. */
  private byte[] openKey = new byte[256];

  private int openLength;
  private final IntArena openEnds = new IntArena(16);
  private final IntArena openIndexes = new IntArena(16);

  /** The key of the last row; if that was a file, it is made from its path when it is needed. */
  private byte[] lastKey = NOTHING;

  private byte[] lastFile;
  private int lastNameStart;

  /** Whether the file that was checked last lies in the directory of the one before it: most do, and then no key is needed. */
  private boolean besideLast;

  /** Of the file that was checked last: where its name starts, and its key, unless it lies beside the one before it. */
  private int checkedNameStart;

  private byte[] checkedKey = NOTHING;

  private int recordedDirectories;
  private int passThroughs;
  private long payloadBytes;
  private long storedBytes;
  private long passThroughBytes;
  private boolean hasFilter;
  private SectionTable table;

  /** @param minCompressedLength sections shorter than this, in bytes, are stored as they are */
  IndexBuilder(ContainerId id, int minCompressedLength) {
    this.id = id;
    this.minCompressedLength = minCompressedLength;
    locator = new PageLocatorBuilder(id.mostSignificant() ^ id.leastSignificant());
  }

  int entryCount() {
    return entries.entries();
  }

  int directoryCount() {
    return directories.rows();
  }

  int recordedDirectories() {
    return recordedDirectories;
  }

  int passThroughs() {
    return passThroughs;
  }

  long payloadBytes() {
    return payloadBytes;
  }

  long storedBytes() {
    return storedBytes;
  }

  long passThroughBytes() {
    return passThroughBytes;
  }

  /** What the index block comes to at most if it ended here, without the dictionary. */
  long sizeBound() {
    return entries.sizeBound()
        + locator.sizeBound()
        + (hasFilter ? locator.filterSizeBound() : 0)
        + directories.sizeBound()
        + 11L * directories.rows()
        + attributes.sizeBound()
        + SectionTable.MAX_LENGTH;
  }

  /**
   * Checks that a row may come next, changing nothing.
   *
   * @throws IllegalArgumentException if its key is not above the last one, or a file is an ancestor of it
   */
  void checkNextFile(LogicalPath path) {
    byte[] bytes = path.bytes();
    int nameStart = nameStart(bytes);
    besideLast = lastFile != null
        && nameStart == lastNameStart
        && Arrays.equals(bytes, 0, nameStart, lastFile, 0, nameStart);
    checkedNameStart = nameStart;
    if (!besideLast) {
      checkedKey = path.fileKey();
      checkNext(path, checkedKey);
    } else if (Arrays.compareUnsigned(
            lastFile, nameStart, lastFile.length, bytes, nameStart, bytes.length)
        >= 0) {
      throw outOfOrder(path);
    }
  }

  private static int nameStart(byte[] path) {
    int start = path.length;
    while (start > 0 && path[start - 1] != '/') {
      start--;
    }
    return start;
  }

  private IllegalArgumentException outOfOrder(LogicalPath path) {
    return new IllegalArgumentException(
        "key of '" + path + "' is not above that of '" + lastPath() + "', the last one");
  }

  private byte[] lastKey() {
    return lastFile == null ? lastKey : SortKey.ofFile(lastFile);
  }

  /** The same of a row with any key. */
  void checkNext(LogicalPath path, byte[] key) {
    int order = lastFile == null
        ? Arrays.compareUnsigned(lastKey, key)
        : SortKey.compareFile(lastFile, lastFile.length, key);
    if (order >= 0) {
      throw outOfOrder(path);
    }
    // Only the first directory on its way that is new can have the name of a file: those above it
    // were checked, those below are in it.
    int directoryLength = directoryLength(key);
    int depth = commonDepth(key, directoryLength);
    if (depth == 0 || openEnds.get(depth - 1) == directoryLength) {
      return;
    }
    int parentEnd = openEnds.get(depth - 1);
    int parent = openIndexes.get(depth - 1);
    int firstEntry = directoryFirstEntry.get(parent);
    int endEntry =
        parent + 1 < directories.rows() ? directoryFirstEntry.get(parent + 1) : entries.entries();
    if (firstEntry == endEntry) {
      return;
    }
    byte[] directory =
        SortKey.toPath(concat(key, parentEnd(key, parentEnd, directoryLength), DIRECTORY_END));
    boolean mayBeFile = endEntry - firstEntry > MANY_ENTRIES
        || locator.hasHash(PathHash.of(directory), firstEntry, endEntry);
    checkArgument(
        !mayBeFile || !entries.contains(directory, firstEntry, endEntry),
        "'%s' lies below '%s', which is a file of the same container",
        path,
        LogicalPath.trusted(directory));
  }

  private String lastPath() {
    byte[] key = lastKey();
    return key.length == 0 ? "" : LogicalPath.trusted(SortKey.toPath(key)).toString();
  }

  /** Adds a directory whose attributes are recorded, and returns its index. */
  int addDirectory(byte[] key, Attributes recorded, byte[] etag) {
    enter(key, recorded, etag);
    lastKey = key;
    lastFile = null;
    recordedDirectories++;
    return directories.rows() - 1;
  }

  /** Adds the directories on the way to the file that was checked last that are not there yet. */
  void enterDirectory() {
    if (!besideLast) {
      enter(checkedKey, null, NOTHING);
    }
  }

  /**
   * Adds a folded file, the one that was checked last, and returns its ordinal.
   *
   * @param headerLength bytes of its record's header
   */
  int addFile(
      byte[] path,
      Attributes recorded,
      byte[] etag,
      int headerLength,
      Payload payload,
      long payloadOffset,
      boolean racy) {
    int stored = payload.stored().remaining();
    entries.add(
        path,
        headerLength,
        payloadOffset,
        payload.length(),
        stored,
        payload.codec(),
        payload.storedCrc32c(),
        payload.crc32c(),
        racy ? EntryPages.ROW_RACY : 0);
    payloadBytes += payload.length();
    storedBytes += stored;
    return finishEntry(path, recorded, etag);
  }

  /**
   * Adds a pass-through file, the one that was checked last, and returns its ordinal.
   *
   * @param headerLength bytes of its record's header
   */
  int addPassThrough(
      byte[] path,
      Attributes recorded,
      byte[] etag,
      int headerLength,
      long length,
      long payloadOffset) {
    entries.add(
        path,
        headerLength,
        payloadOffset,
        length,
        0,
        PayloadCodec.RAW,
        0,
        0,
        EntryPages.ROW_PASS_THROUGH);
    passThroughs++;
    passThroughBytes += length;
    return finishEntry(path, recorded, etag);
  }

  private int finishEntry(byte[] path, Attributes recorded, byte[] etag) {
    locator.add(PathHash.of(path));
    attributes.addEntry(recorded, etag);
    lastFile = path;
    lastNameStart = checkedNameStart;
    return entries.entries() - 1;
  }

  /** Leaves the directories that {@code key} is not below, and adds those on its way that are new. */
  private void enter(byte[] key, Attributes recorded, byte[] etag) {
    int directoryLength = directoryLength(key);
    int depth = commonDepth(key, directoryLength);
    while (openEnds.size() > depth) {
      directorySubtreeEnd.set(openIndexes.last(), directories.rows());
      openEnds.removeLast();
      openIndexes.removeLast();
    }
    int end = depth == 0 ? -1 : openEnds.last();
    while (end < directoryLength) {
      end = end < 0 ? 0 : parentEnd(key, end, directoryLength);
      openEnds.add(end);
      openIndexes.add(directories.rows());
      directoryFirstEntry.add(entries.entries());
      directorySubtreeEnd.add(0);
      boolean isRecorded = recorded != null && end == directoryLength;
      if (isRecorded) {
        directoryRecorded.set(directories.rows());
        attributes.addDirectory(recorded, etag);
      } else {
        attributes.addUnrecordedDirectory();
      }
      directories.add(key, end, DIRECTORY_END);
    }
    if (directoryLength > openKey.length) {
      openKey = new byte[Math.max(directoryLength, 2 * openKey.length)];
    }
    System.arraycopy(key, 0, openKey, 0, directoryLength);
    openLength = directoryLength;
  }

  /** How many of the open directories {@code key} lies in. */
  private int commonDepth(byte[] key, int directoryLength) {
    int mismatch = Arrays.mismatch(openKey, 0, openLength, key, 0, directoryLength);
    int common = mismatch < 0 ? directoryLength : mismatch;
    int depth = openEnds.size();
    while (depth > 0) {
      int end = openEnds.get(depth - 1);
      if (end == 0 || end <= common && (end == directoryLength || key[end] == 0)) {
        break;
      }
      depth--;
    }
    return depth;
  }

  /** Where the component that follows the directory ending at {@code end} ends. */
  private static int parentEnd(byte[] key, int end, int directoryLength) {
    int next = end == 0 ? 0 : end + 2;
    while (next < directoryLength && key[next] != 0) {
      next++;
    }
    return next;
  }

  /** Length of the part of a key before its {@code 00 00}. */
  private static int directoryLength(byte[] key) {
    int at = 0;
    while (key[at] != 0 || key[at + 1] != 0) {
      at += key[at] == 0 ? 2 : 1;
    }
    return at;
  }

  private static byte[] concat(byte[] key, int length, byte[] end) {
    byte[] result = Arrays.copyOf(key, length + end.length);
    System.arraycopy(end, 0, result, length, end.length);
    return result;
  }

  /** Has {@link #writeTo} write a filter section. */
  void addFilter() {
    hasFilter = true;
  }

  /** The section table, once it was written. */
  SectionTable table() {
    return table;
  }

  /** Writes the sections and the section table, and returns the table's length. This builder is then spent. */
  int writeTo(KeyGroupsBuilder.Output output, byte[] dictionary) throws IOException {
    while (openEnds.size() > 0) {
      directorySubtreeEnd.set(openIndexes.last(), directories.rows());
      openEnds.removeLast();
      openIndexes.removeLast();
    }
    // What is written is let go before the locator needs memory.
    Sections sections = new Sections(output);
    sections.add(SectionTable.ATTRIBUTES, attributes.build());
    attributes = null;
    sections.add(SectionTable.DIRECTORIES, directoryRows());
    entries.finish();
    sections.addPages(entries.pieces(), entries.entries());
    entries.releasePages();
    if (entries.longPaths().length() > 0) {
      sections.add(SectionTable.LONG_PATHS, entries.longPaths());
    }
    if (entries.pages() > 1) {
      sections.addAsItIs(SectionTable.LOCATOR, locator.build(entries));
    }
    if (dictionary != null) {
      sections.addAsItIs(SectionTable.DICTIONARY, ByteBuffer.wrap(dictionary));
    }
    if (hasFilter && entries.entries() > 0) {
      sections.addAsItIs(SectionTable.FILTER, locator.buildFilter());
    }
    locator = null;
    table = new SectionTable(
        entries.entries(),
        directories.rows(),
        passThroughs,
        recordedDirectories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        sections.rows);
    byte[] bytes = table.encode(id).array();
    output.write(bytes, 0, bytes.length);
    return bytes.length;
  }

  private ByteArena directoryRows() throws IOException {
    ByteArena tails = new ByteArena(4096);
    IntArena tailsAt = new IntArena(64);
    int count = directories.rows();
    for (int index = 0; index < count; index++) {
      int first = directoryFirstEntry.get(index);
      if (KeyGroups.rowInGroup(index) == 0) {
        tailsAt.add(tails.length());
        tails.putVarint(first);
      }
      int end = index + 1 < count ? directoryFirstEntry.get(index + 1) : entries.entries();
      tails.putByte(directoryRecorded.get(index) ? DirectoryTail.RECORDED : 0);
      tails.putVarint(end - first);
      tails.putVarint(directorySubtreeEnd.get(index) - index - 1);
    }
    ByteArena section = new ByteArena((int) directories.sizeBound() + tails.length());
    directories.writeTo(section::put, tails, tailsAt);
    return section;
  }

  /** Writes sections, compressed where that pays, and notes where they lie and their checksums. */
  private final class Sections {
    private final KeyGroupsBuilder.Output output;
    private final List<SectionTable.Row> rows = new ArrayList<>();
    private long written;

    Sections(KeyGroupsBuilder.Output output) {
      this.output = output;
    }

    void add(int kind, ByteArena section) throws IOException {
      add(kind, List.of(section.view()));
    }

    void add(int kind, List<ByteBuffer> pieces) throws IOException {
      long length = 0;
      for (ByteBuffer piece : pieces) {
        length += piece.remaining();
      }
      if (length < minCompressedLength) {
        write(kind, pieces);
        return;
      }
      List<ByteBuffer> frame = compress(pieces, length);
      if (frame.isEmpty()) {
        write(kind, pieces);
      } else {
        write(kind, SectionTable.ZSTD, length, frame);
      }
    }

    /** As columns; pages are not worth compressing otherwise. */
    void addPages(List<ByteBuffer> pages, int count) throws IOException {
      long length = 0;
      for (ByteBuffer piece : pages) {
        length += piece.remaining();
      }
      if (length < minCompressedLength) {
        write(SectionTable.ENTRIES, pages);
        return;
      }
      long content = PageColumns.frameContent(length, count);
      List<ByteBuffer> frame = compress(PageColumns.frame(pages), content);
      if (frame.isEmpty()) {
        write(SectionTable.ENTRIES, pages);
      } else {
        write(
            SectionTable.ENTRIES,
            SectionTable.ZSTD_COLUMNS,
            length,
            frame,
            PageColumns.crcs(pages));
      }
    }

    /** The frame of a section; empty where it is no shorter, or there is no library that makes it. */
    private List<ByteBuffer> compress(Iterable<ByteBuffer> pieces, long length) throws IOException {
      BulkCodec codec;
      try {
        codec = PayloadCodecs.bulk("container " + id);
      } catch (UnsupportedFormatException e) {
        return List.of();
      }
      List<ByteBuffer> frame = new ArrayList<>();
      codec.encode(pieces, length, new OutputStream() {
        @Override
        public void write(int value) {
          write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) {
          frame.add(ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, from + count)));
        }
      });
      return frame.stream().mapToLong(ByteBuffer::remaining).sum() < length ? frame : List.of();
    }

    void addAsItIs(int kind, ByteBuffer section) throws IOException {
      write(kind, List.of(section));
    }

    private void write(int kind, List<ByteBuffer> pieces) throws IOException {
      write(kind, SectionTable.AS_IT_IS, -1, pieces);
    }

    /** Writes a section of {@code length} bytes, or as many as are written if that is negative. */
    @SafeVarargs
    private void write(int kind, int encoding, long length, Iterable<ByteBuffer>... parts)
        throws IOException {
      long start = written;
      CRC32C crc = Checksums.bound(id, kind);
      for (Iterable<ByteBuffer> part : parts) {
        for (ByteBuffer piece : part) {
          write(piece, crc);
        }
      }
      long stored = written - start;
      rows.add(new SectionTable.Row(
          kind, encoding, (int) crc.getValue(), start, stored, length < 0 ? stored : length));
    }

    private void write(ByteBuffer piece, CRC32C crc) throws IOException {
      crc.update(piece.duplicate());
      byte[] bytes = new byte[Math.min(1 << 16, piece.remaining())];
      for (ByteBuffer rest = piece.duplicate(); rest.hasRemaining(); ) {
        int count = Math.min(bytes.length, rest.remaining());
        rest.get(bytes, 0, count);
        output.write(bytes, 0, count);
        written += count;
      }
    }
  }
}
