package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The verb that starts a Spark of its own, in this JVM. */
@Timeout(120)
class TestFoldVerb {
  @TempDir
  private Path directory;

  private Path source;

  @BeforeEach
  void makeSource() throws Exception {
    source = Files.createDirectory(directory.resolve("source"));
  }

  private static CommandRun fold(Object... args) {
    String[] all = new String[args.length + 3];
    all[0] = "fold";
    all[1] = "--conf=spark.ui.enabled=false";
    all[2] = "--master=local[2]";
    for (int i = 0; i < args.length; i++) {
      all[i + 3] = args[i].toString();
    }
    return CommandRun.of(all);
  }

  @Test
  void aDiskThatTurnsOutTooSmallIsOneLineAndASecondRunSucceeds() throws Exception {
    // The check reckons that zstd makes an eighth of it; of random bytes it makes nothing less.
    Random random = new Random(3);
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < 12; i++) {
      random.nextBytes(content);
      Files.write(source.resolve("f" + i), content);
    }
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), 16)) {
      Path other = Files.write(disk.root().resolve("other"), new byte[8 << 20]);
      Path dataset = disk.root().resolve("dataset");
      CommandRun run = fold("--codec", "zstd", source, dataset);
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.out()).isEmpty();
      // On a slow machine lines of progress stand before it, one each ten seconds.
      assertThat(run.err().replaceAll("pleat: (start|list|plan|write): .*\n", ""))
          .startsWith("pleat: no space left at " + dataset + " (")
          .endsWith(": nothing was committed; free some or choose another place\n")
          .hasLineCount(1);
      assertThat(dataset.resolve("_pleat/snapshots")).doesNotExist();
      assertThat(dataset.resolve("containers")).isEmptyDirectory();

      Files.delete(other);
      assertThat(fold("--codec", "zstd", source, dataset).code()).isZero();
      assertThat(
              CommandRun.of("verify", "--level", "source", dataset.toString()).code())
          .isZero();
    }
  }
}
