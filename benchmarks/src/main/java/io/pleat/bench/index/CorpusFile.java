package io.pleat.bench.index;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A generated corpus on disk, front-coded, so that every candidate reads the same one and none pays for its making. */
final class CorpusFile {
  private static final int BUFFER = 1 << 18;

  private CorpusFile() {}

  /** Generates a corpus into {@code file}. */
  static void write(Path file, Corpus corpus, long entries) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER))) {
      out.writeLong(entries);
      byte[] last = new byte[1 << 12];
      int[] lastLength = {0};
      corpus.generate(entries, item -> {
        int shared = 0;
        int most = Math.min(lastLength[0], item.length);
        while (shared < most && last[shared] == item.path[shared]) {
          shared++;
        }
        out.writeShort(shared);
        out.writeShort(item.length - shared);
        out.write(item.path, shared, item.length - shared);
        out.writeInt(item.size);
        out.writeInt(item.crc);
        out.writeInt((int) item.mtimeSeconds);
        out.writeInt(item.mtimeNanos);
        System.arraycopy(item.path, shared, last, shared, item.length - shared);
        lastLength[0] = item.length;
      });
    }
  }

  static long entries(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      return in.readLong();
    }
  }

  /** Passes all files to {@code sink}, offsets included. */
  static void read(Path file, ItemSink sink) throws IOException {
    try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      byte[] head = new byte[4];
      byte[] tail = new byte[16];
      fill(in, tail, 0, Long.BYTES);
      long entries = number(tail, 0) << 32 | number(tail, 4);
      Item item = new Item();
      long end = Item.FIRST_RECORD;
      for (long i = 0; i < entries; i++) {
        fill(in, head, 0, head.length);
        int lengths = (int) number(head, 0);
        int shared = lengths >>> 16;
        item.length = shared + (lengths & 0xFFFF);
        fill(in, item.path, shared, item.length - shared);
        fill(in, tail, 0, tail.length);
        item.size = (int) number(tail, 0);
        item.crc = (int) number(tail, 4);
        item.mtimeSeconds = number(tail, 8);
        item.mtimeNanos = (int) number(tail, 12);
        item.offset = Item.offsetAfter(end, item.length);
        end = item.offset + item.size;
        sink.accept(item);
      }
    }
  }

  private static long number(byte[] bytes, int at) {
    return (bytes[at] & 0xFFL) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | bytes[at + 3] & 0xFF;
  }

  private static void fill(BufferedInputStream in, byte[] bytes, int at, int length)
      throws IOException {
    if (in.readNBytes(bytes, at, length) < length) {
      throw new EOFException("corpus file is cut short");
    }
  }
}
