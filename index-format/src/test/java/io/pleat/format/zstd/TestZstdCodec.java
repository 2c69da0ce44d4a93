package io.pleat.format.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestZstdCodec {
  private static byte[] text(long seed, int length) {
    Random random = new Random(seed);
    StringBuilder text =
        new StringBuilder("/* SPDX-License-Identifier: some words that all share */\n");
    while (text.length() < length) {
      text.append(Integer.toString(random.nextInt(2000), 36)).append(" = ");
    }
    return text.substring(0, length).getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length + 3).position(3).put(3, bytes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void payloadsRoundTripFromEveryKindOfBuffer(boolean withDictionary) throws IOException {
    byte[] dictionary = text(1, 4000);
    try (ZstdCodec codec =
        withDictionary ? ZstdCodec.withDictionary(3, dictionary) : ZstdCodec.of(3)) {
      for (int length : new int[] {0, 1, 20, 500, 70_000, 3_000_000}) {
        byte[] original = text(length, length);
        for (ByteBuffer bytes : List.of(
            ByteBuffer.wrap(original),
            direct(original),
            ByteBuffer.wrap(original).asReadOnlyBuffer(),
            direct(original).asReadOnlyBuffer())) {
          int position = bytes.position();
          Payload payload = codec.encode(bytes);
          assertThat(bytes.position()).isEqualTo(position);
          assertThat(payload.crc32c())
              .isEqualTo(Payload.raw(ByteBuffer.wrap(original)).crc32c());
          if (length < 20) {
            assertThat(payload.codec()).isEqualTo(PayloadCodec.RAW);
            continue;
          }
          if (length >= 500) {
            assertThat(payload.codec())
                .isEqualTo(withDictionary ? PayloadCodec.ZSTD_DICTIONARY : PayloadCodec.ZSTD);
          }
          if (payload.codec() != PayloadCodec.RAW) {
            byte[] stored = new byte[payload.stored().remaining()];
            payload.stored().duplicate().get(stored);
            for (ByteBuffer given : List.of(
                payload.stored(), direct(stored), ByteBuffer.wrap(stored).asReadOnlyBuffer())) {
              assertThat(codec.decode(payload.codec(), given, length))
                  .isEqualTo(ByteBuffer.wrap(original));
            }
          }
        }
      }
    }
  }

  @Test
  void randomBytesStayRaw() {
    byte[] bytes = new byte[10_000];
    new Random(5).nextBytes(bytes);
    try (ZstdCodec codec = ZstdCodec.of(19)) {
      assertThat(codec.encode(ByteBuffer.wrap(bytes)))
          .isEqualTo(Payload.raw(ByteBuffer.wrap(bytes)));
    }
  }

  @Test
  void wrongLengthsAndBrokenFramesAreRefusedBeforeAllocation() {
    try (ZstdCodec codec = ZstdCodec.of(3)) {
      byte[] stored =
          new byte[codec.encode(ByteBuffer.wrap(text(3, 5000))).stored().remaining()];
      codec.encode(ByteBuffer.wrap(text(3, 5000))).stored().get(stored);
      for (int length : new int[] {0, 4999, 5001}) {
        assertThatThrownBy(() -> codec.decode(PayloadCodec.ZSTD, ByteBuffer.wrap(stored), length))
            .isInstanceOf(IOException.class)
            .hasMessage("zstd frame holds 5000 bytes, expected " + length);
      }
      assertThatThrownBy(() ->
              codec.decode(PayloadCodec.ZSTD, ByteBuffer.wrap(stored, 0, 20), Integer.MAX_VALUE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot hold 2147483647");
      for (int cut = 0; cut < stored.length; cut += 17) {
        ByteBuffer part = ByteBuffer.wrap(stored, 0, cut);
        assertThatThrownBy(() -> codec.decode(PayloadCodec.ZSTD, part, 5000))
            .isInstanceOf(IOException.class);
      }
      assertThatThrownBy(
              () -> codec.decode(PayloadCodec.ZSTD_DICTIONARY, ByteBuffer.wrap(stored), 5000))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void manyThreadsShareOneCodec() throws InterruptedException, ExecutionException {
    byte[] dictionary = text(1, 4000);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (ZstdCodec codec = ZstdCodec.withDictionary(3, dictionary)) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int seed = thread;
        running.add(threads.submit(() -> {
          for (int i = 0; i < 200; i++) {
            byte[] original = text(seed * 1000L + i, 300 + i);
            Payload payload = codec.encode(ByteBuffer.wrap(original));
            assertThat(codec.decode(payload.codec(), payload.stored(), original.length))
                .isEqualTo(ByteBuffer.wrap(original));
          }
          return null;
        }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closedCodecRefuses() {
    ZstdCodec codec = ZstdCodec.of(3);
    codec.close();
    codec.close();
    assertThatThrownBy(() -> codec.encode(ByteBuffer.wrap(text(1, 500))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("zstd codec is closed");
  }

  @Test
  void dictionaryIsKeptWhereItPays() {
    ZstdDictionaryTrainer trainer = ZstdDictionaryTrainer.forLevel(3);
    for (int i = 0; i < 3000; i++) {
      trainer.addSample(ByteBuffer.wrap(text(i, 400)));
    }
    assertThat(trainer.train(1_000_000)).isPresent();
    assertThat(trainer.measurement().orElseThrow().dictionaryBytes())
        .isLessThan(trainer.measurement().orElseThrow().plainBytes());
    assertThat(trainer.train(10)).as("ten files do not pay for a dictionary").isEmpty();
    assertThat(trainer.measurement().orElseThrow().pays()).isFalse();
  }

  @Test
  void randomOrFewSamplesGiveNoDictionary() {
    ZstdDictionaryTrainer trainer = ZstdDictionaryTrainer.forLevel(3);
    assertThat(trainer.train(1_000_000)).isEmpty();
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[2000];
      random.nextBytes(bytes);
      trainer.addSample(ByteBuffer.wrap(bytes));
    }
    assertThat(trainer.train(1_000_000)).isEmpty();
  }
}
