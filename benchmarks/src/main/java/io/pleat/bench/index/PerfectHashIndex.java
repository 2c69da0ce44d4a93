package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * A minimal perfect hash after Botelho, Pagh and Ziviani (two bits a position say which of a key's three is its own; a rank makes it minimal)
 * over the positions of a binary fuse filter; behind it 8 bits of signature and the ordinal.
 */
final class PerfectHashIndex extends NamedIndex {
  private static final int SIGNATURE_BITS = 8;
  private static final long PAIRS = 0x5555555555555555L;

  /** Positions between two counts of the rank. */
  private static final int BLOCK_SHIFT = 8;

  /** No key's own position; adds to a sum what 0 does. */
  private static final int UNUSED = 3;

  private final Fuse fuse;
  private final ByteBuffer ways;
  private final ByteBuffer ranks;
  private final ByteBuffer ordinals;
  private final int ordinalBits;

  private PerfectHashIndex(Map<String, ByteBuffer> sections) {
    super(sections, new Groups(sections, "groups"));
    ByteBuffer shape = sections.get("ways shape");
    fuse = new Fuse(shape.getLong(0), shape.getInt(8), shape.getInt(12));
    ways = sections.get("ways");
    ranks = sections.get("ranks");
    ordinals = sections.get("ordinals");
    ordinalBits = PackedBits.width(groups.entries);
  }

  private static long signature(long hash) {
    return hash & (1 << SIGNATURE_BITS) - 1;
  }

  private int way(int at) {
    return ways.get(at >>> 2) >>> 2 * (at & 3) & 3;
  }

  /** Of a hash that is no key's, any number up to the number of keys. */
  private int rank(long hash) {
    long rehashed = fuse.rehash(hash);
    int first = fuse.first(rehashed);
    int second = fuse.second(first, rehashed);
    int third = fuse.third(first, rehashed);
    int which = (way(first) + way(second) + way(third)) % 3;
    int at = which == 0 ? first : which == 1 ? second : third;
    int rank = ranks.getInt((at >>> BLOCK_SHIFT) * Integer.BYTES);
    int word = at >>> BLOCK_SHIFT << BLOCK_SHIFT - 5;
    for (; word < at >>> 5; word++) {
      rank += used(ways.getLong(word * Long.BYTES), 32);
    }
    return rank + used(ways.getLong(word * Long.BYTES), at & 31);
  }

  private static int used(long word, int positions) {
    long unused = word & word >>> 1 & PAIRS;
    long below = positions == 32 ? -1 : (1L << 2 * positions) - 1;
    return positions - Long.bitCount(unused & below);
  }

  @Override
  long search(byte[] path) {
    long hash = PathHash.of(path);
    int rank = rank(hash);
    if (rank >= groups.entries) {
      return -1;
    }
    long value = PackedBits.get(ordinals, rank, SIGNATURE_BITS + ordinalBits);
    if (value >>> ordinalBits != signature(hash)) {
      return -1;
    }
    int ordinal = (int) value & (1 << ordinalBits) - 1;
    int group = ordinal / groups.groupSize;
    return inGroup(group, groups.search(group, ordinal - group * groups.groupSize, path));
  }

  static Candidate candidate(int groupSize) {
    return new SectionCandidate() {
      @Override
      void build(Path corpus, int entries, SectionFile.Writer out) throws IOException {
        Groups.Builder groups = new Groups.Builder(out, "groups", groupSize, true);
        long[] hashes = writeGroups(corpus, entries, groups);
        Fuse.Order order = Fuse.peel(hashes, entries);
        Fuse fuse = order.fuse();
        long[] ways = PackedBits.allocate(fuse.length() + 32L, 2);
        java.util.Arrays.fill(ways, -1);
        for (int i = 0; i < entries; i++) {
          long rehashed = fuse.rehash(hashes[order.keys()[i]]);
          int way = order.which()[i];
          int sum = 0;
          for (int which = 0; which < 3; which++) {
            sum += (int) PackedBits.get(ways, fuse.position(rehashed, which), 2) % UNUSED;
          }
          PackedBits.set(ways, fuse.position(rehashed, way), 2, (way + 6 - sum) % 3);
        }
        int[] ranks = new int[(ways.length >>> BLOCK_SHIFT - 5) + 1];
        int rank = 0;
        for (int word = 0; word < ways.length; word++) {
          if ((word << 5 & (1 << BLOCK_SHIFT) - 1) == 0) {
            ranks[word >>> BLOCK_SHIFT - 5] = rank;
          }
          rank += used(ways[word], 32);
        }
        int ordinalBits = PackedBits.width(entries);
        int width = SIGNATURE_BITS + ordinalBits;
        long[] ordinals = PackedBits.allocate(entries, width);
        for (int i = 0; i < entries; i++) {
          int key = order.keys()[i];
          int at = fuse.position(fuse.rehash(hashes[key]), order.which()[i]);
          int place = ranks[at >>> BLOCK_SHIFT];
          for (int word = at >>> BLOCK_SHIFT << BLOCK_SHIFT - 5; word < at >>> 5; word++) {
            place += used(ways[word], 32);
          }
          place += used(ways[at >>> 5], at & 31);
          PackedBits.set(ordinals, place, width, signature(hashes[key]) << ordinalBits | key);
        }
        out.write(ways);
        out.end("ways");
        StaticFunction.writeShape(out, "ways", fuse, 2);
        out.write(ranks, ranks.length);
        out.end("ranks");
        out.write(ordinals);
        out.end("ordinals");
      }

      @Override
      OpenIndex open(Map<String, ByteBuffer> sections) {
        return new PerfectHashIndex(sections);
      }
    };
  }
}
