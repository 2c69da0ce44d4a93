package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Folds in processes of their own that are killed half-way, each followed by a second run. */
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ITInterruptedFold {
  private static final int FILES = 2_000;

  @TempDir
  Path temp;

  private Path source;
  private Path dataset;

  @BeforeEach
  void makeTree() throws IOException {
    source = Files.createDirectory(temp.resolve("source"));
    dataset = temp.resolve("dataset");
    Random random = new Random(5);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[10_000];
      random.nextBytes(content);
      Path file = source.resolve("d" + i % 20 + "/f" + i);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    }
  }

  @Test
  void killedFoldLosesNothingAndTheNextRunDoesTheWork() throws Exception {
    Process fold = startSlowFold();
    fold.destroyForcibly().waitFor();
    assertThat(dataset.resolve("_pleat/snapshots")).doesNotExist();
    assertThat(pleat("fold", source.toString(), dataset.toString()).waitFor()).isZero();
    assertHoldsTheTree();
  }

  @Test
  void killedIncrementalFoldLeavesTheOldSnapshot() throws Exception {
    assertThat(pleat("fold", source.toString(), dataset.toString()).waitFor()).isZero();
    for (int i = 0; i < FILES; i += 2) {
      Files.writeString(source.resolve("d" + i % 20 + "/f" + i), "changed " + "x".repeat(9_000));
    }
    Process fold = startSlowFold();
    fold.destroyForcibly().waitFor();
    try (FoldedDataset reader = open()) {
      assertThat(reader.snapshot().version()).isEqualTo(1);
      assertThat(reader.read(LogicalPath.of("d0/f0")).remaining()).isEqualTo(10_000);
    }
    assertThat(pleat("fold", source.toString(), dataset.toString()).waitFor()).isZero();
    assertHoldsTheTree();
  }

  @Test
  void interruptedFoldCleansUpAndSaysSo() throws Exception {
    Process fold = startSlowFold();
    assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(fold.pid()))
            .start()
            .waitFor())
        .isZero();
    assertThat(fold.waitFor()).isEqualTo(130);
    assertThat(Files.readString(temp.resolve("stderr"))).contains("interrupted");
    try (Stream<Path> containers = Files.list(dataset.resolve("containers"))) {
      assertThat(containers).isEmpty();
    }
    assertThat(pleat("fold", source.toString(), dataset.toString()).waitFor()).isZero();
    assertHoldsTheTree();
  }

  /** Starts a fold that takes some ten seconds to write, and waits until it does. */
  private Process startSlowFold() throws Exception {
    List<Path> before = containers();
    Process fold = pleat("fold", source.toString(), dataset.toString(), "--max-bandwidth", "2MiB");
    while (fold.isAlive() && containers().size() == before.size()) {
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(fold.isAlive()).as(Files.readString(temp.resolve("stderr"))).isTrue();
    return fold;
  }

  private List<Path> containers() throws IOException {
    if (!Files.exists(dataset.resolve("containers"))) {
      return List.of();
    }
    try (Stream<Path> containers = Files.list(dataset.resolve("containers"))) {
      return containers.toList();
    }
  }

  private void assertHoldsTheTree() throws Exception {
    assertThat(pleat("verify", "--level", "source", dataset.toString()).waitFor())
        .as(Files.readString(temp.resolve("stdout")))
        .isZero();
    try (FoldedDataset reader = open()) {
      assertThat(reader.snapshot().statistics().files()).isEqualTo(FILES);
    }
  }

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(dataset.toString(), Map.of(), ReaderOptions.defaults());
  }

  private Process pleat(String... arguments) throws IOException {
    // Who runs the tests may ignore SIGINT, as a shell's background jobs do, and children inherit
    // that.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    for (String option : System.getProperty("pleat.opens").trim().split("\\s+")) {
      command.add(option);
    }
    command.add("-cp");
    Path jar = Path.of(System.getProperty("pleat.job.jar"));
    command.add(
        jar + ":" + Files.readString(jar.resolveSibling("runtime-class-path")).trim());
    command.add("io.pleat.cli.Main");
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(temp.resolve("stdout").toFile())
        .redirectError(temp.resolve("stderr").toFile())
        .start();
  }
}
