package io.pleat.format;

/** CRC32C of strings that stand one behind the other, from the CRC32C of each: no byte need be seen twice. */
final class CrcConcatenation {
  /*
   * A CRC32C is linear, so what n zero bytes behind a string make of its CRC32C is a matrix over GF(2), and that of 2^k bytes is that of 2^(k-1) squared (Mark
   * Adler's crc32_combine). Each is kept as eight tables of sixteen, one for each four bits, 512 bytes: all that lengths below 64 MiB need
   * fit into a processor's first cache.
   */

  /** CRC32C of any string that ends in its own CRC32C, little-endian, as a record's header does. */
  static final int OF_SUMMED = 0x48674BC7;

  private static final int POLYNOMIAL = 0x82F63B78; // lowest bit first
  private static final int NIBBLES = Integer.SIZE / 4;
  private static final int[] ZEROS = zeros();

  private CrcConcatenation() {}

  /**
   * CRC32C of two strings, the second behind the first.
   *
   * @param secondLength in bytes, at least 0
   */
  static int concat(int first, int second, long secondLength) {
    int crc = first;
    for (long rest = secondLength; rest != 0; rest &= rest - 1) {
      crc = times(Long.numberOfTrailingZeros(rest), crc);
    }
    return crc ^ second;
  }

  private static int times(int power, int crc) {
    int at = power * NIBBLES << 4;
    return ZEROS[at + (crc & 15)]
        ^ ZEROS[at + 16 + (crc >>> 4 & 15)]
        ^ ZEROS[at + 32 + (crc >>> 8 & 15)]
        ^ ZEROS[at + 48 + (crc >>> 12 & 15)]
        ^ ZEROS[at + 64 + (crc >>> 16 & 15)]
        ^ ZEROS[at + 80 + (crc >>> 20 & 15)]
        ^ ZEROS[at + 96 + (crc >>> 24 & 15)]
        ^ ZEROS[at + 112 + (crc >>> 28)];
  }

  private static int[] zeros() {
    int[] columns = new int[Integer.SIZE];
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      int crc = 1 << bit;
      for (int i = 0; i < Byte.SIZE; i++) {
        crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
      columns[bit] = crc;
    }
    int[] tables = new int[Long.SIZE * NIBBLES << 4];
    for (int power = 0; power < Long.SIZE; power++) {
      for (int entry = 0; entry < NIBBLES << 4; entry++) {
        int sum = 0;
        for (int bits = entry & 15; bits != 0; bits &= bits - 1) {
          sum ^= columns[(entry >>> 4) * 4 + Integer.numberOfTrailingZeros(bits)];
        }
        tables[(power * NIBBLES << 4) + entry] = sum;
      }
      int[] squared = new int[Integer.SIZE];
      for (int bit = 0; bit < Integer.SIZE; bit++) {
        int sum = 0;
        for (int bits = columns[bit]; bits != 0; bits &= bits - 1) {
          sum ^= columns[Integer.numberOfTrailingZeros(bits)];
        }
        squared[bit] = sum;
      }
      columns = squared;
    }
    return tables;
  }
}
