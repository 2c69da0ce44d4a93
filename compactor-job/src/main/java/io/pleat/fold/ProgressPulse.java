package io.pleat.fold;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells a listener, several times a second, how far a fold is: by what this process has done since the phase began, or by what the engine
 * has heard of others, whichever is more.
 */
final class ProgressPulse implements AutoCloseable {
  private static final long PERIOD_MILLIS = Duration.ofMillis(100).toMillis();

  private final FoldEngine engine;
  private final ProgressListener listener;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(run -> {
    Thread thread = new Thread(run, "pleat-progress");
    thread.setDaemon(true);
    return thread;
  });

  private String phase = "";
  private boolean closed;
  private long listedBefore;
  private long appendedBefore;
  private long bytesBefore;

  private ProgressPulse(FoldEngine engine, ProgressListener listener) {
    this.engine = engine;
    this.listener = listener;
  }

  static ProgressPulse start(FoldEngine engine, ProgressListener listener) {
    ProgressPulse pulse = new ProgressPulse(engine, listener);
    if (listener != ProgressListener.NONE) {
      pulse.timer.scheduleWithFixedDelay(
          pulse::beat, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }
    return pulse;
  }

  /** A phase begins, as {@link ProgressListener#phase} has it. */
  void phase(String name, long files, long bytes) {
    synchronized (this) {
      phase = name;
      listedBefore = LiveProgress.listed();
      appendedBefore = LiveProgress.appended();
      bytesBefore = LiveProgress.appendedBytes();
    }
    listener.phase(name, files, bytes);
  }

  private synchronized void beat() {
    if (closed) {
      return;
    }
    switch (phase) {
      case "list" -> listener.progress(LiveProgress.listed() - listedBefore, 0);
      case "write" -> {
        FoldEngine.Written written = engine.written();
        listener.progress(
            Math.max(LiveProgress.appended() - appendedBefore, written.files()),
            Math.max(LiveProgress.appendedBytes() - bytesBefore, written.bytes()));
      }
      default -> listener.progress(0, 0);
    }
  }

  /** Once it returns, the listener hears nothing more. */
  @Override
  public synchronized void close() {
    closed = true;
    timer.shutdownNow();
  }
}
