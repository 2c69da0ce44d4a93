package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * When a fold is worth its while: many files wait and the last fold is some time ago, or so many wait that the time does not matter.
 *
 * @param files a fold starts when more than so many files wait, and the last fold is older than {@code age}
 * @param age how old
 * @param filesAtOnce a fold starts when more than so many files wait, however old the last fold is
 */
public record FoldGate(long files, Duration age, long filesAtOnce) {
  public FoldGate {
    checkArgument(files >= 0, "negative number of waiting files: %s", files);
    requireNonNull(age, "age is null");
    checkArgument(!age.isNegative(), "negative age: %s", age);
    checkArgument(
        filesAtOnce >= files,
        "the number of files that does not wait for the time is %s, less than the other, %s",
        filesAtOnce,
        files);
  }

  /** 10,000 files and 6 hours, or 2,000,000 files. */
  public static FoldGate defaults() {
    return new FoldGate(10_000, Duration.ofHours(6), 2_000_000);
  }

  /**
   * What was decided.
   *
   * @param fold whether to fold now
   * @param reason one line
   */
  public record Decision(boolean fold, String reason) {
    public Decision {
      requireNonNull(reason, "reason is null");
    }
  }

  /**
   * Decides.
   *
   * @param waiting files that wait
   * @param lastFold when the last fold ended, if there was one; a time in the future counts as now
   */
  public Decision decide(long waiting, Optional<Instant> lastFold, Instant now) {
    if (waiting > filesAtOnce) {
      return new Decision(
          true,
          format(
              "%,d files wait, more than %,d: the last fold's time does not matter",
              waiting, filesAtOnce));
    }
    if (waiting <= files) {
      return new Decision(
          false, format("%,d files wait, a fold starts at more than %,d", waiting, files));
    }
    if (lastFold.isEmpty()) {
      return new Decision(
          true,
          format("%,d files wait, more than %,d, and nothing was folded yet", waiting, files));
    }
    Duration since = Duration.between(lastFold.get(), now);
    boolean old = since.compareTo(age) > 0;
    return new Decision(
        old,
        format(
            "%,d files wait, more than %,d, %s the last fold ended %s ago, %s than %s",
            waiting,
            files,
            old ? "and" : "but",
            text(since),
            old ? "longer" : "not longer",
            text(age)));
  }

  private static String format(String text, Object... arguments) {
    return String.format(Locale.ROOT, text, arguments);
  }

  /** {@code 6 h}, {@code 1 h 30 min}, {@code 2 d 4 h}, {@code 12 s}. */
  static String text(Duration time) {
    if (time.isNegative() || time.toSeconds() < 60) {
      return Math.max(0, time.toSeconds()) + " s";
    }
    if (time.toMinutes() < 60) {
      return time.toMinutes() + " min";
    }
    if (time.toHours() < 48) {
      return time.toHours() + " h"
          + (time.toMinutesPart() == 0 ? "" : " " + time.toMinutesPart() + " min");
    }
    return time.toDays() + " d" + (time.toHoursPart() == 0 ? "" : " " + time.toHoursPart() + " h");
  }
}
