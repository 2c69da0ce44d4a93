package io.pleat.store.hadoop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.crypto.key.KeyProvider;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.metrics2.AbstractMetric;
import org.apache.hadoop.metrics2.MetricsSource;
import org.apache.hadoop.metrics2.impl.MetricsCollectorImpl;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/** An HDFS cluster in this JVM, on loopback, with one data node: one for all tests of a JVM, started by the first that asks. */
public final class MiniHdfs {
  private static final int DELETE_ATTEMPTS = 5;
  private static final long SETTLED_NANOS = 100_000_000;

  private static MiniHdfs shared;

  private final MiniDFSCluster cluster;
  private final FileSystem fileSystem;
  private final AtomicInteger directories = new AtomicInteger();

  private MiniHdfs(Path base) throws IOException {
    Configuration conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, base.toString());
    conf.set("dfs.replication", "1");
    conf.set("dfs.namenode.acls.enabled", "true");
    conf.set("dfs.namenode.fs-limits.min-block-size", "1024");
    conf.set("hadoop.security.key.provider.path", "jceks://file" + base.resolve("keys.jceks"));
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitActive();
    Configuration client = new Configuration(conf);
    client.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 2);
    client.setInt("dfs.client.block.write.locateFollowingBlock.retries", 13);
    fileSystem = FileSystem.newInstance(cluster.getURI(), client);
  }

  /** The cluster of this JVM; it stops with the JVM. */
  public static synchronized MiniHdfs shared() throws IOException {
    if (shared == null) {
      Path base = Files.createTempDirectory("pleat-minidfs");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(base)));
      shared = new MiniHdfs(base);
    }
    return shared;
  }

  /** The cluster itself ends with the JVM: stopping it from a shutdown hook only makes it complain. */
  private static void deleteTree(Path base) {
    for (int attempt = 0; attempt < DELETE_ATTEMPTS && Files.exists(base); attempt++) {
      try (Stream<Path> left = Files.walk(base)) {
        for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      } catch (IOException | UncheckedIOException e) {
        continue; // it still writes; once more
      }
    }
  }

  /** {@code hdfs://host:port}. */
  public String uri() {
    return cluster.getURI().toString();
  }

  /** The location of a new, empty directory. */
  public String freshDirectory() throws IOException {
    String path = "/test/" + directories.incrementAndGet();
    fileSystem.mkdirs(new org.apache.hadoop.fs.Path(path));
    return uri() + path;
  }

  /** The location of a new, empty directory that is an encryption zone, with a key of the given name. */
  public String freshEncryptionZone(String key) throws IOException, GeneralSecurityException {
    DistributedFileSystem hdfs = (DistributedFileSystem) fileSystem;
    KeyProvider keys = cluster.getNamesystem().getProvider();
    keys.createKey(key, new KeyProvider.Options(fileSystem.getConf()).setBitLength(128));
    keys.flush();
    String location = freshDirectory();
    hdfs.createEncryptionZone(new org.apache.hadoop.fs.Path(location), key);
    return location;
  }

  /** The settings that a store needs. */
  public Map<String, String> configuration() {
    return Map.of("dfs.replication", "1");
  }

  /** What is done while nothing can be read. */
  public interface Work {
    void run() throws IOException;
  }

  /** Runs with the only data node stopped, which is back afterwards. */
  public void withoutDataNode(Work work) throws IOException {
    MiniDFSCluster.DataNodeProperties node = cluster.stopDataNode(0);
    try {
      work.run();
    } finally {
      cluster.restartDataNode(node, true);
      cluster.waitActive();
    }
  }

  /** The superuser's view; not to be closed. */
  public FileSystem fileSystem() {
    return fileSystem;
  }

  /**
   * How often each call of the name node's was answered so far, by name: {@code GetFileInfo}, {@code GetBlockLocations}. A call is counted
   * just after its answer has left: waits until a while brings no new one.
   */
  public Map<String, Long> calls() {
    Map<String, Long> calls = countedCalls();
    while (true) {
      LockSupport.parkNanos(SETTLED_NANOS);
      Map<String, Long> later = countedCalls();
      if (later.equals(calls)) {
        return later;
      }
      calls = later;
    }
  }

  private Map<String, Long> countedCalls() {
    MetricsSource source = DefaultMetricsSystem.instance()
        .getSource("RpcDetailedActivityForPort" + cluster.getNameNodePort());
    MetricsCollectorImpl collector = new MetricsCollectorImpl();
    source.getMetrics(collector, true);
    Map<String, Long> calls = new TreeMap<>();
    collector.getRecords().forEach(record -> {
      for (AbstractMetric metric : record.metrics()) {
        if (metric.name().endsWith("NumOps")) {
          String name = metric.name().substring(0, metric.name().length() - "NumOps".length());
          calls.merge(name, metric.value().longValue(), Long::sum);
        }
      }
    });
    return calls;
  }
}
