package io.pleat.fold;

import io.pleat.format.Attributes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link RowOutput} wrote. Rows never leave the run, so they carry no checksums of their own. */
final class RowInput {
  private final byte[] bytes;
  private final int end;
  private int at;

  // Most rows of a run share one owner and one group.
  private byte[] lastOwner = {};
  private String lastOwnerText = "";
  private byte[] lastGroup = {};
  private String lastGroupText = "";

  RowInput(byte[] bytes) {
    this(bytes, 0);
  }

  RowInput(byte[] bytes, int start) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.at = start;
  }

  boolean hasRemaining() {
    return at < end;
  }

  int getByte() {
    return bytes[at++];
  }

  long getLong() {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  int getInt() {
    return Math.toIntExact(getLong());
  }

  long getSigned() {
    long value = getLong();
    return (value >>> 1) ^ -(value & 1);
  }

  byte[] getBytes() {
    int length = getInt();
    byte[] value = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return value;
  }

  String getString() {
    int length = getInt();
    String value = length == 0 ? "" : new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  Attributes getAttributes() {
    long seconds = getSigned();
    int nanos = getInt();
    int mode = getInt();
    byte[] owner = getBytes();
    if (!Arrays.equals(owner, lastOwner)) {
      lastOwner = owner;
      lastOwnerText = new String(owner, StandardCharsets.UTF_8);
    }
    byte[] group = getBytes();
    if (!Arrays.equals(group, lastGroup)) {
      lastGroup = group;
      lastGroupText = new String(group, StandardCharsets.UTF_8);
    }
    return new Attributes(seconds, nanos, mode, lastOwnerText, lastGroupText, getString());
  }
}
