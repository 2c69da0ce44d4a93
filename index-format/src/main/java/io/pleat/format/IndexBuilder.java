package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/** Gathers what an index block says while its container is written: arenas and primitive arrays, no object per entry. */
final class IndexBuilder {
  private static final byte[] NOTHING = {};
  private static final byte[] DIRECTORY_END = {0, 0};

  /** Attributes shorter than this are never deflated, so that small containers do not depend on the deflater's version. */
  static final int MIN_DEFLATED_LENGTH = 1024;

  private final ContainerId id;
  private final KeyGroupsBuilder entries = new KeyGroupsBuilder();
  private final ByteArena entryTails = new ByteArena(4096);
  private final IntArena entryTailsAt = new IntArena(64);
  private final HashSection.Builder hashes;
  private final AttributeColumnsBuilder attributes = new AttributeColumnsBuilder();
  private long lastPayloadEnd;

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

  IndexBuilder(ContainerId id) {
    this.id = id;
    hashes = new HashSection.Builder(id.mostSignificant() ^ id.leastSignificant());
  }

  int entryCount() {
    return entries.rows();
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
        + entryTails.length()
        + 6L * entries.rows()
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
        parent + 1 < directories.rows() ? directoryFirstEntry.get(parent + 1) : entries.rows();
    if (firstEntry == endEntry) {
      return;
    }
    byte[] directory =
        SortKey.toPath(concat(key, parentEnd(key, parentEnd, directoryLength), DIRECTORY_END));
    checkArgument(
        !entries.contains(SortKey.ofFile(directory), firstEntry, endEntry),
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

  /** Adds a folded file, and returns its ordinal. */
  int addFile(
      byte[] path,
      byte[] key,
      Attributes recorded,
      byte[] etag,
      Payload payload,
      long payloadOffset,
      boolean racy) {
    int stored = payload.stored().remaining();
    boolean encoded = payload.codec() != PayloadCodec.RAW;
    int flags = (racy ? EntryTail.RACY : 0) | (encoded ? EntryTail.ENCODED : 0);
    startTail(flags, payloadOffset);
    entryTails.putVarint(payload.length());
    if (encoded) {
      entryTails.putByte(payload.codec());
      entryTails.putVarint(stored);
      entryTails.putInt(payload.crc32c());
    }
    entryTails.putInt(payload.storedCrc32c());
    lastPayloadEnd = payloadOffset + stored;
    payloadBytes += payload.length();
    storedBytes += stored;
    return finishEntry(path, key, recorded, etag);
  }

  /** Adds a pass-through file, and returns its ordinal. */
  int addPassThrough(
      byte[] path, byte[] key, Attributes recorded, byte[] etag, long length, long payloadOffset) {
    startTail(EntryTail.PASS_THROUGH, payloadOffset);
    entryTails.putVarint(length);
    lastPayloadEnd = payloadOffset;
    passThroughs++;
    passThroughBytes += length;
    return finishEntry(path, key, recorded, etag);
  }

  private void startTail(int flags, long payloadOffset) {
    if (entries.atGroupStart()) {
      entryTailsAt.add(entryTails.length());
      lastPayloadEnd = 0;
    }
    entryTails.putByte(flags);
    entryTails.putVarint(payloadOffset - lastPayloadEnd);
  }

  private int finishEntry(byte[] path, byte[] key, Attributes recorded, byte[] etag) {
    entries.add(key, key.length, NOTHING);
    hashes.add(path);
    attributes.addEntry(recorded, etag);
    lastKey = key;
    return entries.rows() - 1;
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
      directoryFirstEntry.add(entries.rows());
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

  /** Writes the sections and the section table, and returns the table's length. This builder is then spent. */
  int writeTo(KeyGroupsBuilder.Output output, byte[] dictionary) throws IOException {
    while (openEnds.size() > 0) {
      directorySubtreeEnd.set(openIndexes.last(), directories.rows());
      openEnds.removeLast();
      openIndexes.removeLast();
    }
    Sections sections = new Sections(output);
    sections.start(SectionTable.ENTRIES);
    entries.writeTo(sections, entryTails, entryTailsAt);
    sections.end();
    sections.start(SectionTable.HASH);
    hashes.writeTo(sections);
    sections.end();
    sections.start(SectionTable.DIRECTORIES);
    writeDirectories(sections);
    sections.end();
    writeAttributes(sections);
    if (dictionary != null) {
      sections.start(SectionTable.DICTIONARY);
      sections.write(dictionary, 0, dictionary.length);
      sections.end();
    }
    SectionTable table = new SectionTable(
        entries.rows(),
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

  private void writeDirectories(KeyGroupsBuilder.Output output) throws IOException {
    ByteArena tails = new ByteArena(4096);
    IntArena tailsAt = new IntArena(64);
    int count = directories.rows();
    for (int index = 0; index < count; index++) {
      int first = directoryFirstEntry.get(index);
      if (KeyGroups.rowInGroup(index) == 0) {
        tailsAt.add(tails.length());
        tails.putVarint(first);
      }
      int end = index + 1 < count ? directoryFirstEntry.get(index + 1) : entries.rows();
      tails.putByte(directoryRecorded.get(index) ? DirectoryTail.RECORDED : 0);
      tails.putVarint(end - first);
      tails.putVarint(directorySubtreeEnd.get(index) - index - 1);
    }
    directories.writeTo(output, tails, tailsAt);
  }

  private void writeAttributes(Sections sections) throws IOException {
    ByteArena columns = attributes.build();
    if (columns.length() >= MIN_DEFLATED_LENGTH) {
      ByteArena deflated = new ByteArena(columns.length() / 4);
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      try {
        deflater.setInput(columns.array(), 0, columns.length());
        deflater.finish();
        byte[] piece = new byte[1 << 16];
        while (!deflater.finished() && deflated.length() < columns.length()) {
          deflated.put(piece, 0, deflater.deflate(piece));
        }
      } finally {
        deflater.end();
      }
      if (deflated.length() < columns.length()) {
        sections.start(SectionTable.ATTRIBUTES);
        sections.write(deflated.array(), 0, deflated.length());
        sections.end(SectionTable.DEFLATED, columns.length());
        return;
      }
    }
    sections.start(SectionTable.ATTRIBUTES);
    sections.write(columns.array(), 0, columns.length());
    sections.end();
  }

  /** Notes where sections start and end, and their checksums, while they pass. */
  private final class Sections implements KeyGroupsBuilder.Output {
    private final KeyGroupsBuilder.Output output;
    private final List<SectionTable.Row> rows = new ArrayList<>();
    private long written;
    private long start;
    private int kind;
    private CRC32C crc;

    Sections(KeyGroupsBuilder.Output output) {
      this.output = output;
    }

    void start(int sectionKind) {
      start = written;
      kind = sectionKind;
      crc = Checksums.bound(id, kind);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      output.write(bytes, from, length);
      crc.update(bytes, from, length);
      written += length;
    }

    void end() {
      end(SectionTable.AS_IT_IS, written - start);
    }

    void end(int encoding, long length) {
      rows.add(new SectionTable.Row(
          kind, encoding, (int) crc.getValue(), start, written - start, length));
    }
  }
}
