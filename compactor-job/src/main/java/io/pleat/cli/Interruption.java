package io.pleat.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Says one line when the process is told to stop before the verb was done; the JVM then exits with 128 plus the signal. */
final class Interruption {
  private final Messages messages;
  private volatile boolean armed = true;

  private Interruption(Messages messages) {
    this.messages = messages;
  }

  /** Says it on {@code messages} from now on. */
  static Interruption announceOn(Messages messages) {
    Interruption interruption = new Interruption(messages);
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::announce, "pleat-interruption"));
    return interruption;
  }

  /** The verb is done: nothing is to be said any more. */
  void disarm() {
    armed = false;
  }

  private void announce() {
    if (armed) {
      // What is being torn down complains on many lines; messages go to a stream of their own.
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      messages.sayLast("interrupted; the dataset stands as last committed");
    }
  }
}
