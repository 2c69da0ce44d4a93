package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/pleat} in a checkout made of empty files, with a {@code java} and a {@code mvn} that only say how they were called. */
@Timeout(120)
class TestLauncher {
  private static final Path SCRIPT = script();

  @TempDir
  private Path directory;

  private Path root;
  private Path tools;
  private Path jdk;
  private final Map<String, String> environment = new TreeMap<>();

  private static Path script() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("bin/pleat"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("bin/pleat") : at.resolve("bin/pleat");
  }

  @BeforeEach
  void makeCheckout() throws IOException {
    assumeThat(SCRIPT).exists();
    assumeThat(Path.of("/bin/bash")).isExecutable();
    root = Files.createDirectory(directory.resolve("check out"));
    Files.createDirectory(root.resolve("bin"));
    Files.copy(SCRIPT, root.resolve("bin/pleat"));
    executable(root.resolve("bin/pleat"));
    Files.writeString(root.resolve("pom.xml"), "");
    for (String module : List.of("index-format", "reader-lib", "compactor-job")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    tools = Files.createDirectory(directory.resolve("tools"));
    jdk = Files.createDirectories(directory.resolve("jdk/bin"));
    script(jdk.resolve("javac"), "exit 1");
    java("17.0.9");
    script(
        tools.resolve("mvn"),
        "echo mvn \"$@\" >>'" + directory.resolve("calls") + "'",
        "echo '[INFO] Building Pleat index format 0.1 [2/4]'",
        "[ -e '" + directory.resolve("mvn-fails") + "' ] && { echo '[ERROR] it broke'; exit 1; }",
        "mkdir -p compactor-job/target \"${3%/pom.xml}/compactor-job/target\"",
        "cd \"${3%/pom.xml}/compactor-job/target\" && : >pleat-0.1.jar && : >dependency.jar",
        "printf %s \"$PWD/dependency.jar\" >runtime-class-path");
    environment.put("PATH", tools + ":" + System.getenv("PATH"));
    environment.put("JAVA_HOME", jdk.getParent().toString());
    environment.put("LC_ALL", "C");
  }

  private void java(String version) throws IOException {
    script(
        jdk.resolve("java"),
        "[ \"$1\" = -version ] && { echo 'openjdk version \"" + version + "\" 2025' >&2; exit 0; }",
        "for a; do case $a in io.pleat.cli.WarmUp) exit 0;; esac; done",
        "echo \"LC_ALL=$LC_ALL\"",
        "for a; do echo \"arg=$a\"; done",
        "exit 3");
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + String.join("\n", lines) + "\n");
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setAttribute(file, "unix:mode", 0755);
  }

  private record Run(int code, String out, String err) {}

  private Run run(Path launcher, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private Run run(String... args) throws IOException {
    return run(root.resolve("bin/pleat"), args);
  }

  private int builds() throws IOException {
    Path calls = directory.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  @Test
  void theFirstCallBuildsAndTheSecondDoesNot() throws IOException {
    Run first = run("ls", "a b", "*");
    assertThat(first.err())
        .contains("pleat: building")
        .contains("index format")
        .contains("built in");
    assertThat(first.code()).isEqualTo(3);
    assertThat(first.out()).contains("arg=io.pleat.cli.Main\narg=ls\narg=a b\narg=*\n");
    Run second = run("ls");
    assertThat(second.err()).isEmpty();
    assertThat(builds()).isOne();
  }

  @Test
  void changedSourcesOrALostLibraryBuildAgain() throws IOException {
    run("ls");
    Path source = Files.writeString(root.resolve("reader-lib/src/main/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 5000));
    assertThat(run("ls").err()).contains("building");
    Files.delete(source);
    Files.delete(root.resolve("compactor-job/target/dependency.jar"));
    assertThat(run("ls").err()).contains("building");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void aFailedBuildLeavesNothingThatLooksBuilt() throws IOException {
    Files.writeString(directory.resolve("mvn-fails"), "");
    Run failed = run("ls");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .contains("[ERROR] it broke")
        .contains("pleat: the build failed; the whole log is ");
    assertThat(failed.out()).isEmpty();
    Files.delete(directory.resolve("mvn-fails"));
    Path half =
        Files.createDirectories(root.resolve("reader-lib/target/classes")).resolve("Half.class");
    Files.writeString(half, "");
    assertThat(run("ls").err()).contains("built in");
    assertThat(half).doesNotExist();
  }

  @Test
  void itFindsItsRootThroughLinksFromAnyDirectory() throws IOException {
    Path links = Files.createDirectory(directory.resolve("links"));
    Files.createSymbolicLink(links.resolve("relative"), Path.of("../check out/bin/pleat"));
    Files.createSymbolicLink(directory.resolve("pleat"), links.resolve("relative"));
    Run run = run(directory.resolve("pleat"), "ls");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out())
        .contains("arg=" + root.toRealPath() + "/compactor-job/target/pleat-0.1.jar:");
  }

  @Test
  void aLocaleWithoutUtf8IsReplaced() throws IOException {
    assertThat(run("ls").out())
        .containsPattern("LC_ALL=\\S+\\.(UTF-8|utf8)\n")
        .contains("arg=-Dfile.encoding=UTF-8");
  }

  @Test
  void optionsOfTheUserComeLast() throws IOException {
    environment.put("PLEAT_JAVA_OPTS", "-Xmx2g -XX:+UseG1GC");
    assertThat(run("fold").out())
        .containsSubsequence(
            "arg=-Xmx512m", "arg=-Xmx2g", "arg=-XX:+UseG1GC", "arg=io.pleat.cli.Main")
        .doesNotContain("ParallelGC");
  }

  @Test
  void anOldOrMissingJavaIsOneLine() throws IOException {
    java("11.0.2");
    Run old = run("ls");
    assertThat(old.code()).isEqualTo(1);
    assertThat(old.err())
        .isEqualTo("pleat: " + jdk.resolve("java")
            + " is version 11.0.2, 17 or later is needed: set JAVA_HOME to a newer JDK\n");
    java("1.8.0_392");
    assertThat(run("ls").err()).contains("is version 1.8.0_392, 17 or later is needed");
    environment.put("JAVA_HOME", "/nowhere");
    assertThat(run("ls").err())
        .isEqualTo(
            "pleat: JAVA_HOME is /nowhere, but there is no bin/java: point it at a JDK 17 or later, or unset it\n");
    assertThat(builds()).isZero();
  }

  @Test
  void withoutMavenOrCompilerThereIsOneLineToo() throws IOException {
    Files.delete(jdk.resolve("javac"));
    Run noCompiler = run("ls");
    assertThat(noCompiler.code()).isEqualTo(1);
    assertThat(noCompiler.err())
        .startsWith("pleat: not built yet, and ")
        .contains("no bin/javac")
        .hasLineCount(1);
    Path few = Files.createDirectory(directory.resolve("few"));
    for (String tool : List.of(
        "bash", "env", "readlink", "dirname", "sed", "head", "find", "locale", "grep", "cat")) {
      for (String place : List.of("/usr/bin/", "/bin/")) {
        if (Files.exists(Path.of(place + tool)) && !Files.exists(few.resolve(tool))) {
          script(few.resolve(tool), "exec " + place + tool + " \"$@\"");
        }
      }
    }
    environment.put("PATH", few.toString());
    Run noMaven = run("ls");
    assertThat(noMaven.code()).isEqualTo(1);
    assertThat(noMaven.err())
        .startsWith("pleat: not built yet, and no mvn on the PATH")
        .hasLineCount(1);
    assertThat(builds()).isZero();
  }
}
