package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds the section that {@link KeyGroups} reads, row by row. */
final class KeyGroupsBuilder {
  private final ByteArena names = new ByteArena(4096);
  private final IntArena groupNamesAt = new IntArena(64);
  private byte[] lastKey = new byte[256];
  private int lastLength;
  private int rows;

  /** Where finished bytes go. */
  interface Output {
    void write(byte[] bytes, int from, int length) throws IOException;
  }

  int rows() {
    return rows;
  }

  /** Bytes that the section will have, tails aside; never less than it comes to. */
  long sizeBound() {
    return names.length() + (groupNamesAt.size() + 1L) * (Integer.BYTES + Varint.MAX_LENGTH);
  }

  /** Whether the next row starts a group. */
  boolean atGroupStart() {
    return KeyGroups.rowInGroup(rows) == 0;
  }

  /** Adds the key {@code key[0..length)} followed by {@code end}. */
  void add(byte[] key, int length, byte[] end) {
    int total = length + end.length;
    int shared = 0;
    if (atGroupStart()) {
      groupNamesAt.add(names.length());
    } else {
      shared = common(key, length);
      if (shared == length) {
        while (shared < total && shared < lastLength && lastKey[shared] == end[shared - length]) {
          shared++;
        }
      }
    }
    names.putVarint(shared);
    names.putVarint(total - shared);
    if (shared < length) {
      names.put(key, shared, length - shared);
      names.put(end, 0, end.length);
    } else {
      names.put(end, shared - length, total - shared);
    }
    if (total > lastKey.length) {
      lastKey = new byte[Math.max(total, 2 * lastKey.length)];
    }
    System.arraycopy(key, 0, lastKey, 0, length);
    System.arraycopy(end, 0, lastKey, length, end.length);
    lastLength = total;
    rows++;
  }

  private int common(byte[] key, int length) {
    int mismatch = Arrays.mismatch(key, 0, length, lastKey, 0, lastLength);
    return mismatch < 0 ? length : mismatch;
  }

  /** Whether {@code key} is among the rows from {@code from} to {@code to} (exclusive, and above {@code from}). */
  boolean contains(byte[] key, int from, int to) {
    ByteBuffer view = names.view();
    int low = KeyGroups.groupOf(from);
    int high = KeyGroups.groupOf(to - 1);
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      int found = KeyGroups.searchNames(view, groupNamesAt.get(middle), 1, key);
      if (found == 0) {
        return true;
      }
      if (found == -1) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    int rowsThere = Math.min(KeyGroups.GROUP_SIZE, rows - KeyGroups.firstRowOf(low));
    return KeyGroups.searchNames(view, groupNamesAt.get(low), rowsThere, key) >= 0;
  }

  /**
   * Writes the section.
   *
   * @param groupTailsAt where in {@code tails} each group's tails start
   */
  void writeTo(Output output, ByteArena tails, IntArena groupTailsAt) throws IOException {
    int groups = groupNamesAt.size();
    ByteArena piece = new ByteArena(4096);
    long at = (groups + 1L) * Integer.BYTES;
    for (int group = 0; group < groups; group++) {
      piece.putInt(Math.toIntExact(at));
      int namesLength = end(groupNamesAt, group, names) - groupNamesAt.get(group);
      int tailsLength = end(groupTailsAt, group, tails) - groupTailsAt.get(group);
      at += Varint.length(namesLength) + (long) namesLength + tailsLength;
    }
    piece.putInt(Math.toIntExact(at));
    output.write(piece.array(), 0, piece.length());
    for (int group = 0; group < groups; group++) {
      int namesAt = groupNamesAt.get(group);
      int namesLength = end(groupNamesAt, group, names) - namesAt;
      piece.clear();
      piece.putVarint(namesLength);
      output.write(piece.array(), 0, piece.length());
      output.write(names.array(), namesAt, namesLength);
      int tailsAt = groupTailsAt.get(group);
      output.write(tails.array(), tailsAt, end(groupTailsAt, group, tails) - tailsAt);
    }
  }

  private static int end(IntArena starts, int group, ByteArena arena) {
    return group + 1 < starts.size() ? starts.get(group + 1) : arena.length();
  }
}
