package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;

/**
 * Proves a container sound, every byte of it: the same that {@link ContainerReader#verify} checks, in pieces that threads may share and without saying what is wrong where something is. Whoever
 * fails to get the proof asks that method. Thread-safe; each piece is checked by one thread, and the reader must stay open meanwhile.
 */
public final class ContainerProof {
  /*
   * Soundness is what nearly always is found, so what it costs to prove it decides how quick a verification is. Pieces are stretches of records between two
   * entries, so that each thread reads, compares and sums what it has just read into its processor's cache, and hands nothing over. Every byte is summed
   * once: the CRC32C of the whole file follows from those of headers and payloads, see CrcConcatenation. Index block and footer were
   * read and summed as the reader was opened.
   */

  /** Bytes of records in a piece, about. */
  static final int PIECE_LENGTH = 16 << 20;

  private final ByteSource source;
  private final IndexBlock index;
  private final PayloadReader payloads;
  private final int readLength;

  /** The first entry of each piece of records, and the number of entries. */
  private final int[] from;

  private final AtomicReferenceArray<Sound> sound;

  /** Bytes from {@code start} to {@code end} of the file have this CRC32C. */
  private record Sound(long start, long end, int crc) {}

  ContainerProof(
      ByteSource source, IndexBlock index, PayloadReader payloads, int readLength, int pieceLength)
      throws IOException {
    Preconditions.checkArgument(
        readLength >= ContainerReader.MIN_READ_LENGTH
            && readLength <= ContainerReader.MAX_READ_LENGTH,
        "reads of %s bytes",
        readLength);
    this.source = source;
    this.index = index;
    this.payloads = payloads;
    this.readLength = readLength;
    this.from = pieces(pieceLength);
    this.sound = new AtomicReferenceArray<>(from.length);
  }

