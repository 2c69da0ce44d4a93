package io.pleat.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a worker began and how it ended, a line each, written at once: what a killed process had written, stands. Times are those of
 * {@link System#nanoTime}, which on Linux is one clock for all processes. Thread-safe.
 */
final class Journal implements Closeable {
  /** What the outcome begins with of what was done. */
  static final String DONE = "done ";

  private final FileChannel file;

  Journal(Path path) throws IOException {
    file = FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /**
   * One operation.
   *
   * @param files that it names
   * @param ended 0 if nobody saw it end
   * @param outcome {@code done ...}, {@code refused ...} or {@code wrong ...}; empty if nobody saw it end
   */
  record Operation(String name, List<Integer> files, long began, long ended, String outcome) {
    boolean isDone() {
      return outcome.startsWith(DONE);
    }

    boolean isWrong() {
      return outcome.startsWith("wrong");
    }
  }

  void begin(long id, String name, List<Integer> files) throws IOException {
    write("B " + id + " " + System.nanoTime() + " " + name + " "
        + String.join(",", files.stream().map(String::valueOf).toList()));
  }

  void end(long id, String outcome) throws IOException {
    write("E " + id + " " + System.nanoTime() + " " + outcome.replace('\n', ' '));
  }

  private void write(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** How many operations a journal has the end of. */
  static long ended(Path path) throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(path)) {
      return lines.filter(line -> line.startsWith("E ")).count();
    }
  }

  static List<Operation> read(Path path) throws IOException {
    Map<String, Operation> all = new LinkedHashMap<>();
    if (!Files.exists(path)) {
      return List.of();
    }
    for (String line : Files.readString(path).split("\n")) {
      String[] words = line.split(" ", 5);
      if (words[0].equals("B") && words.length == 5) {
        List<Integer> files = new ArrayList<>();
        for (String file : words[4].split(",")) {
          if (!file.isEmpty()) {
            files.add(Integer.parseInt(file));
          }
        }
        all.put(words[1], new Operation(words[3], files, Long.parseLong(words[2]), 0, ""));
      } else if (words[0].equals("E")) {
        String[] end = line.split(" ", 4);
        all.computeIfPresent(
            end[1],
            (id, began) -> new Operation(
                began.name(), began.files(), began.began(), Long.parseLong(end[2]), end[3]));
      }
    }
    return List.copyOf(all.values());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
