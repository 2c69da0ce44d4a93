package io.pleat.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One process of {@link TortureWorker}; gone with {@link #kill}, or with this process, whose pipe it reads. */
final class WorkerProcess {
  private final Process process;
  private final Path journal;
  private long killedAfter = -1;

  WorkerProcess(Process process, Path journal) {
    this.process = process;
    this.journal = journal;
  }

  /** Lets it begin; what it does until then is to start. */
  void go() throws IOException {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      if (process.isAlive()) {
        throw e;
      } // else it is found dead when it is to be killed
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end; whether it ended, and in good order. */
  boolean endsWithin(long time, TimeUnit unit) throws InterruptedException {
    return process.waitFor(time, unit) && process.exitValue() == 0;
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** How many operations ended so far. */
  long ended() throws IOException {
    if (killedAfter >= 0) {
      return killedAfter;
    }
    boolean killed = !process.isAlive();
    long ended = Journal.ended(journal);
    killedAfter = killed ? ended : -1;
    return ended;
  }

  /** What it did so far. */
  List<Journal.Operation> operations() throws IOException {
    return Journal.read(journal);
  }
}