  private int[] pieces(int pieceLength) throws IOException {
    EntryPages pages = index.lookups();
    int cell = index.enter();
    try {
      int count = pages.pageCount();
      int pieces = (int) Math.max(1, Math.min(count, index.indexOffset() / pieceLength));
      int[] first = new int[pieces + 1];
      for (int piece = 1; piece < pieces; piece++) {
        first[piece] = pages.firstOrdinal((int) ((long) count * piece / pieces));
      }
      first[pieces] = index.entryCount();
      return first;
    } catch (IndexOutOfBoundsException e) {
      throw index.damaged(e);
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
  }

  /** Pieces to check. */
  public int pieces() {
    return from.length;
  }

  /** Sees the entries of a piece. */
  public interface RowListener {
    /**
     * Called in the order of ordinals.
     *
     * @param length original length, in bytes
     * @param storedLength in bytes; of an entry that is not folded, 0
     */
    void row(int ordinal, boolean folded, long length, long storedLength);
  }

  /**
   * Checks one piece. Once all are, {@link #crc} says whether they make a sound container.
   *
   * @param piece 0 to {@link #pieces} - 1
   * @param rows sees the entries of the piece; of one that is not sound, some of them
   * @return whether it is sound
   * @throws IOException if the source cannot be read, or a payload not be decoded here
   */
  public boolean check(int piece, RowListener rows) throws IOException {
    try {
      sound.set(piece, piece == from.length - 1 ? checkDirectories() : checkRecords(piece, rows));
      return true;
    } catch (CorruptDataException
        | DamagedPartException
        | IndexOutOfBoundsException
        | IllegalArgumentException
        | ArithmeticException e) {
      return false;
    }
  }

  /** CRC32C of the whole file, if every piece was checked and the container is sound. */
  public OptionalInt crc() {
    long at = 0;
    int crc = 0;
    for (int piece = 0; piece < from.length; piece++) {
      Sound bytes = sound.get(piece);
      if (bytes == null || bytes.start() != at) {
        return OptionalInt.empty();
      }
      crc = CrcConcatenation.concat(crc, bytes.crc(), bytes.end() - at);
      at = bytes.end();
    }
    return index.filterDamage().isEmpty() && at == source.length()
        ? OptionalInt.of(crc)
        : OptionalInt.empty();
  }

  private Sound checkRecords(int piece, RowListener rows) throws IOException {
    int to = from[piece + 1];
    ExpectedRecords expected = new ExpectedRecords(index, from[piece], to);
    long end = index.indexOffset();
    if (to < index.entryCount()) {
      Extent before = index.extent(to - 1);
      end = before.offset() + before.length();
    }
    try (ForwardWindow window = new ForwardWindow(source, end, readLength)) {
      return new RecordsCheck(window, rows).run(piece, expected, end);
    }
  }

  /** The check of one piece of records. */
  private final class RecordsCheck {
    private final ForwardWindow window;
    private final RowListener rows;
    private final CRC32C payload = new CRC32C();
    private int crc;

    RecordsCheck(ForwardWindow window, RowListener rows) {
      this.window = window;
      this.rows = rows;
    }

    Sound run(int piece, ExpectedRecords expected, long end) throws IOException {
      long start = expected.position();
      if (piece == 0) {
        start = 0;
        checkHeader();
        expected.skip(checkDictionary(HeaderLayout.LENGTH));
      }
      long position = expected.position();
      while (expected.fill()) {
        for (int i = 0; i < expected.count(); i++) {
          position = checkRecord(expected, i, position);
        }
      }
      requireThat(position == end, position);
      return new Sound(start, end, crc);
    }

    private void checkHeader() throws IOException {
      require(0, HeaderLayout.LENGTH);
      ByteBuffer header = Reads.slice(window.bytes(), window.indexOf(0), HeaderLayout.LENGTH);
      HeaderLayout.check(header, source.toString(), index.container());
      append(Checksums.crc32c(header), HeaderLayout.LENGTH);
    }

    /** Checks the dictionary's record, if there is one, where writers put it; gives its length. */
    private int checkDictionary(long position) throws IOException {
      if (index.dictionary().isEmpty()) {
        return 0;
      }
      byte[] dictionary = index.dictionary().get();
      int dictionaryCrc = Checksums.crc32c(dictionary, 0, dictionary.length);
      RecordLayout.Encoder encoder = new RecordLayout.Encoder(index.container());
      byte[] nothing = {};
      int length = encoder.encode(
          position,
          RecordLayout.DICTIONARY,
          0,
          0,
          nothing,
          RecordLayout.NO_ATTRIBUTES,
          nothing,
          nothing,
          nothing,
          dictionary.length,
          PayloadCodec.RAW,
          dictionary.length,
          dictionaryCrc,
          dictionaryCrc);
      checkHeader(position, ByteBuffer.wrap(encoder.array(), 0, length));
      long payloadAt = position + length;
      ByteBuffer stored = window.whole(payloadAt, dictionary.length);
      requireThat(stored.equals(ByteBuffer.wrap(dictionary)), payloadAt);
      append(dictionaryCrc, dictionary.length);
      return length + dictionary.length;
    }

    private long checkRecord(ExpectedRecords expected, int i, long position) throws IOException {
      int headerLength = checkHeader(position, expected.header(i));
      if (!expected.isEntry(i)) {
        return position + headerLength;
      }
      int stored = expected.storedLength(i);
      boolean folded = !expected.isPassThrough(i);
      rows.row(expected.ordinal(i), folded, expected.length(i), stored);
      long payloadAt = position + headerLength;
      if (folded) {
        if (expected.codec(i) == PayloadCodec.RAW) {
          requireThat(payloadCrc(payloadAt, stored) == expected.storedCrc(i), payloadAt);
        } else {
          payloads.decode(expected.payload(i, payloadAt), window.whole(payloadAt, stored));
        }
        append(expected.storedCrc(i), stored);
      }
      return payloadAt + stored;
    }

    /** Checks that {@code expected}, the header of a record, is what stands there; gives its length. */
    private int checkHeader(long position, ByteBuffer expected) throws IOException {
      int length = expected.remaining();
      require(position, length);
      requireThat(window.matches(position, expected), position);
      append(CrcConcatenation.OF_SUMMED, length);
      return length;
    }

    /** CRC32C of stored bytes, as they come. */
    private int payloadCrc(long offset, int length) throws IOException {
      payload.reset();
      long end = offset + length;
      for (long at = offset; at < end; ) {
        int count = (int) Math.min(end - at, window.available(at));
        if (count == 0) {
          count = window.require(at, (int) Math.min(end - at, readLength));
          requireThat(count > 0, at);
        }
        window.update(payload, at, count);
        at += count;
      }
      return (int) payload.getValue();
    }

    private void require(long position, int count) throws IOException {
      requireThat(window.require(position, count) == count, position);
    }

    private void append(int following, int length) {
      crc = CrcConcatenation.concat(crc, following, length);
    }
  }

  private void requireThat(boolean holds, long position) throws CorruptDataException {
    if (!holds) {
      throw new CorruptDataException(source.toString(), position, "not as expected");
    }
  }

  /** Checks the directory table on its own, and stands for index block and footer, which were checked before. */
  private Sound checkDirectories() throws IOException {
    int cell = index.enter();
    try {
      KeyGroups table = index.parts().directories();
      DirectoryRows rows = new DirectoryRows(table, index.directoryCount(), index.entryCount(), 0);
      Deque<Subtree> open = new ArrayDeque<>();
      byte[] last = {};
      while (rows.next()) {
        byte[] key = rows.key();
        byte[] path = SortKey.toPath(key);
        requireThat(
            SortKey.isDirectory(key)
                && LogicalPath.whyIllegal(path).isEmpty()
                && Arrays.compareUnsigned(last, key) < 0
                && table.search(key) == rows.index(),
            index.indexOffset());
        end(open, key, rows.index());
        open.push(new Subtree(SortKey.subtreePrefix(path), rows.subtreeEnd()));
        last = key;
      }
      requireThat(rows.endEntry() == index.entryCount(), index.indexOffset());
      end(open, null, index.directoryCount());
    } finally {
      IndexBlock.GUARD.leave(cell);
    }
    return new Sound(index.indexOffset(), source.length(), index.tailCrc());
  }

  /** What the keys of all directories below one start with, and where the table says that they end. */
  private record Subtree(byte[] prefix, int end) {
    boolean holds(byte[] key) {
      return key != null
          && key.length >= prefix.length
          && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length);
    }
  }

  /** Ends the subtrees that do not hold {@code key}, none of which may say that it ends elsewhere. */
  private void end(Deque<Subtree> open, byte[] key, int row) throws CorruptDataException {
    while (!open.isEmpty() && !open.peek().holds(key)) {
      requireThat(open.pop().end() == row, index.indexOffset());
    }
  }
}
