package io.pleat.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One process of {@link TortureWorker}; gone with {@link #kill}, or with this process, whose pipe it reads. */
final class WorkerProcess {
  private static final int THREADS = 2;

  private final Process process;
  private final Path journal;

  WorkerProcess(Path settings, Path journal, Path log, long seed, boolean onSpark)
      throws IOException {
    this.journal = journal;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Starts and dies all the time: nothing that it compiles well would ever pay.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add(onSpark ? "-Xmx700m" : "-Xmx256m");
    command.add("-Dtorture.slower=" + Integer.getInteger("torture.slower", 1));
    if (onSpark) {
      command.addAll(List.of(System.getProperty("pleat.opens", "").trim().split("\\s+")));
    }
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(TortureWorker.class.getName());
    command.add(settings.toString());
    command.add(journal.toString());
    command.add(Long.toString(seed));
    command.add(Integer.toString(THREADS));
    process = new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** What it did so far. */
  List<Journal.Operation> operations() throws IOException {
    return Journal.read(journal);
  }
}
