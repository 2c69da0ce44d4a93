package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The 128-bit random name of a container. Its text is 32 lower-case hexadecimal digits, the most significant first. */
public record ContainerId(long mostSignificant, long leastSignificant)
    implements Comparable<ContainerId>, Serializable {
  /** Length of the binary form, in bytes. */
  public static final int LENGTH = 2 * Long.BYTES;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A fresh id from a cryptographically strong source. */
  public static ContainerId random() {
    return new ContainerId(RANDOM.nextLong(), RANDOM.nextLong());
  }

  /**
   * The inverse of {@link #toString()}.
   *
   * @throws IllegalArgumentException if {@code text} is not 32 lower-case hexadecimal digits
   */
  public static ContainerId parse(String text) {
    checkArgument(
        text.matches("[0-9a-f]{32}"), "container id is not 32 hexadecimal digits: '%s'", text);
    return new ContainerId(
        HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32));
  }

  /** Reads the 16 big-endian bytes at {@code offset} (big-endian so that a hex dump shows the text form). */
  public static ContainerId read(ByteBuffer buffer, int offset) {
    ByteBuffer bytes = buffer.duplicate().order(java.nio.ByteOrder.BIG_ENDIAN);
    return new ContainerId(bytes.getLong(offset), bytes.getLong(offset + Long.BYTES));
  }

  /** The 16 big-endian bytes. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(LENGTH)
        .putLong(mostSignificant)
        .putLong(leastSignificant)
        .array();
  }

  @Override
  public int compareTo(ContainerId other) {
    int order = Long.compareUnsigned(mostSignificant, other.mostSignificant);
    return order != 0 ? order : Long.compareUnsigned(leastSignificant, other.leastSignificant);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(mostSignificant)
        + HexFormat.of().toHexDigits(leastSignificant);
  }
}
