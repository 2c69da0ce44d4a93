package io.pleat.cli;

import io.pleat.fold.ProgressListener;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Shows how a long run goes: a bar with rate and time left on a terminal, else a line every ten seconds. Thread-safe. */
final class Progress implements ProgressListener {
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int BAR_LENGTH = 24;

  private final Messages messages;
  private final LongSupplier nanoTime;
  private final boolean bar;

  private String phase = "";
  private long filesToDo;
  private long bytesToDo;
  private long startedAt;
  private long shownAt;

  Progress(Messages messages) {
    this(messages, System::nanoTime);
  }

  Progress(Messages messages, LongSupplier nanoTime) {
    this.messages = messages;
    this.nanoTime = nanoTime;
    this.bar = messages.terminal().errIsTerminal();
    this.startedAt = nanoTime.getAsLong();
    this.shownAt = startedAt;
  }

  @Override
  public synchronized void phase(String name, long files, long bytes) {
    phase = name;
    filesToDo = files;
    bytesToDo = bytes;
    startedAt = nanoTime.getAsLong();
    if (bar) {
      show(0, 0, startedAt);
    }
  }

  @Override
  public synchronized void progress(long files, long bytes) {
    long now = nanoTime.getAsLong();
    if (now - shownAt >= (bar ? REDRAW_NANOS : LINE_NANOS)) {
      show(files, bytes, now);
    }
  }

  @Override
  public synchronized void message(String line) {
    messages.say(line);
  }

  /** Removes the bar. */
  void done() {
    messages.clearStatus();
  }

  private void show(long files, long bytes, long now) {
    shownAt = now;
    double seconds = (now - startedAt) / 1e9;
    double done = bytesToDo > 0
        ? (double) bytes / bytesToDo
        : filesToDo > 0 ? (double) files / filesToDo : -1;
    if (bar) {
      messages.status(
          phase + (done < 0 ? "" : drawn(done)) + "  " + counts(files, bytes, seconds, done));
    } else {
      messages.say(phase + ": " + counts(files, bytes, seconds, done));
    }
  }

  private static String drawn(double done) {
    int filled = (int) Math.round(Math.min(1, done) * BAR_LENGTH);
    return String.format(
        Locale.ROOT,
        " [%s%s] %3.0f %%",
        "#".repeat(filled),
        ".".repeat(BAR_LENGTH - filled),
        100 * Math.min(1, done));
  }

  private String counts(long files, long bytes, double seconds, double done) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%,d", files));
    if (filesToDo > 0) {
      text.append(String.format(Locale.ROOT, " of %,d", filesToDo));
    }
    text.append(" files");
    if (bytes > 0) {
      text.append(", ").append(ByteSize.format(bytes));
    }
    if (seconds > 0.5 && files > 0) {
      text.append(String.format(Locale.ROOT, ", %,.0f files/s", files / seconds));
      if (bytes > 0) {
        text.append(", ").append(ByteSize.format(bytes / seconds)).append("/s");
      }
      if (done > 0 && done < 1) {
        text.append(", ").append(left(seconds / done * (1 - done))).append(" left");
      }
    }
    return text.toString();
  }

  private static String left(double seconds) {
    Duration left = Duration.ofSeconds((long) Math.ceil(Math.min(seconds, 1e9)));
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }
}
