package io.pleat.read.epoch;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an epoch stands: enough to go on from there in another process. Its text form is one word, kept beside a checkpoint.
 *
 * @param version of the snapshot
 * @param commitId of the snapshot: another dataset's has another
 * @param seed of the order
 * @param epoch number of the epoch
 * @param rank of the reader
 * @param worldSize number of readers
 * @param digest of the files and of how they are cut into chunks and windows
 * @param position how many files of the rank's order are behind it
 */
public record EpochToken(
    long version,
    UUID commitId,
    long seed,
    long epoch,
    int rank,
    int worldSize,
    long digest,
    long position) {
  private static final Pattern TEXT = Pattern.compile(
      "pleat-epoch-1:(\\d{1,19}):([0-9a-f-]{36}):(-?\\d{1,19}):(\\d{1,19}):(\\d{1,10})/(\\d{1,10}):([0-9a-f]{16}):(\\d{1,19})");

  public EpochToken {
    requireNonNull(commitId, "commit id is null");
    checkArgument(position >= 0, "negative position: %s", position);
  }

  /**
   * The token that {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static EpochToken parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a token of an epoch (pleat-epoch-1:VERSION:COMMIT:SEED:EPOCH:RANK/WORLD:DIGEST:POSITION): '"
              + text + "'");
    }
    try {
      return new EpochToken(
          Long.parseLong(matcher.group(1)),
          UUID.fromString(matcher.group(2)),
          Long.parseLong(matcher.group(3)),
          Long.parseLong(matcher.group(4)),
          Integer.parseInt(matcher.group(5)),
          Integer.parseInt(matcher.group(6)),
          HexFormat.fromHexDigitsToLong(matcher.group(7)),
          Long.parseLong(matcher.group(8)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a token of an epoch: '" + text + "'", e);
    }
  }

  /** The text form. */
  @Override
  public String toString() {
    return "pleat-epoch-1:" + version + ":" + commitId + ":" + seed + ":" + epoch + ":" + rank + "/"
        + worldSize + ":" + HexFormat.of().toHexDigits(digest) + ":" + position;
  }
}
