package io.pleat.read;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;

/** Tells that a thread was interrupted from that something is wrong with what it read. */
final class Interruptions {
  private Interruptions() {}

  /** Throws what says that the thread was interrupted; a timeout does not, though its type is the same. */
  static void rethrow(IOException e) throws IOException {
    if (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)
        || e instanceof ClosedByInterruptException) {
      throw e;
    }
  }
}
