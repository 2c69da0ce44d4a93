package io.pleat.cli;

import io.pleat.fold.ProgressListener;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Shows how a long run goes, to people and to monitoring: a bar with rate and time left on a terminal, else a line every ten seconds. Thread-safe. */
final class Progress implements ProgressListener {
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int BAR_LENGTH = 24;
  private static final int SHORT_BAR_LENGTH = 10;

  private final Messages messages;
  private final RunMetrics metrics;
  private final LongSupplier nanoTime;
  private final boolean bar;

  private String phase = "";
  private long filesToDo;
  private long bytesToDo;
  private long startedAt;
  private long shownAt;

  /** @param metrics hears of it, too */
  Progress(Messages messages, RunMetrics metrics) {
    this(messages, metrics, System::nanoTime);
  }

  Progress(Messages messages, RunMetrics metrics, LongSupplier nanoTime) {
    this.messages = messages;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.bar = messages.terminal().errIsTerminal();
    this.startedAt = nanoTime.getAsLong();
    this.shownAt = startedAt;
  }

  @Override
  public synchronized void phase(String name, long files, long bytes) {
    metrics.phase(name, files, bytes);
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
    metrics.progress(files, bytes);
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
    String amount = amount(files, bytes);
    List<String> rates = rates(files, bytes, seconds);
    if (amount.isEmpty() && rates.isEmpty() && seconds >= 1) {
      amount = time(seconds);
    }
    String rate = String.join(", ", rates);
    String left =
        done > 0 && done < 1 && !rates.isEmpty() ? time(seconds / done * (1 - done)) + " left" : "";
    if (!bar) {
      messages.say(phase + ": " + joined(amount, rate, left));
      return;
    }
    String fileRate = rates.isEmpty() ? "" : rates.get(0);
    messages.status(firstThatFits(
        phase + drawn(done, BAR_LENGTH) + "  " + joined(amount, rate, left),
        phase + drawn(done, SHORT_BAR_LENGTH) + "  " + joined(amount, rate, left),
        phase + drawn(done, SHORT_BAR_LENGTH) + "  " + joined(rate, left),
        phase + drawn(done, SHORT_BAR_LENGTH) + "  " + joined(fileRate, left),
        phase + drawn(done, 0) + "  " + joined(fileRate, left)));
  }

  /** The richest of several texts that a line of the terminal holds; the last one is cut if none does. */
  private String firstThatFits(String... texts) {
    for (String text : texts) {
      if (text.length() < messages.terminal().columns()) {
        return text;
      }
    }
    return texts[texts.length - 1];
  }

  private static String joined(String... parts) {
    return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(", "));
  }

  /** @param done the share that is done; negative if not known */
  private static String drawn(double done, int length) {
    if (done < 0) {
      return "";
    }
    int filled = (int) Math.round(Math.min(1, done) * length);
    String bar = length == 0 ? "" : " [" + "#".repeat(filled) + ".".repeat(length - filled) + "]";
    return bar + String.format(Locale.ROOT, " %3.0f %%", 100 * Math.min(1, done));
  }

  private String amount(long files, long bytes) {
    if (files == 0 && filesToDo == 0) {
      return bytesToDo == 0
          ? ""
          : ByteSize.format(bytes) + " of " + ByteSize.format(bytesToDo); // no files are counted
    }
    return String.format(Locale.ROOT, "%,d", files)
        + (filesToDo > 0 ? String.format(Locale.ROOT, " of %,d", filesToDo) : "")
        + (Math.max(files, filesToDo) == 1 ? " file" : " files")
        + (bytes > 0 ? ", " + ByteSize.format(bytes) : "");
  }

  /** Files a second, then bytes; none before there is anything to tell. */
  private List<String> rates(long files, long bytes, double seconds) {
    boolean countsBytes = filesToDo == 0 && bytesToDo > 0 && bytes > 0;
    if (seconds <= 0.5 || files == 0 && !countsBytes) {
      return List.of();
    }
    if (files == 0) {
      return List.of(ByteSize.format(bytes / seconds) + "/s");
    }
    String fileRate = String.format(Locale.ROOT, "%,.0f files/s", files / seconds);
    return bytes == 0
        ? List.of(fileRate)
        : List.of(fileRate, ByteSize.format(bytes / seconds) + "/s");
  }

  /** {@code 0:07}, {@code 1:02:03}. */
  private static String time(double seconds) {
    Duration left = Duration.ofSeconds((long) Math.ceil(Math.min(seconds, 1e9)));
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }
}
