package io.pleat.store.hadoop;

import io.pleat.store.Store;
import io.pleat.store.StoreProvider;
import java.io.IOException;
import java.util.Map;

/** Serves every scheme that Hadoop's client on the class path may serve; {@code s3a} only with hadoop-aws and the AWS SDK. */
public final class HadoopStoreProvider implements StoreProvider {
  private static final String S3A = "s3a";
  private static final String FILE_SYSTEM = "org.apache.hadoop.fs.FileSystem";
  private static final String S3A_FILE_SYSTEM = "org.apache.hadoop.fs.s3a.S3AFileSystem";
  private static final String S3_CLIENT = "software.amazon.awssdk.services.s3.S3Client";

  @Override
  public boolean serves(String scheme) {
    return !scheme.equals("file")
        && isPresent(FILE_SYSTEM)
        && (!scheme.equals(S3A) || isPresent(S3A_FILE_SYSTEM) && isPresent(S3_CLIENT));
  }

  private static boolean isPresent(String className) {
    try {
      Class.forName(className, false, HadoopStoreProvider.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Override
  public Store open(String location, Map<String, String> configuration) throws IOException {
    HadoopLocation parsed = HadoopLocation.parse(location);
    // Nothing else here names S3Store, so that HDFS is served without the AWS SDK.
    return parsed.scheme().equals(S3A)
        ? S3Store.open(parsed, configuration)
        : HadoopStore.open(parsed, configuration);
  }
}
