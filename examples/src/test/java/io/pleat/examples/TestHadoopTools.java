package io.pleat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.store.hadoop.MiniHdfs;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestHadoopTools {
  @TempDir
  Path directory;

  @Test
  void shellAndDistcpCopyEveryFile() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String base = hdfs.freshDirectory();
    String dataset = base + "/images.pleat";
    Map<String, byte[]> files = FoldedFiles.at(dataset, hdfs.configuration());
    Configuration conf = new Configuration();
    conf.set("hadoop.tmp.dir", directory.resolve("tmp").toString());
    conf.set("mapreduce.framework.name", "local");
    conf.set("dfs.replication", "1");
    conf.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 2);
    conf.setInt("dfs.client.block.write.locateFollowingBlock.retries", 13);
    Path folder = directory.resolve("fetched");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    int code;
    try {
      code = HadoopTools.run(
          conf, new String[] {dataset, folder.toString(), base + "/copy"}, System.err);
    } finally {
      System.setOut(before);
    }
    assertThat(code).isZero();
    assertThat(out.toString(UTF_8)).contains("\tCOMPOSITE-CRC32C\t");
    assertThat(out.toString(UTF_8).lines())
        .filteredOn(line -> line.contains(" user group "))
        .hasSize(files.size());
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      assertThat(Files.readAllBytes(folder.resolve(file.getKey()))).isEqualTo(file.getValue());
      org.apache.hadoop.fs.Path copy =
          new org.apache.hadoop.fs.Path(base + "/copy/" + file.getKey());
      try (FSDataInputStream in = hdfs.fileSystem().open(copy)) {
        assertThat(in.readAllBytes()).isEqualTo(file.getValue());
      }
    }
  }

  @Test
  void wrongUsageIsSaid() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(HadoopTools.run(
            new Configuration(), new String[] {"x"}, new PrintStream(err, true, UTF_8)))
        .isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("usage: HadoopTools DATASET LOCAL_FOLDER TARGET_URI");
  }
}
