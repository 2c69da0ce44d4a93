package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/** A static function from a path's hash to its group, with some bits of fingerprint above it or none; the group's names decide. */
final class FunctionIndex extends NamedIndex {
  private final StaticFunction function;
  private final int groupBits;
  private final long fingerprintMask;

  private FunctionIndex(Map<String, ByteBuffer> sections, Groups groups, int fingerprintBits) {
    super(sections, groups);
    function = new StaticFunction(sections, "function");
    groupBits = PackedBits.width(groups.count - 1L);
    fingerprintMask = (1L << fingerprintBits) - 1;
  }

  @Override
  long search(byte[] path) {
    long hash = PathHash.of(path);
    long value = function.get(hash);
    int group = (int) value & (1 << groupBits) - 1;
    if (group >= groups.count || value >>> groupBits != (hash & fingerprintMask)) {
      return -1;
    }
    return inGroup(group, groups.search(group, groups.rows(group) - 1, path));
  }

  private abstract static class FunctionCandidate extends SectionCandidate {
    private final int groupSize;
    private final int fingerprintBits;

    FunctionCandidate(int groupSize, int fingerprintBits) {
      this.groupSize = groupSize;
      this.fingerprintBits = fingerprintBits;
    }

    abstract Groups.Builder groups(Path corpus, int entries, SectionFile.Writer out)
        throws IOException;

    abstract Groups groups(Map<String, ByteBuffer> sections);

    @Override
    void build(Path corpus, int entries, SectionFile.Writer out) throws IOException {
      long[] hashes = writeGroups(corpus, entries, groups(corpus, entries, out));
      int groupBits = PackedBits.width((entries - 1L) / groupSize);
      long mask = (1L << fingerprintBits) - 1;
      StaticFunction.write(
          out,
          "function",
          hashes,
          entries,
          groupBits + fingerprintBits,
          key -> (hashes[key] & mask) << groupBits | key / groupSize);
    }

    @Override
    OpenIndex open(Map<String, ByteBuffer> sections) {
      return new FunctionIndex(sections, groups(sections), fingerprintBits);
    }
  }

  static Candidate candidate(int groupSize, int fingerprintBits, boolean withCrcs) {
    return new FunctionCandidate(groupSize, fingerprintBits) {
      @Override
      Groups.Builder groups(Path corpus, int entries, SectionFile.Writer out) {
        return new Groups.Builder(out, "groups", groupSize, withCrcs);
      }

      @Override
      Groups groups(Map<String, ByteBuffer> sections) {
        return new Groups(sections, "groups");
      }
    };
  }

  /** With names coded by symbol. */
  static Candidate symbols(int groupSize) {
    return new FunctionCandidate(groupSize, 0) {
      @Override
      Groups.Builder groups(Path corpus, int entries, SectionFile.Writer out) throws IOException {
        SymbolTable symbols = SymbolTable.train(corpus, entries, groupSize);
        symbols.write(out);
        return new SymbolGroups.Builder(out, symbols, groupSize);
      }

      @Override
      Groups groups(Map<String, ByteBuffer> sections) {
        return new SymbolGroups(sections);
      }
    };
  }
}
