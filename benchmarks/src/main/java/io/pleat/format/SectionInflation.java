package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How quickly the compressed sections of an index block become what lookups use. It stands in this package because only this package knows the bytes. */
public final class SectionInflation {
  private SectionInflation() {}

  /**
   * Decodes each compressed section again and again.
   *
   * @param tail an index block and its footer
   * @param clock in ns
   * @return by kind: decoded bytes a second, of the quickest of {@code rounds}
   */
  public static Map<Integer, Double> bytesPerSecond(
      byte[] tail, long indexOffset, ContainerId id, int rounds, LongSupplier clock)
      throws IOException {
    ByteBuffer memory = OffHeap.allocate(tail.length);
    memory.put(0, tail);
    Map<Integer, Double> rates = new LinkedHashMap<>();
    try {
      SectionTable table = IndexBlock.checkTail(memory, "memory", indexOffset, id);
      for (SectionTable.Row row : table.rows()) {
        if (row.encoding() != SectionTable.AS_IT_IS) {
          rates.put(row.kind(), rate(memory, table, row, rounds, clock));
        }
      }
    } finally {
      OffHeap.free(memory);
    }
    return rates;
  }

  private static double rate(
      ByteBuffer memory, SectionTable table, SectionTable.Row row, int rounds, LongSupplier clock)
      throws IOException {
    ByteBuffer stored = Reads.slice(memory, (int) row.offset(), (int) row.storedLength());
    ByteBuffer target = OffHeap.allocate((int) row.length());
    try {
      long best = Long.MAX_VALUE;
      for (int round = 0; round < rounds; round++) {
        long start = clock.getAsLong();
        SectionDecoder.decode(row, table.entries(), stored, target, "memory");
        best = Math.min(best, clock.getAsLong() - start);
      }
      return row.length() * 1e9 / best;
    } finally {
      OffHeap.free(target);
    }
  }
}
