package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.ByteArrayOutputStream;
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

  /** Sections shorter than this are stored as they are, so that small containers do not depend on the compressor's version. */
  static final int MIN_COMPRESSED_LENGTH = 4 << 10;

  private final ContainerId id;
  private final EntryPagesBuilder entries = new EntryPagesBuilder();
  private PageLocatorBuilder locator = new PageLocatorBuilder();
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

  private byte[] lastKey = NOTHING;
  private int recordedDirectories;
  private int passThroughs;
  private long payloadBytes;
  private long storedBytes;
  private long passThroughBytes;
  private boolean hasFilter;
  private SectionTable table;

  IndexBuilder(ContainerId id) {
    this.id = id;
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
  void checkNext(LogicalPath path, byte[] key) {
    if (Arrays.compareUnsigned(lastKey, key) >= 0) {
      throw new IllegalArgumentException(
          "key of '" + path + "' is not above that of '" + lastPath() + "', the last one");
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
    checkArgument(
        !entries.contains(directory, firstEntry, endEntry),
        "'%s' lies below '%s', which is a file of the same container",
        path,
        LogicalPath.trusted(directory));
  }

  private String lastPath() {
    return lastKey.length == 0
        ? ""
        : LogicalPath.trusted(SortKey.toPath(lastKey)).toString();
  }

  /** Adds a directory whose attributes are recorded, and returns its index. */
  int addDirectory(byte[] key, Attributes recorded, byte[] etag) {
    enter(key, recorded, etag);
    lastKey = key;
    recordedDirectories++;
    return directories.rows() - 1;
  }

  /** Adds the directories on the way to a file that are not there yet. */
  void enterDirectoryOf(byte[] key) {
    enter(key, null, NOTHING);
  }

  /**
   * Adds a folded file, and returns its ordinal.
   *
   * @param headerLength bytes of its record's header
   */
  int addFile(
      byte[] path,
      byte[] key,
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
    return finishEntry(path, key, recorded, etag);
  }

  /**
   * Adds a pass-through file, and returns its ordinal.
   *
   * @param headerLength bytes of its record's header
   */
  int addPassThrough(
      byte[] path,
      byte[] key,
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
    return finishEntry(path, key, recorded, etag);
  }

  private int finishEntry(byte[] path, byte[] key, Attributes recorded, byte[] etag) {
    locator.add(PathHash.of(path));
    attributes.addEntry(recorded, etag);
    lastKey = key;
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
    sections.add(SectionTable.ENTRIES, entries.pieces());
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
      if (length < MIN_COMPRESSED_LENGTH) {
        write(kind, pieces);
        return;
      }
      // The frame is gathered first: where it is no shorter, the section is stored as it is.
      ByteArrayOutputStream frame = new ByteArrayOutputStream((int) (length / 2));
      if (!compress(pieces, length, frame) || frame.size() >= length) {
        write(kind, pieces);
        return;
      }
      long start = written;
      CRC32C crc = Checksums.bound(id, kind);
      write(ByteBuffer.wrap(frame.toByteArray()), crc);
      rows.add(new SectionTable.Row(
          kind, SectionTable.ZSTD, (int) crc.getValue(), start, written - start, length));
    }

    /** Whether there is a library that does. */
    private boolean compress(List<ByteBuffer> pieces, long length, OutputStream target)
        throws IOException {
      BulkCodec codec;
      try {
        codec = PayloadCodecs.bulk("container " + id);
      } catch (UnsupportedFormatException e) {
        return false;
      }
      codec.encode(pieces, length, target);
      return true;
    }

    void addAsItIs(int kind, ByteBuffer section) throws IOException {
      write(kind, List.of(section));
    }

    private void write(int kind, List<ByteBuffer> pieces) throws IOException {
      long start = written;
      CRC32C crc = Checksums.bound(id, kind);
      for (ByteBuffer piece : pieces) {
        write(piece, crc);
      }
      long length = written - start;
      rows.add(new SectionTable.Row(
          kind, SectionTable.AS_IT_IS, (int) crc.getValue(), start, length, length));
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
