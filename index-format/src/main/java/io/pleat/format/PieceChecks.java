package io.pleat.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * Checks a mapped index block piece by piece: each {@value #PIECE_LENGTH} bytes when something first needs them, against the checksums that an index pack keeps
 * behind the block. So the first page of a large directory costs the pieces that it lies in, not a section of megabytes. Thread-safe.
 *
 * <pre>
 * piece checksums, behind the n bytes of index block and footer:
 *   4 * ceil(n / 4096)  CRC32C of each piece, the last one perhaps shorter
 *                    4  bound CRC of these, of kind 0x10000
 * </pre>
 */
final class PieceChecks {
  /*
   * Threads may prove a piece twice, which harms nobody: the memory never changes, and a byte that says "proven" is true whoever wrote it, so it
   * is read without any order. Whoever has to prove a piece also proves the next few of a walk over all of them. So after a bounded
   * number of such calls there is nothing left to ask, and those who keep this let go of it.
   */
  static final int PIECE_LENGTH = 1 << PieceChecks.PIECE_SHIFT;

  private static final int PIECE_SHIFT = 12;

  /** A kind that no section has, as those have 16 bits. */
  private static final int KIND = 0x10000;

  /** Pieces of the walk that are proven beside one that is needed. */
  private static final int STEPS = 3;

  private static final VarHandle BYTE = MethodHandles.arrayElementVarHandle(byte[].class);

  private final ByteBuffer memory;
  private final int start;
  private final int length;
  private final int crcsAt;
  private final ContainerId id;
  private final String source;
  private final AtomicInteger walk = new AtomicInteger();
  private final AtomicInteger unproven;
  private volatile boolean listProven;

  /** Of each piece whether it is proven; null once all are. */
  private byte[] proven;

  /**
   * @param memory holds the index block and footer, and behind them their piece checksums
   * @param start where the index block starts there
   * @param length of index block and footer, in bytes, at least 1
   */
  PieceChecks(ByteBuffer memory, int start, int length, ContainerId id, String source) {
    this.memory = memory;
    this.start = start;
    this.length = length;
    this.crcsAt = start + length;
    this.id = id;
    this.source = source;
    int pieces = pieces(length);
    proven = new byte[pieces];
    unproven = new AtomicInteger(pieces);
  }

  private static int pieces(int length) {
    return (length - 1 >>> PIECE_SHIFT) + 1;
  }

  /** Bytes of the piece checksums of an index block and footer of {@code length} bytes. */
  static int encodedLength(int length) {
    return (pieces(length) + 1) * Integer.BYTES;
  }

  /** Computes piece checksums of bytes that come in parts. */
  static final class Builder {
    private final IntArena crcs = new IntArena(64);
    private final CRC32C crc = new CRC32C();
    private int inPiece;

    /** Takes the remaining bytes, which are not consumed. */
    void update(ByteBuffer bytes) {
      ByteBuffer rest = bytes.duplicate();
      while (rest.hasRemaining()) {
        int count = Math.min(rest.remaining(), PIECE_LENGTH - inPiece);
        crc.update(rest.duplicate().limit(rest.position() + count));
        rest.position(rest.position() + count);
        inPiece += count;
        if (inPiece == PIECE_LENGTH) {
          endPiece();
        }
      }
    }

    private void endPiece() {
      crcs.add((int) crc.getValue());
      crc.reset();
      inPiece = 0;
    }

    /** The piece checksums; nothing may be added any more. */
    ByteBuffer finish(ContainerId id) {
      if (inPiece > 0) {
        endPiece();
      }
      int list = crcs.size() * Integer.BYTES;
      ByteBuffer encoded = Reads.buffer(list + Integer.BYTES);
      for (int piece = 0; piece < crcs.size(); piece++) {
        encoded.putInt(crcs.get(piece));
      }
      return encoded.putInt(Checksums.bound(id, KIND, encoded.slice(0, list))).flip();
    }
  }

  /**
   * Proves the pieces in which {@code count} bytes at {@code at} of the memory lie; gives whether all others are proven, too, so that nobody need ask any more.
   *
   * @throws DamagedPartException if the checksum of one of them is wrong
   * @throws IndexOutOfBoundsException if they are not all in the index block and footer
   */
  boolean prove(int at, int count) {
    byte[] known = proven;
    if (known == null) {
      return true;
    }
    int first = at - start >> PIECE_SHIFT;
    int last = at - start + count - 1 >> PIECE_SHIFT;
    if (known[first] != 0 && (first >= last || last == first + 1 && known[last] != 0)) {
      return false;
    }
    for (int piece = first; piece <= last; piece++) {
      if (known[piece] == 0) {
        prove(known, piece);
      }
    }
    return proven == null;
  }

  private void prove(byte[] known, int piece) {
    proveList();
    int crc = crc(piece);
    if (crc != stored(piece)) {
      throw new DamagedPartException(new CorruptDataException(
          source,
          (long) piece << PIECE_SHIFT,
          "CRC32C of piece %d of the index block is %s, stored %s",
          piece,
          Checksums.hex(crc),
          Checksums.hex(stored(piece))));
    }
    mark(known, piece);
    for (int step = 0; step < STEPS && walk.get() < known.length; step++) {
      int next = walk.getAndIncrement();
      if (next < known.length && known[next] == 0 && crc(next) == stored(next)) {
        mark(known, next); // a damaged one is for whoever needs it
      }
    }
  }

  private void mark(byte[] known, int piece) {
    if ((byte) BYTE.getAndSet(known, piece, (byte) 1) == 0 && unproven.decrementAndGet() == 0) {
      proven = null;
    }
  }

  private int crc(int piece) {
    int at = piece << PIECE_SHIFT;
    return Checksums.crc32c(Reads.slice(memory, start + at, Math.min(PIECE_LENGTH, length - at)));
  }

  private int stored(int piece) {
    return memory.getInt(crcsAt + piece * Integer.BYTES);
  }

  private void proveList() {
    if (listProven) {
      return;
    }
    int list = pieces(length) * Integer.BYTES;
    int crc = Checksums.bound(id, KIND, Reads.slice(memory, crcsAt, list));
    int stored = memory.getInt(crcsAt + list);
    if (crc != stored) {
      throw new DamagedPartException(new CorruptDataException(
          source,
          length,
          "CRC32C of the piece checksums is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(stored)));
    }
    listProven = true;
  }
}
