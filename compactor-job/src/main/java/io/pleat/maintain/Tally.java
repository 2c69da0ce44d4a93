package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import java.util.concurrent.atomic.LongAdder;

/** Counts what an unfold did and tells the listener. Thread-safe. */
final class Tally {
  private final UnfoldListener listener;
  private final LongAdder files = new LongAdder();
  private final LongAdder directories = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder incomplete = new LongAdder();

  Tally(UnfoldListener listener) {
    this.listener = listener;
  }

  void phase(String name, long toDo, long bytesToDo) {
    listener.phase(name, toDo, bytesToDo);
  }

  void restored(long length) {
    files.increment();
    bytes.add(length);
  }

  /** Tells how far it is; costs a sum over threads, so not for each file. */
  void tellProgress() {
    listener.progress(files.sum(), bytes.sum());
  }

  void directoryStands() {
    directories.increment();
  }

  void failed(LogicalPath path, String reason) {
    failed(path, reason, 1);
  }

  void failed(LogicalPath path, String reason, long howMany) {
    failures.add(howMany);
    listener.failed(path, reason);
  }

  void incomplete(LogicalPath path, String reason) {
    incomplete.increment();
    listener.incomplete(path, reason);
  }

  UnfoldReport report(long version, double seconds) {
    return new UnfoldReport(
        version,
        files.sum(),
        directories.sum(),
        bytes.sum(),
        failures.sum(),
        incomplete.sum(),
        seconds);
  }
}
