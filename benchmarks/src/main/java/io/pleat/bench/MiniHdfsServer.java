package io.pleat.bench;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * A name node and a data node on loopback, in a JVM of their own. Arguments: {@code FOLDER}, for their data. Prints the URI and runs
 * until its standard input ends.
 */
public final class MiniHdfsServer {
  private MiniHdfsServer() {}

  /** Serves HDFS. */
  public static void main(String[] args) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, args[0]);
    configuration.setInt("dfs.replication", 1);
    try (MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration).numDataNodes(1).build()) {
      cluster.waitActive();
      System.out.println(cluster.getFileSystem().getUri());
      System.out.flush();
      while (System.in.read() >= 0) {
        // Nothing is said to a server; the end of its input is what it waits for.
      }
    }
    System.exit(0);
  }
}
