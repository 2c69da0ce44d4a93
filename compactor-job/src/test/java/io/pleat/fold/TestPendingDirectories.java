package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TestPendingDirectories {
  @TempDir
  Path directory;

  /** A directory with more subdirectories than may wait is listed again for the others, and nothing is counted twice. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void everyFileIsCountedOnceHoweverFewDirectoriesMayWait(int most) throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    int files = 0;
    for (String name : new String[] {"a", "a-b", "a.b", "a b", "b", "c", "d", "e", "f"}) {
      for (int i = 0; i < 9; i++) {
        Path below = Files.createDirectories(source.resolve(name + "/x" + i));
        Files.writeString(below.resolve("file"), "x");
        Files.writeString(source.resolve(name + "/file" + i), "x");
        files += 2;
      }
      Files.writeString(source.resolve("file-" + name), "x");
      files++;
    }
    FoldRequest request = new FoldRequest(
        source.toString(), directory.resolve("ds").toString(), Map.of(), FoldOptions.defaults());
    PendingReport report = new PendingCount(request, ProgressListener.NONE, most).run();
    assertThat(report.waitingFiles()).isEqualTo(files);
    assertThat(report.waitingBytes()).isEqualTo(files);
    assertThat(report.directories()).isEqualTo(1 + 9 + 9 * 9);
  }

  @Test
  void directoriesAreTakenInKeyOrder() throws InterruptedException {
    PendingDirectories directories = new PendingDirectories();
    PendingDirectories.Unit root = directories.take().orElseThrow();
    PendingDirectories.Children children = new PendingDirectories.Children(root, 10);
    for (String name : new String[] {"b", "a-b", "a"}) {
      children.add(io.pleat.format.LogicalPath.of(name));
    }
    directories.done(children.units());
    PendingDirectories.Unit first = directories.take().orElseThrow();
    assertThat(first.directory()).hasToString("a");
    PendingDirectories.Children below = new PendingDirectories.Children(first, 10);
    below.add(io.pleat.format.LogicalPath.of("a/z"));
    directories.done(below.units());
    for (String expected : new String[] {"a/z", "a-b", "b"}) {
      PendingDirectories.Unit next = directories.take().orElseThrow();
      assertThat(next.directory()).hasToString(expected);
      directories.done(java.util.List.of());
    }
    assertThat(directories.take()).isEmpty();
  }
}
