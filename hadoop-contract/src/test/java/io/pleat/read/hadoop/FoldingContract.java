package io.pleat.read.hadoop;

import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.contract.AbstractFSContract;
import org.apache.hadoop.fs.contract.ContractOptions;

/** What {@link PleatFileSystem} claims to Hadoop's contract suites, over a {@link FoldingFileSystem} of one test. */
final class FoldingContract extends AbstractFSContract {
  private final FileSystem source;
  private final String base;
  private final FoldingFileSystem fileSystem;

  private FoldingContract(
      Configuration conf, FileSystem source, String base, Map<String, String> configuration)
      throws IOException {
    super(conf);
    this.source = source;
    this.base = base;
    this.fileSystem = new FoldingFileSystem(source, base, configuration);
    for (String feature : new String[] {
      ContractOptions.SUPPORTS_STRICT_EXCEPTIONS,
      ContractOptions.SUPPORTS_SEEK,
      ContractOptions.REJECTS_SEEK_PAST_EOF,
      ContractOptions.SUPPORTS_GETFILESTATUS,
      ContractOptions.SUPPORTS_UNBUFFER,
      ContractOptions.SUPPORTS_UNIX_PERMISSIONS,
      ContractOptions.IS_CASE_SENSITIVE
    }) {
      getConf().setBoolean(getConfKey(feature), true);
    }
  }

  /** Source tree and datasets on the local disk. */
  static AbstractFSContract local(Configuration conf) {
    try {
      return new FoldingContract(
          conf,
          FileSystem.getLocal(new Configuration()).getRaw(),
          Files.createTempDirectory("pleat-contract").toString(),
          Map.of());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Source tree and datasets in HDFS. */
  static AbstractFSContract hdfs(Configuration conf) {
    try {
      MiniHdfs hdfs = MiniHdfs.shared();
      return new FoldingContract(
          conf, hdfs.fileSystem(), hdfs.freshDirectory(), hdfs.configuration());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public FileSystem getTestFileSystem() {
    return fileSystem;
  }

  @Override
  public String getScheme() {
    return PleatFileSystem.SCHEME;
  }

  @Override
  public Path getTestPath() {
    return fileSystem.makeQualified(new Path("/test"));
  }

  @Override
  public void teardown() throws IOException {
    fileSystem.close();
    source.delete(new Path(base), true);
  }
}
