package io.pleat.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing little-endian byte array; what a writer keeps per entry lives in these. */
final class ByteArena {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes;
  private int length;

  ByteArena(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  /** The array itself, valid until the next put; only the first {@link #length()} bytes mean anything. */
  byte[] array() {
    return bytes;
  }

  /** A read-only view that shares the array, valid until the next put. */
  ByteBuffer view() {
    return ByteBuffer.wrap(bytes, 0, length).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  void clear() {
    length = 0;
  }

  void putByte(int value) {
    require(1);
    bytes[length++] = (byte) value;
  }

  void putInt(int value) {
    require(Integer.BYTES);
    INT.set(bytes, length, value);
    length += Integer.BYTES;
  }

  void putLong(long value) {
    require(Long.BYTES);
    LONG.set(bytes, length, value);
    length += Long.BYTES;
  }

  void putVarint(long value) {
    require(Varint.MAX_LENGTH);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** Appends {@code count} zero bytes; the arena was never cleared. */
  void skip(int count) {
    require(count);
    length += count;
  }

  void put(byte[] source, int from, int count) {
    require(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  private void require(int more) {
    if (more > bytes.length - length) {
      long wanted = Math.max((long) length + more, bytes.length + (bytes.length >> 1) + 64L);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }
}
