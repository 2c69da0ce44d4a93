package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Virtual environments below {@code target}, each with exactly what a lock file names: made once, kept until the lock changes. One is Airflow's. */
final class PythonEnvironment {
  private static final Path LOCK =
      Path.of("..", "airflow-dags", "requirements.lock").toAbsolutePath().normalize();
  private static final Path HOME = Path.of("target", "airflow-environment").toAbsolutePath();
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(20);

  private PythonEnvironment() {}

  /** How a process ended. */
  record Finished(int exitCode, String output) {}

  /** Makes Airflow's environment if it is not there. */
  static void install() throws IOException, InterruptedException {
    install(LOCK, HOME);
  }

  /**
   * Makes an environment if it is not there, and returns its interpreter.
   *
   * @param name of its folder below {@code target}
   */
  static String install(Path lock, String name) throws IOException, InterruptedException {
    Path home = Path.of("target", name).toAbsolutePath();
    install(lock, home);
    return python(home);
  }

  private static void install(Path lockFile, Path home) throws IOException, InterruptedException {
    String lock = Files.readString(lockFile);
    Path installed = home.resolve("installed.lock");
    if (Files.exists(installed) && Files.readString(installed).equals(lock)) {
      return;
    }
    require("python3", "-m", "venv", "--clear", home.toString());
    require(
        python(home),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--disable-pip-version-check",
        "-r",
        lockFile.toString());
    Files.writeString(installed, lock);
  }

  /** Airflow's interpreter. */
  static String python() {
    return python(HOME);
  }

  private static String python(Path home) {
    return home.resolve("bin/python").toString();
  }

  private static void require(String... command) throws IOException, InterruptedException {
    Finished finished = run(INSTALL_LIMIT, Path.of("target"), Map.of(), command);
    assertThat(finished.exitCode())
        .as("%s%n%s", List.of(command), finished.output())
        .isZero();
  }

  /**
   * Runs a command to its end; its standard output and error come out as one.
   *
   * @param folder to run in, and for what it prints
   * @param settings added to the environment, from which Airflow's own are taken
   * @throws IOException if it takes longer than {@code limit}
   */
  static Finished run(Duration limit, Path folder, Map<String, String> settings, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "run-", ".log");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("AIRFLOW"));
    environment.put("LC_ALL", "C.UTF-8");
    environment.putAll(settings);
    Process process = builder.start();
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("no end after " + limit + ": " + List.of(command) + "\n"
            + Files.readString(output, StandardCharsets.UTF_8));
      }
      return new Finished(
          process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }
}
