package io.pleat.torture;

import io.pleat.format.LogicalPath;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * The files that can exist, by number, and what each holds in each of its versions: bytes that say which file and version they are, so that
 * whoever reads some knows whether they are right without being told.
 *
 * @param seed of the whole run
 * @param count files are numbered from 0 to below it
 * @param largest length in bytes of the largest
 */
record TortureFiles(long seed, int count, int largest) implements Serializable {
  private static final int SMALLEST = 64;

  /** The logical path of a file: a few directories of very different sizes, names that sort unlike they look. */
  LogicalPath path(int file) {
    return LogicalPath.of(
        switch (file % 5) {
          case 0 -> "a/" + file;
          case 1 -> "a-b/c d/" + file + " é";
          case 2 -> "a.b/" + file % 97 + "/" + file;
          case 3 -> "a/b/" + file % 3 + "/" + file + "#%3A";
          default -> "z" + file;
        });
  }

  /** What version {@code version}, from 1, of a file holds; one in eight has the length of the version before. */
  byte[] content(int file, int version) {
    SplittableRandom random = random(file, version);
    byte[] content = new byte[length(file, version)];
    random.nextBytes(content);
    byte[] header = header(file, version);
    System.arraycopy(header, 0, content, 0, header.length);
    return content;
  }

  private int length(int file, int version) {
    SplittableRandom random = random(file, version);
    boolean likeBefore = random.split().nextInt(8) == 0 && version > 1;
    return likeBefore
        ? length(file, version - 1)
        : SMALLEST + random.split().nextInt(1 + random.split().nextInt(largest - SMALLEST));
  }

  /** Which version of {@code file} some bytes are; nothing if they are none. */
  OptionalInt versionOf(int file, ByteBuffer bytes) {
    byte[] found = new byte[bytes.remaining()];
    bytes.duplicate().get(found);
    String text =
        new String(found, 0, Math.min(found.length, SMALLEST), StandardCharsets.ISO_8859_1);
    String[] words = text.split("[ \n]", 5);
    if (words.length < 5 || !words[0].equals("torture") || !words[2].equals("" + file)) {
      return OptionalInt.empty();
    }
    int version = Integer.parseInt(words[3]);
    return Arrays.equals(found, content(file, version))
        ? OptionalInt.of(version)
        : OptionalInt.empty();
  }

  private byte[] header(int file, int version) {
    return ("torture " + Long.toHexString(seed) + " " + file + " " + version + "\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private SplittableRandom random(int file, int version) {
    return new SplittableRandom(seed * 31 + file * 1_000_003L + version);
  }
}
