package io.pleat.store.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What works when libraries are missing, each case with a class loader that lacks them. */
final class TestClassPaths {
  private static final String AWS = ".*(awssdk|hadoop-aws|analyticsaccelerator|s3proxy).*";
  private static final String HADOOP = ".*(hadoop|parquet|avro|zstd-jni).*";

  private static URLClassLoader without(String jars) {
    Predicate<String> missing = entry -> entry.endsWith(".jar") && entry.matches(jars);
    URL[] urls = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(missing.negate())
        .map(TestClassPaths::url)
        .toArray(URL[]::new);
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }

  /** Opens a store inside {@code loader} and gives what its {@code stat} says of the root. */
  private static String statOfRoot(ClassLoader loader, String location, Map<String, String> conf)
      throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    Class<?> pathType = loader.loadClass("io.pleat.format.LogicalPath");
    Class<?> storeType = loader.loadClass("io.pleat.store.Store");
    try (Closeable store = (Closeable) loader
        .loadClass("io.pleat.store.Stores")
        .getMethod("open", String.class, Map.class)
        .invoke(null, location, conf)) {
      return storeType
          .getMethod("stat", pathType)
          .invoke(store, pathType.getField("ROOT").get(null))
          .toString();
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void hdfsNeedsNoAwsLibrary() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    try (URLClassLoader loader = without(AWS)) {
      assertThat(statOfRoot(loader, hdfs.freshDirectory(), hdfs.configuration()))
          .contains("DIRECTORY");
      assertThatThrownBy(() -> statOfRoot(loader, "s3a://bucket/x", Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no store for scheme 's3a': s3a://bucket/x"
              + " (are Hadoop's client and, for s3a, hadoop-aws on the class path?)");
    }
  }

  @Test
  void localTreesNeedNoHadoop(@TempDir Path directory) throws Exception {
    try (URLClassLoader loader = without(HADOOP)) {
      assertThat(statOfRoot(loader, directory.toString(), Map.of())).contains("DIRECTORY");
      assertThat(statOfRoot(loader, directory.toUri().toString(), Map.of())).contains("DIRECTORY");
      assertThatThrownBy(() -> statOfRoot(loader, "hdfs://name/x", Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no store for scheme 'hdfs'");
    }
  }
}
