package io.pleat.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** One verb run in this JVM, with what it printed. */
@SuppressWarnings("ArrayRecordComponent")
public record CommandRun(int code, byte[] bytes, String err) {
  public static CommandRun of(String... args) {
    return on(Terminal.NONE, args);
  }

  static CommandRun on(Terminal terminal, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
    int code = Main.run(args, out, messages, terminal);
    return new CommandRun(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
  }

  public String out() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
