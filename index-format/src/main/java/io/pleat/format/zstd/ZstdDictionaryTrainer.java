package io.pleat.format.zstd;

import static io.pleat.format.Preconditions.checkArgument;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Trains a dictionary on sample payloads of a container to be, and keeps it only if it pays: three samples in four train, the fourth
 * measures. Not thread-safe.
 */
public final class ZstdDictionaryTrainer {
  /** Most bytes of samples that are kept. */
  public static final int MAX_SAMPLE_BYTES = 8 << 20;

  /** Bytes of one sample that are kept: what a dictionary saves, it saves at the start of a payload. */
  public static final int MAX_SAMPLE_LENGTH = 64 << 10;

  /** Length of a dictionary at most, in bytes. */
  public static final int MAX_DICTIONARY_LENGTH = 64 << 10;

  /** Every so many samples, one is held out of training. */
  private static final int HELD_OUT = 4;

  /** Fewer samples than this teach nothing. */
  private static final int MIN_SAMPLES = 32;

  /** A container carries its dictionary in a record and in its index block. */
  private static final int COPIES = 2;

  /** What must be saved beyond the dictionary's own cost, as a fraction of it. */
  private static final double MARGIN = 0.1;

  private final int level;
  private final List<byte[]> samples = new ArrayList<>();
  private long sampleBytes;
  private Optional<Measurement> measurement = Optional.empty();

  /**
   * What a dictionary was worth on the samples held out of its training.
   *
   * @param dictionaryLength in bytes
   * @param samples samples held out
   * @param originalBytes their bytes
   * @param plainBytes what they take without the dictionary
   * @param dictionaryBytes what they take with it
   * @param expectedSaving bytes that the whole container is expected to save, the dictionary's own cost not subtracted
   * @param cost bytes that the dictionary costs the container
   * @param pays whether it was kept
   */
  public record Measurement(
      int dictionaryLength,
      int samples,
      long originalBytes,
      long plainBytes,
      long dictionaryBytes,
      long expectedSaving,
      long cost,
      boolean pays) {}

  private ZstdDictionaryTrainer(int level) {
    this.level = level;
  }

  /** A trainer for payloads that will be compressed at {@code level}. */
  public static ZstdDictionaryTrainer forLevel(int level) {
    checkArgument(
        level >= 1 && level <= ZstdCodec.MAX_LEVEL,
        "zstd level is %s, allowed are 1 to %s",
        level,
        ZstdCodec.MAX_LEVEL);
    return new ZstdDictionaryTrainer(level);
  }

  /** Whether further samples are ignored. */
  public boolean isFull() {
    return sampleBytes >= MAX_SAMPLE_BYTES;
  }

  /**
   * Adds a payload, of which at most {@link #MAX_SAMPLE_LENGTH} bytes are copied; not consumed. Samples should be drawn evenly from all
   * payloads of the container.
   */
  public void addSample(ByteBuffer payload) {
    if (isFull() || !payload.hasRemaining()) {
      return;
    }
    byte[] sample = new byte
        [(int) Math.min(
            Math.min(payload.remaining(), MAX_SAMPLE_LENGTH), MAX_SAMPLE_BYTES - sampleBytes)];
    payload.get(payload.position(), sample);
    samples.add(sample);
    sampleBytes += sample.length;
  }

  /**
   * The dictionary, if it is expected to save more than it costs.
   *
   * @param payloads how many payloads the container will hold
   */
  public Optional<byte[]> train(long payloads) {
    measurement = Optional.empty();
    if (samples.size() < MIN_SAMPLES) {
      return Optional.empty();
    }
    List<byte[]> training = new ArrayList<>();
    List<byte[]> heldOut = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      (i % HELD_OUT == HELD_OUT - 1 ? heldOut : training).add(samples.get(i));
    }
    byte[] dictionary = new byte[MAX_DICTIONARY_LENGTH];
    long trained;
    try {
      trained = Zstd.trainFromBuffer(training.toArray(new byte[0][]), dictionary, false, level);
    } catch (ZstdException e) {
      return Optional.empty(); // Too few, too short or too alike to learn from.
    }
    if (Zstd.isError(trained) || trained <= 0) {
      return Optional.empty();
    }
    dictionary = Arrays.copyOf(dictionary, (int) trained);
    Measurement result = measure(dictionary, heldOut, payloads);
    measurement = Optional.of(result);
    return result.pays ? Optional.of(dictionary) : Optional.empty();
  }

  private Measurement measure(byte[] dictionary, List<byte[]> heldOut, long payloads) {
    long original = 0;
    long plain = 0;
    long withDictionary = 0;
    try (ZstdCodec plainCodec = ZstdCodec.of(level);
        ZstdCodec dictionaryCodec = ZstdCodec.withDictionary(level, dictionary)) {
      for (byte[] sample : heldOut) {
        original += sample.length;
        plain += plainCodec.encode(ByteBuffer.wrap(sample)).stored().remaining();
        withDictionary +=
            dictionaryCodec.encode(ByteBuffer.wrap(sample)).stored().remaining();
      }
    }
    double savingEach = (double) (plain - withDictionary) / heldOut.size();
    long saving = (long) (savingEach * payloads);
    long cost = (long) COPIES * dictionary.length;
    return new Measurement(
        dictionary.length,
        heldOut.size(),
        original,
        plain,
        withDictionary,
        saving,
        cost,
        saving > cost * (1 + MARGIN));
  }

  /** What the last {@link #train} measured; nothing if it could not train. */
  public Optional<Measurement> measurement() {
    return measurement;
  }
}
