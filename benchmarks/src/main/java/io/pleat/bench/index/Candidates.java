package io.pleat.bench.index;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** All candidates and rivals by name, in the order in which they are shown. */
final class Candidates {
  private static final Map<String, Supplier<Candidate>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("pleat", PleatIndex::candidate);
    ALL.put("front-coded", () -> FrontCodedIndex.candidate(16));
    ALL.put("hash-slots", () -> HashSlotIndex.candidate(16));
    ALL.put("perfect-hash", () -> PerfectHashIndex.candidate(16));
    ALL.put("function-8", () -> FunctionIndex.candidate(8, 0, true));
    ALL.put("function-16", () -> FunctionIndex.candidate(16, 0, true));
    ALL.put("function-32", () -> FunctionIndex.candidate(32, 0, true));
    ALL.put("function-16-print", () -> FunctionIndex.candidate(16, 8, true));
    ALL.put("function-16-no-crc", () -> FunctionIndex.candidate(16, 0, false));
    ALL.put("symbols-16", () -> FunctionIndex.symbols(16));
    ALL.put("fst", FstIndex::candidate);
    ALL.put("sorted-hashes", SortedHashIndex::candidate);
    ALL.put("hashmap", HashMapRival::candidate);
    ALL.put("rocksdb", RocksDbRival::candidate);
    ALL.put("sqlite", SqliteRival::candidate);
    ALL.put("mapfile", MapFileRival::candidate);
    ALL.put("har", HarRival::candidate);
  }

  private Candidates() {}

  static Iterable<String> names() {
    return ALL.keySet();
  }

  static Candidate named(String name) {
    Supplier<Candidate> candidate = ALL.get(name);
    if (candidate == null) {
      throw new IllegalArgumentException(
          "no such candidate: " + name + ", there are " + ALL.keySet());
    }
    return candidate.get();
  }
}
