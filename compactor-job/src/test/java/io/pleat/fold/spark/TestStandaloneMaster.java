package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.cli.CommandRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master that does not answer is named, in bounded time. */
@Timeout(60)
class TestStandaloneMaster {
  private static final String NOBODY = "spark://127.0.0.1:1";

  @Test
  void everyMasterIsNamed() {
    assertThatThrownBy(
            () -> StandaloneMaster.requireReachable(NOBODY + ",no-such-host.invalid:7077"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no master of Spark answers: 127.0.0.1:1 (Connection refused),"
                + " no-such-host.invalid:7077 (no such host); check host and port, and that it is running");
  }

  @Test
  void oneThatAnswersIsEnough() throws IOException {
    try (ServerSocket good = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      StandaloneMaster.requireReachable(NOBODY + ",127.0.0.1:" + good.getLocalPort());
    }
  }

  @Test
  void whatIsNoStandaloneClusterIsSparksToJudge() {
    for (String master : List.of("local[2]", "yarn", "spark://nonsense", "spark://:x")) {
      assertThatCode(() -> StandaloneMaster.requireReachable(master))
          .as(master)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void verbsSayItInOneLineAndLeaveNothingBehind(@TempDir Path folder) throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("a"), "a");
    Path dataset = folder.resolve("dataset");
    CommandRun fold =
        CommandRun.of("fold", "--master", NOBODY, source.toString(), dataset.toString());
    assertThat(fold.code()).isEqualTo(1);
    assertThat(fold.err())
        .startsWith("pleat: no master of Spark answers: 127.0.0.1:1 (")
        .hasLineCount(1);
    assertThat(dataset).doesNotExist();
    CommandRun compact = CommandRun.of("compact", "--master=" + NOBODY, dataset.toString());
    assertThat(compact.code()).isEqualTo(1);
    assertThat(compact.err()).contains("no master of Spark answers").hasLineCount(1);
  }
}
