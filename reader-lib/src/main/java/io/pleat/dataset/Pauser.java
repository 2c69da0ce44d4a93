package io.pleat.dataset;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Lets time pass between two looks at a store; a test passes none. */
interface Pauser {
  /** @throws InterruptedIOException if the thread was interrupted; its flag is set again */
  void pause(Duration time) throws InterruptedIOException;

  /** Sleeps. */
  Pauser SLEEP = time -> {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to look at the store again");
    }
  };
}
