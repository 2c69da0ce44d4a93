package io.pleat.bench.index;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.IndexBlock;
import io.pleat.format.IndexOnly;
import io.pleat.format.PathHash;
import io.pleat.format.SectionInflation;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What bounds an index block: how long memory takes to answer, what paths cost that were made to have one hash, and how quickly sections inflate. CPU time,
 * the quickest of several rounds. Arguments: {@code ENTRIES COLLIDING ROUNDS}. Prints JSON.
 */
public final class BlockLimits {
  private static final Attributes ATTRIBUTES =
      new Attributes(1_700_000_000, 0, 0644, "root", "root", "");
  private static final ContainerId ID = new ContainerId(1, 1);
  private static final int LOOKUPS = 100_000;
  private static final int STEPS = 1 << 20;
  private static final int LINE_SHIFT = 6;
  private static final int[] MEBIBYTES = {1, 4, 16, 64, 400, 1300};

  private static final Map<String, Object> RESULTS = new LinkedHashMap<>();

  private BlockLimits() {}

  private record Built(byte[] tail, long offset) {}

  public static void main(String[] args) throws Exception {
    int entries = Integer.parseInt(args[0]);
    int colliding = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    Map<String, Object> memory = new LinkedHashMap<>();
    for (int mebibytes : MEBIBYTES) {
      memory.put(Integer.toString(mebibytes), waits(mebibytes << 20, rounds));
    }
    RESULTS.put("memory", memory);
    Built ordinary = build(names(entries));
    RESULTS.put(
        "inflated",
        SectionInflation.bytesPerSecond(
            ordinary.tail, ordinary.offset, ID, 4 * rounds, CpuTime::nanos));
    collisions(entries, colliding, rounds, ordinary);
    System.out.println(new ObjectMapper().writeValueAsString(RESULTS));
  }

  private static List<byte[]> names(int count) {
    List<byte[]> names = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(count);
    for (int i = 0; i < count; i++) {
      String name = String.format("n%08d_%d.JPEG", i, random.nextInt(100_000));
      names.add(name.getBytes(StandardCharsets.UTF_8));
    }
    return names;
  }

  /** An index block of files in one directory. */
  private static Built build(List<byte[]> names) throws IOException {
    names.sort(Arrays::compareUnsigned);
    SplittableRandom random = new SplittableRandom(1);
    IndexOnly index = new IndexOnly(ID);
    for (byte[] name : names) {
      index.add(name, ATTRIBUTES, 1 + random.nextInt(200_000), random.nextInt());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    index.writeTo(out);
    return new Built(out.toByteArray(), index.indexOffset());
  }

  /** Lookups of paths of one hash, half of them there, beside lookups in a block that has none such. */
  private static void collisions(int entries, int colliding, int rounds, Built ordinary)
      throws IOException {
    byte[][] equal = EqualHashes.of(2 * colliding);
    SplittableRandom random = new SplittableRandom(2);
    for (int i = equal.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      byte[] path = equal[i];
      equal[i] = equal[other];
      equal[other] = path;
    }
    long hash = PathHash.of(equal[0]);
    require(Arrays.stream(equal).allMatch(path -> PathHash.of(path) == hash), "hashes differ");
    List<byte[]> names = names(entries - colliding);
    byte[][] plain = drawn(names, random);
    names.addAll(Arrays.asList(equal).subList(0, colliding));
    Built bad = build(names);
    byte[][] absent = plain.clone();
    for (int i = 0; i < absent.length; i++) {
      absent[i] = absent[i].clone();
      absent[i][5] = '~';
    }
    byte[][] there = Arrays.copyOf(equal, Math.min(LOOKUPS, colliding));
    byte[][] missing = Arrays.copyOfRange(equal, colliding, colliding + there.length);
    byte[][] usual = drawn(names(entries), random);
    Map<String, Double> nanos = new LinkedHashMap<>();
    try (IndexBlock good = open(ordinary);
        IndexBlock attacked = open(bad)) {
      for (int round = 0; round < 2 + rounds; round++) {
        note(nanos, round, "ordinary", lookups(good, usual, usual.length));
        note(nanos, round, "ordinaryBesideColliding", lookups(attacked, plain, plain.length));
        note(nanos, round, "absentBesideColliding", lookups(attacked, absent, 0));
        note(nanos, round, "colliding", lookups(attacked, there, there.length));
        note(nanos, round, "absentColliding", lookups(attacked, missing, 0));
      }
    }
    RESULTS.put("nanos", nanos);
  }

  private static byte[][] drawn(List<byte[]> names, SplittableRandom random) {
    byte[][] drawn = new byte[LOOKUPS][];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = names.get(random.nextInt(names.size()));
    }
    return drawn;
  }

  private static void note(Map<String, Double> nanos, int round, String name, double now) {
    if (round >= 2) { // those before compile
      nanos.merge(name, now, Math::min);
    }
  }

  private static double lookups(IndexBlock block, byte[][] paths, int expected) throws IOException {
    int found = 0;
    long start = CpuTime.nanos();
    for (byte[] path : paths) {
      found += block.find(path) >= 0 ? 1 : 0;
    }
    long nanos = CpuTime.nanos() - start;
    require(found == expected, found + " of " + expected + " paths found");
    return (double) nanos / paths.length;
  }

  private static IndexBlock open(Built built) throws IOException {
    return IndexBlock.open(new Tail(built), built.offset, ID);
  }

  /**
   * How long it takes until one of random cache lines is there, each of which names the next; and until the slowest of three is, as with
   * the slots of a locator.
   */
  private static List<Double> waits(int bytes, int rounds) {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int lines = bytes >>> LINE_SHIFT;
    for (int i = 0; i < lines; i++) {
      memory.putInt(i << LINE_SHIFT, i);
    }
    SplittableRandom random = new SplittableRandom(bytes);
    for (int i = lines - 1; i > 0; i--) { // Sattolo's algorithm: one cycle
      int other = random.nextInt(i);
      int line = memory.getInt(i << LINE_SHIFT);
      memory.putInt(i << LINE_SHIFT, memory.getInt(other << LINE_SHIFT));
      memory.putInt(other << LINE_SHIFT, line);
    }
    double one = Double.MAX_VALUE;
    double three = Double.MAX_VALUE;
    int a = 0;
    int b = lines / 3;
    int c = lines / 3 * 2;
    for (int round = 0; round < 1 + rounds; round++) {
      long start = CpuTime.nanos();
      for (int i = 0; i < STEPS; i++) {
        a = memory.getInt(a << LINE_SHIFT);
      }
      one = Math.min(one, (double) (CpuTime.nanos() - start) / STEPS);
      start = CpuTime.nanos();
      for (int i = 0; i < STEPS; i++) {
        a = memory.getInt(a << LINE_SHIFT);
        b = memory.getInt(b << LINE_SHIFT);
        c = memory.getInt(c << LINE_SHIFT);
      }
      three = Math.min(three, (double) (CpuTime.nanos() - start) / STEPS);
    }
    require(a + b + c >= 0, "no line");
    return List.of(one, three);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** A container of which only the end exists, in memory. */
  private static final class Tail implements ByteSource {
    private final Built built;

    Tail(Built built) {
      this.built = built;
    }

    @Override
    public long length() {
      return built.offset + built.tail.length;
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      long at = position - built.offset;
      if (at < 0 || target.remaining() > built.tail.length - at) {
        throw new EOFException("not in the container's end");
      }
      target.put(built.tail, (int) at, target.remaining());
    }

    @Override
    public void close() {}
  }
}
