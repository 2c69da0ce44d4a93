package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Walks an index block and makes the headers of the records that a writer would have put down for it: of a stretch of entries and of the directories recorded between
 * them, a batch at a time. On the way it proves that readers find each entry: keys ascend, each path is a legal one and in the directory whose range the entry is in, and
 * the locator leads to its page. Contents that contradict each other throw IndexOutOfBoundsException, IllegalArgumentException or ArithmeticException. Not thread-safe.
 */
final class ExpectedRecords {
  /*
   * The bytes that are compared with the headers come from a disk or a network, and nobody may wait for those inside the index block's guard. Hence the
   * batches; nothing of an entry is made an object but what is as long as the batch.
   */
  private static final int MOST = 64;

  private final IndexBlock index;
  private final IndexBlock.Parts parts;
  private final RecordLayout.Encoder encoder;
  private final EntryPages.RowCursor cursor;
  private final AttributeColumns.Rows attributes;
  private final DirectoryRows directories;
  private final long recordsEnd;
  private final int to;
  private byte[] directory = {}; // path of the directory whose entries are walked
  private byte[] last = new byte[128]; // path of the entry before
  private int lastLength;
  private boolean lastIsInDirectory;
  private int ordinal; // the next entry to expect
  private long position;

  private int count;
  private byte[] headers = new byte[MOST << 8];
  private ByteBuffer view = ByteBuffer.wrap(headers);
  private final int[] headerEnds = new int[MOST];
  private final int[] ordinals = new int[MOST];
  private final boolean[] passThrough = new boolean[MOST];
  private final boolean[] racy = new boolean[MOST];
  private final int[] codecs = new int[MOST];
  private final long[] lengths = new long[MOST];
  private final int[] storedLengths = new int[MOST];
  private final int[] storedCrcs = new int[MOST];
  private final int[] crcs = new int[MOST];

