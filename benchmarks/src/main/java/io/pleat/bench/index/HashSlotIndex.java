package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * An open-addressed table, three quarters full, of 12 bits of fingerprint and an ordinal; probes and fall-back as docs/format.md has them for
 * 20 bits of ordinal.
 */
final class HashSlotIndex extends NamedIndex {
  private static final int FINGERPRINT_BITS = 12;
  private static final int MAX_PROBES = 64;
  private static final int MAX_CANDIDATES = 4;

  private final ByteBuffer table;
  private final int ordinalBits;
  private final int slots;

  private HashSlotIndex(Map<String, ByteBuffer> sections) {
    super(sections, new Groups(sections, "groups"));
    table = sections.get("hash");
    ordinalBits = PackedBits.width(groups.entries);
    slots = slots(groups.entries);
  }

  private static int slots(int entries) {
    return entries + entries / 3 + 1;
  }

  /* Not 0: that is an empty slot. */
  private static long fingerprint(long hash) {
    return Math.max(1, hash & (1 << FINGERPRINT_BITS) - 1);
  }

  @Override
  long search(byte[] path) {
    long hash = PathHash.of(path);
    long fingerprint = fingerprint(hash);
    int slot = PathHash.reduce(hash, slots);
    int candidates = 0;
    for (int probe = 0; probe < MAX_PROBES && candidates < MAX_CANDIDATES; probe++) {
      long value = PackedBits.get(table, slot, FINGERPRINT_BITS + ordinalBits);
      if (value == 0) {
        return -1;
      }
      if (value >>> ordinalBits == fingerprint) {
        int ordinal = (int) value & (1 << ordinalBits) - 1;
        int group = ordinal / groups.groupSize;
        int row = ordinal - group * groups.groupSize;
        long found = groups.search(group, row, path);
        if (found >= 0) {
          return inGroup(group, found);
        }
        candidates++;
      }
      if (++slot == slots) {
        slot = 0;
      }
    }
    int group = groups.floor(path);
    return inGroup(group, groups.search(group, groups.rows(group) - 1, path));
  }

  static Candidate candidate(int groupSize) {
    return new SectionCandidate() {
      @Override
      void build(Path corpus, int entries, SectionFile.Writer out) throws IOException {
        Groups.Builder groups = new Groups.Builder(out, "groups", groupSize, true);
        long[] hashes = writeGroups(corpus, entries, groups);
        int ordinalBits = PackedBits.width(entries);
        int width = FINGERPRINT_BITS + ordinalBits;
        int slots = slots(entries);
        long[] table = PackedBits.allocate(slots, width);
        for (int ordinal = 0; ordinal < entries; ordinal++) {
          int slot = PathHash.reduce(hashes[ordinal], slots);
          int probe = 0;
          while (probe < MAX_PROBES && PackedBits.get(table, slot, width) != 0) {
            slot = slot + 1 == slots ? 0 : slot + 1;
            probe++;
          }
          if (probe < MAX_PROBES) {
            long value = fingerprint(hashes[ordinal]) << ordinalBits | ordinal;
            PackedBits.set(table, slot, width, value);
          }
        }
        out.write(table);
        out.end("hash");
      }

      @Override
      OpenIndex open(Map<String, ByteBuffer> sections) {
        return new HashSlotIndex(sections);
      }
    };
  }
}
