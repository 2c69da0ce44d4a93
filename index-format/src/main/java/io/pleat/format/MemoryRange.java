package io.pleat.format;

import java.nio.ByteBuffer;

/**
 * Bytes of a little-endian buffer that others may share: a section in memory. What is read together lies in one buffer, whose object then is read once.
 *
 * @param at where they start
 * @param length how many they are, slack included
 * @param checks what has to be asked before they are read; null if they are proven
 */
record MemoryRange(ByteBuffer memory, int at, int length, PieceChecks checks) {
  MemoryRange(ByteBuffer memory, int at, int length) {
    this(memory, at, length, null);
  }

  /** All of {@code memory}. */
  static MemoryRange of(ByteBuffer memory) {
    return new MemoryRange(memory, 0, memory.limit());
  }

  /** A part of this. */
  MemoryRange part(int from, int count) {
    if (from < 0 || count < 0 || count > length - from) {
      throw new IndexOutOfBoundsException(from + "+" + count + " of " + length + " bytes");
    }
    return new MemoryRange(memory, at + from, count, checks);
  }

  /**
   * Proves {@code count} bytes from {@code from} on; call it before they are read.
   *
   * @throws DamagedPartException if they are damaged
   * @throws IndexOutOfBoundsException if they leave the index block
   */
  void prove(int from, int count) {
    if (checks != null && count > 0) {
      checks.prove(at + from, count);
    }
  }

  /** The bytes as a buffer of their own. */
  ByteBuffer slice() {
    return Reads.slice(memory, at, length);
  }
}