  /**
   * Stands where the record of the entry before {@code from} ends; at the end of the file's header if there is none.
   *
   * @param to where to stop; if this is the last stretch, then behind the records of directories that follow
   */
  ExpectedRecords(IndexBlock index, int from, int to) throws IOException {
    this.index = index;
    this.to = to;
    this.ordinal = from;
    this.recordsEnd = index.indexOffset();
    this.encoder = new RecordLayout.Encoder(index.container());
    int cell = index.enter();
    try {
      parts = index.parts();
      attributes = parts.attributes().rows(0, index.entryCount() + index.directoryCount());
      if (from == 0) {
        cursor = index.entryCount() == 0 ? null : parts.entries().cursor(0);
        directories = directoriesFrom(0);
        position = HeaderLayout.LENGTH;
      } else {
        cursor = parts.entries().cursor(from - 1);
        cursor.next();
        keepPath();
        lastIsInDirectory = true;
        int slash = SortKey.lastSlash(last, lastLength);
        directory = Arrays.copyOf(last, Math.max(0, slash));
        int row = parts.directories().search(SortKey.ofDirectory(directory));
        require(row >= 0, "entry %d is in no directory", from - 1);
        directories = directoriesFrom(row);
        directories.next();
        require(
            directories.firstEntry() < from && directories.endEntry() >= from,
            "entry %d is not in the range of its directory",
            from - 1);
        EntryPages.Columns before = cursor.columns(recordsEnd);
        position = before.start() + before.stored();
      }
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
  }

  private DirectoryRows directoriesFrom(int row) {
    return new DirectoryRows(parts.directories(), index.directoryCount(), index.entryCount(), row);
  }

  private static void require(boolean holds, String message, int entry) {
    if (!holds) {
      throw new IndexOutOfBoundsException(String.format(message, entry));
    }
  }

  /** Where the next record is expected. */
  long position() {
    return position;
  }

  /** Says that a record of the dictionary comes first. */
  void skip(long bytes) {
    position += bytes;
  }

  /** Makes the next batch; gives whether there is one. */
  boolean fill() throws IOException {
    count = 0;
    int cell = index.enter();
    try {
      while (count < MOST && expectNext()) {
        continue;
      }
      return count > 0;
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
  }

  /** Expects one record, or comes nearer to it; false at the end. */
  private boolean expectNext() {
    if (ordinal < to && directories.endEntry() > ordinal) {
      expectEntry();
      return true;
    }
    if (ordinal == to && to < index.entryCount()) {
      return false;
    }
    if (!directories.next()) {
      require(ordinal == index.entryCount(), "entry %d is in no directory's range", ordinal);
      return false;
    }
    directory = SortKey.toPath(directories.key());
    lastIsInDirectory = false;
    if (directories.isRecorded()) {
      add(
          RecordLayout.DIRECTORY,
          directories.index(),
          directory,
          directory.length,
          index.entryCount() + directories.index());
    }
    return true;
  }

  private void expectEntry() {
    cursor.next();
    checkPlace();
    EntryPages.Columns row = cursor.columns(recordsEnd);
    boolean stays = row.isPassThrough();
    int codec = row.codec();
    long length = row.length();
    long stored = row.stored();
    int storedCrc = row.storedCrc();
    int crc = row.crc();
    // What a writer writes; see RecordLayout.decode.
    boolean raw = codec == PayloadCodec.RAW;
    boolean plausible = stays
        ? raw && stored == 0 && storedCrc == 0 && crc == 0
        : !raw || length == stored && crc == storedCrc;
    require(plausible, "entry %d is impossible", ordinal);
    racy[count] = row.isRacy();
    passThrough[count] = stays;
    codecs[count] = codec;
    lengths[count] = length;
    storedLengths[count] = Math.toIntExact(stored);
    storedCrcs[count] = storedCrc;
    crcs[count] = crc;
    long start = row.start();
    add(
        stays ? RecordLayout.PASS_THROUGH : RecordLayout.FILE,
        ordinal,
        cursor.path,
        cursor.length,
        ordinal);
    require(position == start, "entry %d does not follow the one before", ordinal);
    position += stored;
    keepPath();
    lastIsInDirectory = true;
    ordinal++;
  }

  /** Whether every way to the entry leads there: its key's place, its directory's range, the locator. */
  private void checkPlace() {
    byte[] path = cursor.path;
    int length = cursor.length;
    int nameAt = directory.length == 0 ? 0 : directory.length + 1;
    require(
        cursor.ordinal() == ordinal
            && length > nameAt
            && (nameAt == 0
                || path[nameAt - 1] == '/'
                    && Arrays.equals(path, 0, nameAt - 1, directory, 0, nameAt - 1)),
        "entry %d is not in the range of its directory",
        ordinal);
    checkName(path, nameAt, length);
    require(
        !lastIsInDirectory || Arrays.compareUnsigned(last, 0, lastLength, path, 0, length) < 0,
        "entry %d is out of order",
        ordinal);
    require(
        parts.entries().leadsTo(cursor.page(), PathHash.of(path, length, 0)),
        "the locator does not lead to entry %d",
        ordinal);
  }

  /** The directory's path is looked at by {@link ContainerProof}. */
  private void checkName(byte[] path, int from, int to) {
    int all = 0;
    for (int i = from; i < to; i++) {
      byte b = path[i];
      require(b != '/' && b != 0, "the path of entry %d is illegal", ordinal);
      all |= b;
    }
    if (all < 0 || path[from] == '.') {
      byte[] name = Arrays.copyOfRange(path, from, to);
      require(LogicalPath.whyIllegal(name).isEmpty(), "the path of entry %d is illegal", ordinal);
    }
  }

  private void keepPath() {
    if (cursor.length > last.length) {
      last = new byte[2 * cursor.length];
    }
    System.arraycopy(cursor.path, 0, last, 0, cursor.length);
    lastLength = cursor.length;
  }

  private void add(int kind, int number, byte[] path, int pathLength, int row) {
    boolean isDirectory = kind == RecordLayout.DIRECTORY;
    if (isDirectory) {
      racy[count] = false;
      passThrough[count] = false;
      codecs[count] = PayloadCodec.RAW;
      lengths[count] = 0;
      storedLengths[count] = 0;
      storedCrcs[count] = 0;
      crcs[count] = 0;
    }
    ordinals[count] = isDirectory ? -1 : number;
    int length = encoder.encode(
        position,
        kind,
        number,
        racy[count] ? RecordLayout.RACY : 0,
        path,
        pathLength,
        attributes.mtimeSeconds(row),
        attributes.mtimeNanos(row),
        attributes.mode(row),
        attributes.owner(row),
        attributes.group(row),
        attributes.etag(row),
        lengths[count],
        codecs[count],
        storedLengths[count],
        storedCrcs[count],
        crcs[count]);
    int at = count == 0 ? 0 : headerEnds[count - 1];
    if (length > headers.length - at) {
      headers = Arrays.copyOf(headers, Math.max(at + length, 2 * headers.length));
      view = ByteBuffer.wrap(headers);
    }
    System.arraycopy(encoder.array(), 0, headers, at, length);
    headerEnds[count++] = at + length;
    position += length;
  }

  /** Records of the batch. */
  int count() {
    return count;
  }

  /** The header of one; not to be consumed, and good until the next is asked for. */
  ByteBuffer header(int i) {
    return view.limit(headerEnds[i]).position(i == 0 ? 0 : headerEnds[i - 1]);
  }

  /** Whether one is an entry's, not a directory's. */
  boolean isEntry(int i) {
    return ordinals[i] >= 0;
  }

  int ordinal(int i) {
    return ordinals[i];
  }

  boolean isPassThrough(int i) {
    return passThrough[i];
  }

  /** Original length, in bytes. */
  long length(int i) {
    return lengths[i];
  }

  int storedLength(int i) {
    return storedLengths[i];
  }

  int storedCrc(int i) {
    return storedCrcs[i];
  }

  int codec(int i) {
    return codecs[i];
  }

  /** What it takes to decode the stored bytes of one. */
  PayloadExtent payload(int i, long start) {
    return new PayloadExtent(
        ordinals[i],
        Entry.Kind.FOLDED,
        lengths[i],
        new Extent(index.container(), start, storedLengths[i]),
        codecs[i],
        storedCrcs[i],
        crcs[i],
        racy[i]);
  }
}
