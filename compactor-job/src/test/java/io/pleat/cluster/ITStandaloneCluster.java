package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class ITStandaloneCluster {
  @TempDir
  private static Path folder;

  private static StandaloneCluster cluster;
  private static Path jar;

  @BeforeAll
  static void start() throws Exception {
    cluster = StandaloneCluster.start(folder, 2);
    jar = StandaloneCluster.jarOf(PrintProcessIds.class, folder);
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.close();
  }

  @Test
  void executorsAreProcessesOfTheirOwn() throws Exception {
    StandaloneCluster.Finished finished =
        cluster.submit(List.of(), PrintProcessIds.class.getName(), jar, List.of("2"));
    assertThat(finished.exitCode()).as(finished.stderr()).isZero();
    List<String> driver = pids("driver", finished.stdout());
    List<String> executors = pids("executor", finished.stdout());
    assertThat(driver).hasSize(1);
    assertThat(executors)
        .as(finished.stdout())
        .doesNotHaveDuplicates()
        .hasSize(2)
        .doesNotContainAnyElementsOf(driver);
  }

  @Test
  void failedApplicationGivesAnExitCode() throws Exception {
    StandaloneCluster.Finished finished =
        cluster.submit(List.of(), PrintProcessIds.class.getName(), jar, List.of("no number"));
    assertThat(finished.exitCode()).isNotZero();
    assertThat(finished.stderr()).contains("NumberFormatException");
  }

  private static List<String> pids(String role, String stdout) {
    return stdout
        .lines()
        .filter(line -> line.startsWith(role + " "))
        .map(line -> line.substring(role.length() + 1))
        .toList();
  }
}
