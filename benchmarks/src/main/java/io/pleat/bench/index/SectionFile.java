package io.pleat.bench.index;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A candidate's bytes at rest: a file of named sections, and a list of them beside it. */
final class SectionFile {
  /** Read past a section's end by eight bytes at once. */
  private static final int SLACK = 16;

  private SectionFile() {}

  private static Path list(Path file) {
    return file.resolveSibling(file.getFileName() + ".sections");
  }

  /** Writes sections one after the other. Little-endian. */
  static final class Writer implements Closeable {
    private final Path file;
    private final OutputStream out;
    private final List<String> lines = new ArrayList<>();
    private long length;

    Writer(Path file) throws IOException {
      this.file = file;
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    /** The section that ends here, from where the one before ended. */
    void end(String name) throws IOException {
      lines.add(name + "\t" + length);
      length = 0;
      out.write(new byte[SLACK]);
    }

    void write(byte[] bytes, int length) throws IOException {
      out.write(bytes, 0, length);
      this.length += length;
    }

    void write(int[] values, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        writeLow(values[i], Integer.BYTES);
      }
    }

    void write(long[] values) throws IOException {
      for (long value : values) {
        writeLow(value, Long.BYTES);
      }
    }

    void writeLow(long value, int bytes) throws IOException {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> 8 * i));
      }
      length += bytes;
    }

    @Override
    public void close() throws IOException {
      out.close();
      Files.write(list(file), lines);
    }
  }

  /** Lengths of the sections, in bytes. */
  static Map<String, Long> lengths(Path file) throws IOException {
    Map<String, Long> lengths = new LinkedHashMap<>();
    for (String line : Files.readAllLines(list(file))) {
      String[] parts = line.split("\t");
      lengths.put(parts[0], Long.valueOf(parts[1]));
    }
    return lengths;
  }

  /** Maps all sections; each has some bytes of slack behind its end. */
  static Map<String, ByteBuffer> map(Path file) throws IOException {
    Map<String, ByteBuffer> sections = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long at = 0;
      for (Map.Entry<String, Long> section : lengths(file).entrySet()) {
        long mapped = section.getValue() + SLACK;
        sections.put(
            section.getKey(),
            channel.map(FileChannel.MapMode.READ_ONLY, at, mapped).order(ByteOrder.LITTLE_ENDIAN));
        at += mapped;
      }
    }
    return sections;
  }
}
