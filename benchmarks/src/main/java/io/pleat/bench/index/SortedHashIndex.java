package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sorted hashes, and no names: not exact, cannot list, and shown as the limit. The upper bits choose a bucket of some eight hashes, as
 * Elias-Fano's do, of which 40 more bits are kept, with the ordinal.
 */
final class SortedHashIndex implements OpenIndex {
  private static final int HASH_BITS = 40;
  private static final int BUCKET_SIZE = 8;

  private final Map<String, Long> resident = new LinkedHashMap<>();
  private final Extents extents;
  private final ByteBuffer buckets;
  private final ByteBuffer hashes;
  private final ByteBuffer ordinals;
  private final int bucketCount;
  private final int ordinalBits;

  private SortedHashIndex(Map<String, ByteBuffer> sections) {
    sections.forEach((name, bytes) -> resident.put(name, bytes.capacity() - 16L));
    extents = new Extents(sections);
    buckets = sections.get("buckets");
    hashes = sections.get("hashes");
    ordinals = sections.get("ordinals");
    bucketCount = bucketCount(extents.entries);
    ordinalBits = PackedBits.width(extents.entries);
  }

  private static int bucketCount(int entries) {
    return entries / BUCKET_SIZE + 1;
  }

  /* The bits below those that choose the bucket would be the next; any others do as well. */
  private static long kept(long hash) {
    return hash & (1L << HASH_BITS) - 1;
  }

  @Override
  public int find(byte[] path) {
    long hash = PathHash.of(path);
    int bucket = PathHash.reduce(hash, bucketCount);
    int at = buckets.getInt(bucket * Integer.BYTES);
    int end = buckets.getInt((bucket + 1) * Integer.BYTES);
    long kept = kept(hash);
    for (; at < end; at++) {
      if ((hashes.getLong(at * (HASH_BITS / 8)) & (1L << HASH_BITS) - 1) == kept) {
        return (int) PackedBits.get(ordinals, at, ordinalBits);
      }
    }
    return -1;
  }

  @Override
  public int locate(byte[] path, Location location) {
    int ordinal = find(path);
    if (ordinal >= 0) {
      extents.locate(ordinal, location);
    }
    return ordinal;
  }

  @Override
  public void list(PathSink sink) {
    throw new UnsupportedOperationException("hashes have no names");
  }

  @Override
  public Map<String, Long> resident() {
    return resident;
  }

  @Override
  public boolean isExact() {
    return false;
  }

  static Candidate candidate() {
    return new NamedIndex.SectionCandidate() {
      @Override
      void build(Path corpus, int entries, SectionFile.Writer out) throws IOException {
        Extents.Builder extents = new Extents.Builder(out);
        long[] hashes = new long[entries];
        int[] count = {0};
        CorpusFile.read(corpus, item -> {
          extents.add(item);
          hashes[count[0]++] = PathHash.of(item.path, item.length);
        });
        extents.finish();
        int buckets = bucketCount(entries);
        int[] starts = new int[buckets + 2];
        for (long hash : hashes) {
          starts[PathHash.reduce(hash, buckets) + 2]++;
        }
        java.util.Arrays.parallelPrefix(starts, Integer::sum);
        int[] order = new int[entries];
        for (int ordinal = 0; ordinal < entries; ordinal++) {
          order[starts[PathHash.reduce(hashes[ordinal], buckets) + 1]++] = ordinal;
        }
        out.write(starts, buckets + 1);
        out.end("buckets");
        for (int ordinal : order) {
          out.writeLow(kept(hashes[ordinal]), HASH_BITS / 8);
        }
        out.end("hashes");
        int ordinalBits = PackedBits.width(entries);
        long[] packed = PackedBits.allocate(entries, ordinalBits);
        IntStream.range(0, entries).forEach(i -> PackedBits.set(packed, i, ordinalBits, order[i]));
        out.write(packed);
        out.end("ordinals");
      }

      @Override
      OpenIndex open(Map<String, ByteBuffer> sections) {
        return new SortedHashIndex(sections);
      }
    };
  }
}
