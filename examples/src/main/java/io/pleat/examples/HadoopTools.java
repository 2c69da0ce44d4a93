package io.pleat.examples;

import io.pleat.read.hadoop.DatasetAuthority;
import java.io.File;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.tools.DistCp;
import org.apache.hadoop.util.ToolRunner;

/**
 * Hadoop's own tools over {@code pleat://}, in this JVM: lists a dataset as {@code hadoop fs -ls -R} does, sums and prints its first file, fetches all
 * to a local folder and copies them to another file system by distcp, which compares checksums.
 *
 * <pre>
 *   HADOOP_CLASSPATH='compactor-job/target/pleat-VERSION.jar:examples/target/examples-VERSION.jar' \
 *     hadoop io.pleat.examples.HadoopTools DATASET LOCAL_FOLDER TARGET_URI
 * </pre>
 *
 * <p>At a shell, with the same class path and {@code pleat uri DATASET} for the URI, that is
 *
 * <pre>
 *   hadoop fs -ls -R URI
 *   hadoop fs -checksum URI/some/file
 *   hadoop fs -get URI LOCAL_FOLDER
 *   hadoop distcp -D dfs.checksum.combine.mode=COMPOSITE_CRC URI TARGET_URI
 * </pre>
 */
public final class HadoopTools {
  private HadoopTools() {}

  /** Runs and exits. */
  public static void main(String[] args) throws Exception {
    System.exit(run(new Configuration(), args, System.err));
  }

  /** The exit code of the first tool that fails, or 0. */
  static int run(Configuration conf, String[] args, PrintStream err) throws Exception {
    if (args.length != 3) {
      err.println("usage: HadoopTools DATASET LOCAL_FOLDER TARGET_URI");
      return 2;
    }
    String uri = "pleat://" + DatasetAuthority.of(args[0]) + "/";
    String folder = new File(args[1]).getAbsolutePath();
    // HDFS then sums the bytes as Pleat does, whatever their blocks.
    conf.set("dfs.checksum.combine.mode", "COMPOSITE_CRC");
    FileSystem dataset = FileSystem.get(URI.create(uri), conf); // shared, not ours to close
    String someFile = dataset.listFiles(new Path(uri), true).next().getPath().toString();
    List<String[]> shell = List.of(
        new String[] {"-ls", "-R", uri},
        new String[] {"-checksum", someFile},
        new String[] {"-cat", someFile},
        new String[] {"-get", uri, folder});
    for (String[] command : shell) {
      int code = ToolRunner.run(conf, new FsShell(), command);
      if (code != 0) {
        return code;
      }
    }
    return ToolRunner.run(conf, new DistCp(conf, null), new String[] {"-update", uri, args[2]});
  }
}
