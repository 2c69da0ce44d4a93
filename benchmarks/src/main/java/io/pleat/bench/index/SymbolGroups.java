package io.pleat.bench.index;

import java.nio.ByteBuffer;
import java.util.Map;

/** Groups whose names are coded by symbol: r counts coded bytes. */
final class SymbolGroups extends Groups {
  private final long[] symbols;
  private final int[] lengths;

  SymbolGroups(Map<String, ByteBuffer> sections) {
    super(sections, "groups");
    SymbolTable table = new SymbolTable(sections.get("symbols"));
    symbols = table.symbols;
    lengths = table.lengths;
  }

  @Override
  long search(int group, int last, byte[] path) {
    int at = namesAt(start(group));
    int agree = 0;
    for (int row = 0; row <= last; row++) {
      int shared = varint(groups, at);
      at += varintLength(groups, at);
      int coded = varint(groups, at);
      at += varintLength(groups, at);
      int end = at + coded;
      if (shared == agree) {
        boolean equal = true;
        while (at < end && equal) {
          int code = groups.get(at++) & 0xFF;
          long symbol = code == SymbolTable.ESCAPE ? groups.get(at++) & 0xFF : symbols[code];
          int length = lengths[code];
          long next;
          if (agree + 8 <= path.length) {
            next = (long) PathHash.LONG.get(path, agree);
          } else {
            next = lastBytes(path, agree);
          }
          long difference = (next ^ symbol) & SymbolTable.mask(length);
          int same = Math.min(length, Long.numberOfTrailingZeros(difference) >>> 3);
          // Zeros stand behind the path's end, and no path has any.
          agree += same;
          equal = same == length;
        }
        if (equal && agree == path.length) {
          return row;
        }
      } else if (shared < agree) {
        agree = shared;
      }
      at = end;
    }
    return -1;
  }

  private static long lastBytes(byte[] path, int from) {
    if (from >= path.length) {
      return 0;
    }
    if (path.length >= 8) {
      return (long) PathHash.LONG.get(path, path.length - 8) >>> 8 * (from + 8 - path.length);
    }
    long bytes = 0;
    for (int i = path.length - 1; i >= from; i--) {
      bytes = bytes << 8 | path[i] & 0xFF;
    }
    return bytes;
  }

  /** Decoded lengths are known only once all rows up to it are decoded. */
  @Override
  int locate(int group, long found, Location to) {
    int row = (int) found;
    long total = 0;
    int at = namesAt(start(group));
    for (int i = 0; i <= row; i++) {
      total += varint(groups, at);
      at += varintLength(groups, at);
      int coded = varint(groups, at);
      at += varintLength(groups, at);
      for (int end = at + coded; at < end; at++) {
        int code = groups.get(at) & 0xFF;
        total += lengths[code];
        at += code == SymbolTable.ESCAPE ? 1 : 0;
      }
    }
    locate(group, row, total, to);
    return group * groupSize + row;
  }

  @Override
  void list(OpenIndex.PathSink sink) {
    byte[] path = new byte[1 << 12];
    for (int group = 0; group < count; group++) {
      int at = namesAt(start(group));
      int rows = rows(group);
      for (int row = 0; row < rows; row++) {
        int length = varint(groups, at);
        at += varintLength(groups, at);
        int coded = varint(groups, at);
        at += varintLength(groups, at);
        for (int end = at + coded; at < end; ) {
          int code = groups.get(at++) & 0xFF;
          long symbol = code == SymbolTable.ESCAPE ? groups.get(at++) : symbols[code];
          PathHash.LONG.set(path, length, symbol);
          length += lengths[code];
        }
        sink.accept(path, length);
      }
    }
  }

  /** Writes such groups. */
  static final class Builder extends Groups.Builder {
    private final SymbolTable symbols;
    private final byte[] coded = new byte[1 << 13];

    Builder(SectionFile.Writer out, SymbolTable symbols, int groupSize) {
      super(out, "groups", groupSize, true);
      this.symbols = symbols;
    }

    @Override
    void putRest(Item item, int shared) {
      int length = symbols.encode(item.path, shared, item.length, coded, 0);
      namesLength = putVarint(names, namesLength, length);
      System.arraycopy(coded, 0, names, namesLength, length);
      namesLength += length;
    }
  }
}
