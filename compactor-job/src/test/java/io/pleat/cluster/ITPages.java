package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the commands of every page as they stand there, a page's in one shell, which stops at the first that fails. The folder that they run
 * in looks like a clone; {@code hdfs://nn} and {@code hdfs://other} are a cluster of this JVM's, with files below {@code /data}; {@code /tmp} is a folder of the
 * test's. Spark runs in the process of {@code spark-submit}, whatever master is named.
 */
@Tag("slow")
final class ITPages {
  private static final Path JOB_JAR =
      Path.of(System.getProperty("pleat.job.jar")).toAbsolutePath();
  private static final long LIMIT_SECONDS = 300;

  @TempDir
  private static Path folder;

  private static MiniDFSCluster hdfs;
  private static Path clone;

  static Stream<Page> pagesWithCommands() throws IOException {
    return Page.all().stream().filter(page -> !page.commands().isEmpty());
  }

  @BeforeAll
  static void setUp() throws IOException {
    assertThat(JOB_JAR).as("packaged jar; mvn package builds it").exists();
    startHdfs();
    clone = Files.createDirectory(folder.resolve("clone"));
    for (String part : List.of("examples", "airflow-dags")) {
      Files.createSymbolicLink(clone.resolve(part), Page.ROOT.resolve(part));
    }
    Path target = Files.createDirectories(clone.resolve("compactor-job/target"));
    Files.createSymbolicLink(target.resolve(JOB_JAR.getFileName()), JOB_JAR);
    installPrograms(Files.createDirectory(clone.resolve("bin")));
  }

  private static void startHdfs() throws IOException {
    Configuration configuration = new HdfsConfiguration();
    configuration.set(
        MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    hdfs.waitActive();
    FileSystem files = hdfs.getFileSystem();
    for (int i = 0; i < 200; i++) {
      org.apache.hadoop.fs.Path path =
          new org.apache.hadoop.fs.Path("/data/images/train/n%08d/%d.jpg".formatted(i % 7, i));
      try (FSDataOutputStream out = files.create(path)) {
        out.write(("image " + i).getBytes(StandardCharsets.UTF_8));
      }
      files.setTimes(path, 1_580_000_000_000L + i, -1);
    }
    Path settings = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(settings.resolve("hdfs-site.xml"), """
        <configuration>
          <property><name>dfs.nameservices</name><value>nn,other</value></property>
          <property><name>dfs.ha.namenodes.nn</name><value>a</value></property>
          <property><name>dfs.namenode.rpc-address.nn.a</name><value>%1$s</value></property>
          <property><name>dfs.client.failover.proxy.provider.nn</name><value>%2$s</value></property>
          <property><name>dfs.ha.namenodes.other</name><value>a</value></property>
          <property><name>dfs.namenode.rpc-address.other.a</name><value>%1$s</value></property>
          <property><name>dfs.client.failover.proxy.provider.other</name><value>%2$s</value></property>
          <property><name>dfs.replication</name><value>1</value></property>
          <property><name>dfs.client.block.write.locateFollowingBlock.initial.delay.ms</name><value>1</value></property>
          <property><name>dfs.client.block.write.locateFollowingBlock.retries</name><value>12</value></property>
        </configuration>
        """.formatted(
            hdfs.getNameNode().getNameNodeAddressHostPortString(),
            "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider"));
    Files.writeString(settings.resolve("core-site.xml"), """
        <configuration>
          <property><name>fs.defaultFS</name><value>hdfs://nn</value></property>
        </configuration>
        """);
    Files.writeString(settings.resolve("log4j2.properties"), """
        rootLogger.level = warn
        rootLogger.appenderRef.console.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.target = SYSTEM_ERR
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %p %c{1}: %m%n%ex
        """);
  }

  /** What a machine with Pleat, Spark and Hadoop has on its path. */
  private static void installPrograms(Path bin) throws IOException {
    String classPath = folder.resolve("conf") + ":" + JOB_JAR + ":"
        + Files.readString(JOB_JAR.resolveSibling("runtime-class-path")).strip();
    // Bare paths are local to Pleat, and to Hadoop's shell on the default file system.
    program(bin, "pleat", classPath, "io.pleat.cli.Main \"$@\"");
    program(bin, "hadoop", classPath, """
        $([ "$1" = distcp ] && echo org.apache.hadoop.tools.DistCp || echo org.apache.hadoop.fs.FsShell) "${@:2}\"""");
    program(
        bin,
        "spark-submit",
        classPath,
        "org.apache.spark.deploy.SparkSubmit --driver-java-options -Dspark.master=local[2] \"${@/#yarn/local[2]}\"");
  }

  private static void program(Path bin, String name, String classPath, String command)
      throws IOException {
    Path script = Files.writeString(
        bin.resolve(name),
        "#!/bin/bash\nexec '%s/bin/java' -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC %s -cp '%s' %s%n"
            .formatted(
                System.getProperty("java.home"),
                JavaModuleOptions.defaultModuleOptions(),
                classPath,
                command));
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @AfterAll
  static void tearDown() throws IOException {
    hdfs.shutdown();
    // JUnit warns of every link that it finds in a temporary folder.
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path link : (Iterable<Path>) files.filter(Files::isSymbolicLink)::iterator) {
        Files.delete(link);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pagesWithCommands")
  void theCommandsOfAPageDoWhatTheySay(Page page) throws Exception {
    Path home = Files.createTempDirectory(folder, "page-");
    String script = String.join("\n", page.commands()).replace("/tmp/", home + "/");
    Path log = folder.resolve(home.getFileName() + ".log");
    ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-x", "-c", script)
        .directory(clone.toFile())
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("PATH", clone.resolve("bin") + ":" + environment.get("PATH"));
    environment.put("HOME", home.toString());
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("HADOOP_CONF_DIR", folder.resolve("conf").toString());
    Process process = builder.start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    assertThat(ended ? process.waitFor() : -1)
        .as("%s: %s", page, Files.readString(log))
        .isZero();
  }
}
