package io.pleat.format;

import java.nio.ByteBuffer;

/**
 * Bytes of a little-endian buffer that others may share: a section in memory. What is read together lies in one buffer, whose object then is read once.
 *
 * @param at where they start
 * @param length how many they are, slack included
 */
record MemoryRange(ByteBuffer memory, int at, int length) {
  /** All of {@code memory}. */
  static MemoryRange of(ByteBuffer memory) {
    return new MemoryRange(memory, 0, memory.limit());
  }

  /** A part of this. */
  MemoryRange part(int from, int count) {
    if (from < 0 || count < 0 || count > length - from) {
      throw new IndexOutOfBoundsException(from + "+" + count + " of " + length + " bytes");
    }
    return new MemoryRange(memory, at + from, count);
  }

  /** The bytes as a buffer of their own. */
  ByteBuffer slice() {
    return Reads.slice(memory, at, length);
  }
}
