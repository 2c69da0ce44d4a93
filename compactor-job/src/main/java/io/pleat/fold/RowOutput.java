package io.pleat.fold;

import io.pleat.format.Attributes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array that rows are packed into; numbers are LEB128 varints, zigzag where they may be negative. */
final class RowOutput {
  private byte[] bytes;
  private int size;

  RowOutput(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  void reset() {
    size = 0;
  }

  RowOutput putByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
    return this;
  }

  RowOutput putLong(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  RowOutput putSigned(long value) {
    return putLong((value << 1) ^ (value >> 63));
  }

  RowOutput putBytes(byte[] value) {
    putLong(value.length);
    reserve(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  RowOutput putString(String value) {
    return putBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  RowOutput append(RowOutput other) {
    reserve(other.size);
    System.arraycopy(other.bytes, 0, bytes, size, other.size);
    size += other.size;
    return this;
  }

  RowOutput putAttributes(Attributes attributes) {
    return putSigned(attributes.mtimeSeconds())
        .putLong(attributes.mtimeNanos())
        .putLong(attributes.mode())
        .putString(attributes.owner())
        .putString(attributes.group())
        .putString(attributes.etag());
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
