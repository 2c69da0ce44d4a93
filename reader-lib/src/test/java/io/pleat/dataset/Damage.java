package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.util.Arrays;

/** Everything that can happen to a small file: cut off anywhere, any bit flipped, something appended. */
final class Damage {
  private Damage() {}

  interface Reader {
    void read(StoredBytes file) throws IOException;
  }

  /** Each damaged variant must be refused with a typed error that names the file. */
  static void assertNoneIsRead(byte[] sound, Reader reader) {
    for (int length = 0; length < sound.length; length++) {
      assertRefused("first " + length + " bytes", Arrays.copyOf(sound, length), reader);
    }
    for (int bit = 0; bit < 8 * sound.length; bit++) {
      byte[] damaged = sound.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused("bit " + bit, damaged, reader);
    }
    assertRefused("a zero byte appended", Arrays.copyOf(sound, sound.length + 1), reader);
  }

  private static void assertRefused(String what, byte[] damaged, Reader reader) {
    assertThatThrownBy(() -> reader.read(new StoredBytes("the-file", damaged)))
        .as(what)
        .isInstanceOfAny(CorruptDataException.class, UnsupportedFormatException.class)
        .hasMessageContaining("the-file")
        .satisfies(e -> {
          if (e instanceof CorruptDataException corrupt) {
            org.assertj.core.api.Assertions.assertThat(corrupt.offset())
                .as(what)
                .isBetween(0L, (long) damaged.length);
          }
        });
  }
}
