package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

class TestDeletionVectorCodec {
  private static final ContainerId ID = Samples.id(1);

  static List<DeletionVector> vectors() {
    Random random = new Random(7);
    RoaringBitmap scattered = new RoaringBitmap();
    RoaringBitmap dense = new RoaringBitmap();
    RoaringBitmap mixed = RoaringBitmap.bitmapOf(1, 3, 70_000, 200_000, 300_000, Integer.MAX_VALUE);
    for (int i = 0; i < 1000; i++) {
      scattered.add(random.nextInt(1 << 20));
    }
    for (int i = 0; i < 60_000; i++) {
      dense.add(random.nextInt(1 << 17));
    }
    mixed.add(400_000L, 480_000L);
    dense.andNot(RoaringBitmap.bitmapOf(5));
    return List.of(
        DeletionVector.EMPTY,
        DeletionVector.of(0),
        DeletionVector.of(5, 6, 7, 8, 9, 10, 11, 12, 100),
        DeletionVector.copyOf(scattered),
        DeletionVector.copyOf(dense),
        DeletionVector.copyOf(mixed),
        DeletionVector.copyOf(RoaringBitmap.bitmapOfRange(0, 1 << 20)));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void vectorRoundTrips(DeletionVector vector) throws IOException {
    DeletionVector decoded = decode(DeletionVectorCodec.encode(ID, vector));

    assertThat(decoded).isEqualTo(vector);
    assertThat(decoded.cardinality()).isEqualTo(vector.cardinality());
  }

  @Test
  void bitmapsWithoutRunsAreRead() throws IOException {
    for (DeletionVector vector : vectors()) {
      RoaringBitmap bitmap = vector.toBitmap();
      bitmap.removeRunCompression();
      ByteBuffer bytes = ByteBuffer.allocate(bitmap.serializedSizeInBytes());
      bitmap.serialize(bytes);

      assertThat(PortableBitmap.check("the-file", bytes.flip())).isEqualTo(vector.cardinality());
    }
  }

  @Test
  void anyDamageIsNoticed() {
    Damage.assertNoneIsRead(
        DeletionVectorCodec.encode(ID, DeletionVector.of(1, 2, 3, 4, 5, 6, 7, 90, 70_000)),
        file -> DeletionVectorCodec.decode(file, ID));
  }

  @Test
  void vectorOfAnotherContainerIsRefused() {
    byte[] bytes = DeletionVectorCodec.encode(Samples.id(2), DeletionVector.of(1));

    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(CorruptDataException.class)
        .hasMessage("deletion vector is of container 0123456789abcdef0000000000000002, expected "
            + "0123456789abcdef0000000000000001: the-file at offset 20");
  }

  /** Whatever the bytes, either an error or a bitmap that agrees with itself. */
  @Test
  void damageUnderARightChecksumGivesAnErrorOrASoundBitmap() throws IOException {
    long seed = 4711;
    Random random = new Random(seed);
    List<DeletionVector> vectors = vectors();
    int refused = 0;
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = DeletionVectorCodec.encode(ID, vectors.get(random.nextInt(vectors.size())));
      int body = bytes.length - DeletionVectorCodec.CARDINALITY_AT - Integer.BYTES;
      for (int i = random.nextInt(3); i >= 0; i--) {
        bytes[DeletionVectorCodec.CARDINALITY_AT + random.nextInt(Math.min(body, 64))] =
            (byte) random.nextInt();
      }
      MetadataFrame.seal(bytes);
      try {
        DeletionVector vector = decode(bytes);
        int[] previous = {-1};
        int[] count = {0};
        vector.forEach(row -> {
          assertThat(row).as("seed %s", seed).isGreaterThan(previous[0]);
          previous[0] = row;
          count[0]++;
        });
        assertThat(count[0]).as("seed %s round %s", seed, round).isEqualTo(vector.cardinality());
      } catch (CorruptDataException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %s", seed).isGreaterThan(3000);
  }

  private static DeletionVector decode(byte[] bytes) throws IOException {
    return DeletionVectorCodec.decode(new StoredBytes("the-file", bytes), ID);
  }
}
