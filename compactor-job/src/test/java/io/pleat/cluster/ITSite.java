package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The static site of all pages builds, and every link and anchor in it leads somewhere. */
@Tag("slow")
final class ITSite {
  private static final Path SITE = Page.ROOT.resolve("docs/site");

  @TempDir
  private Path folder;

  @Test
  void thePagesMakeASite() throws Exception {
    String python =
        PythonEnvironment.install(SITE.resolve("requirements.lock"), "site-environment");
    Path site = folder.resolve("site");
    PythonEnvironment.Finished finished = PythonEnvironment.run(
        Duration.ofMinutes(3),
        folder,
        Map.of(),
        python,
        SITE.resolve("build.py").toString(),
        site.toString());
    assertThat(finished.exitCode()).as(finished.output()).isZero();
    assertThat(Files.readString(site.resolve("html/docs/tutorial.html")))
        .contains("First fold in five minutes", "href=\"hdfs-nightly.html\"")
        .doesNotContain("cdnjs");
  }
}
