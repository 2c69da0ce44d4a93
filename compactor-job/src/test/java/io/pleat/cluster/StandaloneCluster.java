package io.pleat.cluster;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * A standalone Spark cluster on loopback: a master and workers of one core, each a process, and executors that the workers start as
 * processes of their own. Its Spark is made of the jars that the build resolved, without those that an installation of Spark lacks,
 * so that a job's jar must bring them.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration SUBMIT_LIMIT = Duration.ofMinutes(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  /** Jars of the class path that a distribution of Spark does not ship. */
  private static final List<String> NOT_SPARKS =
      List.of("parquet-avro-", "picocli-", "/io/prometheus/", "hadoop-aws-", "/software/amazon/");

  private static final Pattern MASTER_URL =
      Pattern.compile("Starting Spark master at (spark://\\S+)");

  private static final String LOGGING = """
      rootLogger.level = info
      rootLogger.appenderRef.console.ref = console
      appender.console.type = Console
      appender.console.name = console
      appender.console.target = SYSTEM_ERR
      appender.console.layout.type = PatternLayout
      appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex
      """;

  private final Path folder;
  private final Path sparkHome;
  private final List<RunningProcess> servers = new ArrayList<>();
  private String masterUrl;

  /** How a submitted application ended. */
  record Finished(int exitCode, String stdout, String stderr) {}

  private StandaloneCluster(Path folder) throws IOException {
    this.folder = folder;
    this.sparkHome = installSpark(folder.resolve("spark"));
  }

  /**
   * Starts a master and so many workers, and waits until all have registered.
   *
   * @param folder for Spark's installation, work and logs; the caller's to remove
   */
  static StandaloneCluster start(Path folder, int workers)
      throws IOException, InterruptedException {
    StandaloneCluster cluster = new StandaloneCluster(folder);
    try {
      RunningProcess master = cluster.serve(
          "master",
          "org.apache.spark.deploy.master.Master",
          List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
      cluster.masterUrl = master.await(MASTER_URL, 1, START_LIMIT).group(1);
      for (int i = 0; i < workers; i++) {
        Path work = folder.resolve("work-" + i);
        cluster.serve(
            "worker-" + i,
            "org.apache.spark.deploy.worker.Worker",
            List.of(
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                work.toString(),
                cluster.masterUrl));
      }
      master.await(Pattern.compile("Registering worker 127\\.0\\.0\\.1"), workers, START_LIMIT);
      return cluster;
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
  }

  /**
   * Runs an application in client mode and waits for its end.
   *
   * @param settings Spark settings, {@code key=value}
   */
  Finished submit(List<String> settings, String mainClass, Path jar, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> submit = new ArrayList<>(List.of(
        "--master", masterUrl,
        "--deploy-mode", "client",
        "--executor-memory", "512m",
        "--executor-cores", "1",
        "--conf", "spark.driver.host=127.0.0.1",
        "--conf", "spark.ui.enabled=false",
        // Wait for every executor before the first task, so that a small job meets them all.
        "--conf", "spark.scheduler.minRegisteredResourcesRatio=1.0",
        "--conf", "spark.scheduler.maxRegisteredResourcesWaitingTime=60s"));
    for (String setting : settings) {
      submit.add("--conf");
      submit.add(setting);
    }
    submit.addAll(List.of("--class", mainClass, jar.toString()));
    submit.addAll(arguments);
    Path stdout = Files.createTempFile(folder, "submit-", ".stdout");
    Path stderr = Files.createTempFile(folder, "submit-", ".stderr");
    Process process = java("org.apache.spark.deploy.SparkSubmit", "-Xmx512m", submit)
        .redirectInput(new File("/dev/null"))
        .redirectOutput(stdout.toFile())
        .redirectError(stderr.toFile())
        .start();
    try {
      if (!process.waitFor(SUBMIT_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(
            "no end after " + SUBMIT_LIMIT + ": " + arguments + "\n" + Files.readString(stderr));
      }
    } finally {
      process.destroyForcibly();
    }
    return new Finished(process.exitValue(), Files.readString(stdout), Files.readString(stderr));
  }

  /** A jar of one class in {@code folder}, to be submitted. */
  static Path jarOf(Class<?> type, Path folder) throws IOException {
    Path jar = folder.resolve(type.getSimpleName() + ".jar");
    String name = type.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      out.putNextEntry(new ZipEntry(name));
      out.write(type.getResourceAsStream("/" + name).readAllBytes());
      out.closeEntry();
    }
    return jar;
  }

  /** What the workers and their executors logged, to be shown beside a failure. */
  String logs() throws IOException {
    StringBuilder logs = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(f -> f.endsWith("stderr"))::iterator) {
        logs.append(file).append('\n').append(Files.readString(file)).append('\n');
      }
    }
    return logs.toString();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    // Workers first: each takes its executors along.
    for (int i = servers.size() - 1; i >= 0; i--) {
      servers.get(i).stop();
    }
    servers.clear();
    // JUnit warns of every link that it finds in a temporary folder.
    try (Stream<Path> links = Files.list(sparkHome.resolve("jars"))) {
      for (Path link : (Iterable<Path>) links::iterator) {
        Files.delete(link);
      }
    }
  }

  private RunningProcess serve(String name, String mainClass, List<String> arguments)
      throws IOException {
    Process process = java(mainClass, "-Xmx256m", arguments)
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .start();
    RunningProcess running = new RunningProcess(name, process);
    servers.add(running);
    return running;
  }

  private ProcessBuilder java(String mainClass, String heap, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(heap);
    // What spark-submit and spark-class would add.
    command.addAll(List.of(org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-cp", sparkHome.resolve("conf") + ":" + sparkHome.resolve("jars/*")));
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("SPARK_HOME", sparkHome.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("LC_ALL", "C.UTF-8");
    environment.remove("HADOOP_CONF_DIR");
    environment.remove("YARN_CONF_DIR");
    return builder;
  }

  /** Makes an installation of Spark: {@code jars} and {@code conf} below {@code home}. */
  static Path installSpark(Path home) throws IOException {
    Path jars = Files.createDirectories(home.resolve("jars"));
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(conf.resolve("log4j2.properties"), LOGGING);
    Path list = Path.of("target", "runtime-class-path");
    for (String jar : Files.readString(list).strip().split(":")) {
      if (NOT_SPARKS.stream().noneMatch(jar::contains)) {
        Path file = Path.of(jar);
        Files.createSymbolicLink(jars.resolve(file.getFileName()), file);
      }
    }
    return home;
  }

  /** A process whose output is kept and can be waited for. */
  private static final class RunningProcess {
    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    RunningProcess(String name, Process process) {
      this.name = name;
      this.process = process;
      Thread reader = new Thread(this::readOutput, "output of " + name);
      reader.setDaemon(true);
      reader.start();
    }

    private void readOutput() {
      try (BufferedReader output = new BufferedReader(
          new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          synchronized (this) {
            lines.add(line);
            notifyAll();
          }
        }
      } catch (IOException e) {
        synchronized (this) {
          lines.add("output broke off: " + e);
        }
      } finally {
        synchronized (this) {
          ended = true;
          notifyAll();
        }
      }
    }

    /** Waits until so many lines have matched; gives the last one's match. */
    synchronized Matcher await(Pattern pattern, int matches, Duration limit)
        throws IOException, InterruptedException {
      long end = System.nanoTime() + limit.toNanos();
      while (true) {
        int found = 0;
        for (String line : lines) {
          Matcher matcher = pattern.matcher(line);
          if (matcher.find() && ++found == matches) {
            return matcher;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (ended || left <= 0) {
          throw new IOException(String.format(
              "%s of %s lines of the %s match '%s':%n%s",
              found, matches, name, pattern, String.join("\n", lines)));
        }
        wait(left);
      }
    }

    void stop() throws InterruptedException {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroy();
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
