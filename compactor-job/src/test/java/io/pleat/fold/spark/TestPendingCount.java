package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.fold.FoldGate;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.PendingCount;
import io.pleat.fold.PendingReport;
import io.pleat.fold.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted as waiting beside what a fold then does. */
@Timeout(120)
class TestPendingCount extends AbstractTestFold {
  private PendingReport pending(FoldOptions options) throws IOException {
    return pending(source.toString(), Map.of(), options);
  }

  private PendingReport pending(String from, Map<String, String> configuration, FoldOptions options)
      throws IOException {
    return new PendingCount(
            new FoldRequest(from, dataset.toString(), configuration, options),
            ProgressListener.NONE)
        .run();
  }

  private PendingReport pending() throws IOException {
    return pending(FoldOptions.defaults());
  }

  /** A dry run plans by the rules of a fold; its plan and the count must be the same, whatever was changed. */
  @Test
  void countsWhatAFoldWouldRead() throws IOException {
    long seed = 20_261_126;
    Random random = new Random(seed);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String path = "d" + random.nextInt(12) + "/e" + random.nextInt(4) + "/f" + i;
      paths.add(path);
      write(path, "x".repeat(random.nextInt(50)));
    }
    for (int round = 0; round < 4; round++) {
      PendingReport report = pending();
      assertThat(report.waitingFiles())
          .as("round %s of seed %s", round, seed)
          .isEqualTo(fold(FoldOptions.defaults().withDryRun(true)).newFiles());
      assertThat(report.sourceFiles()).isEqualTo(paths.size());
      assertThat(fold().newFiles()).isGreaterThan(0);
      assertThat(pending().waitingFiles()).isZero();
      for (int i = 0; i < 20; i++) {
        String path = paths.get(random.nextInt(paths.size()));
        switch (random.nextInt(3)) {
          case 0 -> write(path, "changed".repeat(round + 2) + i);
          case 1 ->
            Files.setPosixFilePermissions(
                source.resolve(path), PosixFilePermissions.fromString("rw-rw-r--"));
          default -> {
            String added = "n" + round + "/" + i;
            write(added, "new");
            paths.add(added);
          }
        }
      }
    }
  }

  @Test
  void saysWhyAFileWaits() throws IOException {
    write("same", "1");
    write("changes", "1");
    Files.writeString(source.resolve("racy"), "1");
    Files.write(source.resolve("large"), new byte[5 << 20]);
    Instant before = Instant.now();
    // A clock that steps once an hour: what was written just now may be written again unseen.
    Map<String, String> coarse = Map.of("troubled.granularity", String.valueOf(3_600_000_000_000L));
    fold("troubled:" + source, dataset.toString(), coarse);
    write("changes", "12");
    write("new", "123");
    PendingReport report = pending("troubled:" + source, coarse, FoldOptions.defaults());
    assertThat(report.newFiles()).isEqualTo(1);
    assertThat(report.changedFiles()).isEqualTo(1);
    assertThat(report.racyFiles()).isEqualTo(1);
    assertThat(report.waitingBytes()).isEqualTo(3 + 2 + 1);
    assertThat(report.passThroughFiles()).isEqualTo(1);
    assertThat(report.sourceFiles()).isEqualTo(5);
    assertThat(report.version()).hasValue(1);
    assertThat(report.lastFold().orElseThrow()).isBetween(before, Instant.now());
  }

  @Test
  void aFoldThatFoundNothingCountsAsTheLastOneAndAFailedOneDoesNot() throws IOException {
    write("a", "1");
    fold();
    Instant first = pending().lastFold().orElseThrow();
    fold();
    Instant second = pending().lastFold().orElseThrow();
    assertThat(second).isAfter(first);
    write("b", "1");
    assertThatThrownBy(() -> fold(before("write", () -> {
          throw new IOException("stopped here");
        })))
        .isInstanceOf(Exception.class);
    assertThat(pending().lastFold()).hasValue(second);
  }

  @Test
  void nothingIsWrittenAndNothingNeedBeThere() throws IOException {
    write("a/b/c", "1");
    PendingReport report = pending();
    assertThat(report.waitingFiles()).isEqualTo(1);
    assertThat(report.directories()).isEqualTo(3);
    assertThat(report.version()).isEmpty();
    assertThat(report.lastFold()).isEmpty();
    assertThat(dataset).doesNotExist();
  }

  @Test
  void aSourceThatIsNotThereIsRefusedAsByAFold() throws IOException {
    Files.delete(source);
    assertThatThrownBy(this::pending)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("SOURCE does not exist: " + source + "; check the path");
  }

  @Test
  void selectsAsTheFoldDoes() throws IOException {
    write("keep/a.jpg", "1");
    write("keep/a.txt", "1");
    write("skip/b.jpg", "1");
    FoldOptions options = FoldOptions.defaults()
        .withIncludes(List.of("*.jpg"))
        .withExcludes(List.of("skip"))
        .withMaxFileSize(1);
    assertThat(pending(options).waitingFiles()).isEqualTo(1);
    write("keep/c.jpg", "22");
    assertThat(pending(options).waitingFiles()).isEqualTo(1);
    assertThat(pending(options).passThroughFiles()).isEqualTo(1);
  }

  @Test
  void theGateOpensWithTimeOrWithNumbers() {
    FoldGate gate = new FoldGate(10, Duration.ofHours(6), 100);
    Instant now = Instant.parse("2026-11-26T12:00:00Z");
    Optional<Instant> recent = Optional.of(now.minus(Duration.ofHours(6)));
    Optional<Instant> old = Optional.of(now.minusSeconds(6 * 3600 + 1));
    assertThat(gate.decide(10, old, now).fold()).isFalse();
    assertThat(gate.decide(11, old, now).fold()).isTrue();
    assertThat(gate.decide(11, recent, now).fold()).isFalse();
    assertThat(gate.decide(100, recent, now).fold()).isFalse();
    assertThat(gate.decide(101, recent, now).fold()).isTrue();
    assertThat(gate.decide(11, Optional.empty(), now).fold()).isTrue();
    assertThat(gate.decide(11, recent, now).reason())
        .isEqualTo(
            "11 files wait, more than 10, but the last fold ended 6 h ago, not longer than 6 h");
    assertThat(gate.decide(0, old, now).reason())
        .isEqualTo("0 files wait, a fold starts at more than 10");
    assertThatThrownBy(() -> new FoldGate(10, Duration.ZERO, 9))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
