package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Up to 255 symbols of one to eight bytes, trained as FSST (Boncz, Neumann and Leis, 2020) does; code 255 escapes one byte. */
final class SymbolTable {
  static final int ESCAPE = 255;
  private static final int ROUNDS = 5;
  private static final int SAMPLES = 1 << 14;

  /** Bytes of a symbol, the first lowest. */
  final long[] symbols = new long[256];

  final int[] lengths = new int[256];
  private int count;

  /** For each first byte the codes that start with it, longest first. */
  private final int[][] byFirst = new int[256][0];

  private record Symbol(long bytes, int length) {
    Symbol with(Symbol next) {
      int joined = Math.min(8, length + next.length);
      long all = length == 8 ? bytes : bytes | next.bytes << 8 * length;
      return new Symbol(all & mask(joined), joined);
    }
  }

  SymbolTable() {
    lengths[ESCAPE] = 1;
  }

  SymbolTable(ByteBuffer section) {
    for (int code = 0; code < 256; code++) {
      symbols[code] = section.getLong(code * 9);
      lengths[code] = section.get(code * 9 + 8);
    }
  }

  void write(SectionFile.Writer out) throws IOException {
    for (int code = 0; code < 256; code++) {
      out.writeLow(symbols[code], Long.BYTES);
      out.writeLow(lengths[code], 1);
    }
    out.end("symbols");
  }

  static long mask(int length) {
    return length == 0 ? 0 : -1L >>> 64 - 8 * length;
  }

  /** Trains on what front-coding leaves of a sample of the names. */
  static SymbolTable train(Path corpus, int entries, int groupSize) throws IOException {
    List<byte[]> sample = new ArrayList<>();
    byte[] last = new byte[1 << 12];
    int[] state = {0, 0};
    int every = Math.max(1, entries / SAMPLES);
    CorpusFile.read(corpus, item -> {
      int shared = state[0] % groupSize == 0
          ? 0
          : Arrays.mismatch(last, 0, state[1], item.path, 0, item.length);
      if (PathHash.mix(state[0]) >>> 33 < (1L << 31) / every && shared >= 0) {
        sample.add(Arrays.copyOfRange(item.path, shared, item.length));
      }
      System.arraycopy(item.path, 0, last, 0, item.length);
      state[1] = item.length;
      state[0]++;
    });
    SymbolTable table = new SymbolTable();
    for (int round = 0; round < ROUNDS; round++) {
      table = table.improved(sample);
    }
    return table;
  }

  private SymbolTable improved(List<byte[]> sample) {
    Map<Symbol, Integer> gains = new HashMap<>();
    for (byte[] text : sample) {
      Symbol before = null;
      for (int at = 0; at < text.length; ) {
        int code = longest(text, at, text.length);
        Symbol one = code == ESCAPE
            ? new Symbol(text[at] & 0xFF, 1)
            : new Symbol(symbols[code], lengths[code]);
        gains.merge(one, one.length, Integer::sum);
        if (before != null) {
          Symbol both = before.with(one);
          gains.merge(both, both.length, Integer::sum);
        }
        before = one;
        at += one.length;
      }
    }
    List<Map.Entry<Symbol, Integer>> best = new ArrayList<>(gains.entrySet());
    best.sort(Comparator.comparing((Map.Entry<Symbol, Integer> gain) -> -gain.getValue())
        .thenComparing(gain -> gain.getKey().bytes));
    SymbolTable table = new SymbolTable();
    for (Map.Entry<Symbol, Integer> gain : best.subList(0, Math.min(ESCAPE, best.size()))) {
      table.symbols[table.count] = gain.getKey().bytes;
      table.lengths[table.count++] = gain.getKey().length;
    }
    for (int length = 8; length > 0; length--) {
      for (int code = 0; code < table.count; code++) {
        if (table.lengths[code] == length) {
          int first = (int) table.symbols[code] & 0xFF;
          int[] more = Arrays.copyOf(table.byFirst[first], table.byFirst[first].length + 1);
          more[more.length - 1] = code;
          table.byFirst[first] = more;
        }
      }
    }
    return table;
  }

  private int longest(byte[] text, int at, int end) {
    long next = 0;
    int left = Math.min(8, end - at);
    if (at + 8 <= text.length) {
      next = (long) PathHash.LONG.get(text, at);
    } else {
      for (int i = 0; i < left; i++) {
        next |= (text[at + i] & 0xFFL) << 8 * i;
      }
    }
    for (int code : byFirst[text[at] & 0xFF]) {
      if (lengths[code] <= left && ((next ^ symbols[code]) & mask(lengths[code])) == 0) {
        return code;
      }
    }
    return ESCAPE;
  }

  /** Codes text into {@code target}, and returns where it ends there. */
  int encode(byte[] text, int from, int to, byte[] target, int at) {
    int end = at;
    for (int i = from; i < to; ) {
      int code = longest(text, i, to);
      target[end++] = (byte) code;
      if (code == ESCAPE) {
        target[end++] = text[i];
      }
      i += lengths[code];
    }
    return end;
  }
}
