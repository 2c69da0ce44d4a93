package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.IntToLongFunction;

/** From a key's hash to a number of few bits: the XOR of three slots. Of a hash that was no key's it gives any number. */
final class StaticFunction {
  private final Fuse fuse;
  private final ByteBuffer slots;
  private final int width;

  StaticFunction(Map<String, ByteBuffer> sections, String name) {
    ByteBuffer shape = sections.get(name + " shape");
    fuse = new Fuse(shape.getLong(0), shape.getInt(8), shape.getInt(12));
    width = shape.getInt(16);
    slots = sections.get(name);
  }

  long get(long hash) {
    long rehashed = fuse.rehash(hash);
    int first = fuse.first(rehashed);
    return PackedBits.get(slots, first, width)
        ^ PackedBits.get(slots, fuse.second(first, rehashed), width)
        ^ PackedBits.get(slots, fuse.third(first, rehashed), width);
  }

  /** @param values of each key, below 2 to the power of {@code width} */
  static void write(
      SectionFile.Writer out,
      String name,
      long[] hashes,
      int keys,
      int width,
      IntToLongFunction values)
      throws IOException {
    Fuse.Order order = Fuse.peel(hashes, keys);
    Fuse fuse = order.fuse();
    long[] slots = PackedBits.allocate(fuse.length(), width);
    for (int i = 0; i < keys; i++) {
      int key = order.keys()[i];
      long rehashed = fuse.rehash(hashes[key]);
      long value = values.applyAsLong(key);
      for (int which = 0; which < 3; which++) {
        if (which != order.which()[i]) {
          value ^= PackedBits.get(slots, fuse.position(rehashed, which), width);
        }
      }
      PackedBits.set(slots, fuse.position(rehashed, order.which()[i]), width, value);
    }
    out.write(slots);
    out.end(name);
    writeShape(out, name, fuse, width);
  }

  static void writeShape(SectionFile.Writer out, String name, Fuse fuse, int width)
      throws IOException {
    out.writeLow(fuse.seed(), Long.BYTES);
    out.write(new int[] {fuse.segmentLength(), fuse.segmentCountLength(), width}, 3);
    out.end(name + " shape");
  }
}
