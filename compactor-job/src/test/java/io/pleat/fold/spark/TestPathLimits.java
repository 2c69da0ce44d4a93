package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.fold.FoldReport;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.UnfoldListener;
import io.pleat.maintain.UnfoldReport;
import io.pleat.maintain.UnfoldRequest;
import io.pleat.maintain.UnfoldRequest.Existing;
import io.pleat.maintain.Unfolder;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.hadoop.LocalS3;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;

/** Paths as long and as deep as HDFS and S3 hold them, through a whole fold. (Local ones: {@link TestSparkFold}.) */
class TestPathLimits extends AbstractTestFold {
  /** What a name node takes from a client, counted from the root of the file system. */
  private static final int HDFS_CHARACTERS = 8000;

  private static final int HDFS_DEPTH = 1000;
  private static final int S3_KEY_BYTES = 1024;

  @Test
  void hdfsPathsAtTheLimitOfLengthAreFolded() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String root = hdfs.freshDirectory();
    String path = filledTo(HDFS_CHARACTERS, pathOf(root) + "/source/", "n".repeat(250));
    String wide = filledTo(HDFS_CHARACTERS, pathOf(root) + "/source/", "\u20ac".repeat(85));
    Map<String, String> files = Map.of(path, "long", wide, "24,000 bytes");
    writeHdfs(hdfs, root + "/source", files);
    assertThatThrownBy(() -> writeHdfs(hdfs, root + "/source", Map.of(path + "n", "")))
        .isInstanceOf(IOException.class);
    assertFoldsAndReadsBack(root + "/source", root + "/ds", hdfs.configuration(), files);
  }

  @Test
  void hdfsPathsAtTheLimitOfDepthAreFolded() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String root = hdfs.freshDirectory();
    int above = new Path(pathOf(root) + "/source").depth();
    String path = "d/".repeat(HDFS_DEPTH - above - 1) + "f";
    writeHdfs(hdfs, root + "/source", Map.of(path, "deep"));
    assertThatThrownBy(() -> writeHdfs(hdfs, root + "/source", Map.of("d/" + path, "")))
        .isInstanceOf(IOException.class);
    assertFoldsAndReadsBack(
        root + "/source", root + "/ds", hdfs.configuration(), Map.of(path, "deep"));
  }

  @Test
  void hdfsPathsThatARenameMadeTooLongAreFoldedAndWhoCannotHoldThemSaysSo() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String root = hdfs.freshDirectory();
    String name = "n".repeat(250);
    String path = filledTo(HDFS_CHARACTERS, pathOf(root) + "/source/", name);
    writeHdfs(hdfs, root + "/source", Map.of(path, "long", "m/short", "short"));
    assertThat(hdfs.fileSystem()
            .rename(new Path(root + "/source/" + name), new Path(root + "/source/m/" + name)))
        .isTrue();
    Map<String, String> files = Map.of("m/" + path, "long", "m/short", "short");
    assertFoldsAndReadsBack(root + "/source", root + "/ds", hdfs.configuration(), files);

    Map<String, String> failed = new TreeMap<>();
    UnfoldReport report = unfold(root + "/ds", root + "/again", hdfs.configuration(), failed);
    assertThat(report.files()).isEqualTo(1);
    assertThat(failed.get("m/" + path))
        .isEqualTo("rename: Pathname too long.  Limit 8000 characters, 1000 levels: " + root
            + "/again/m/" + path);
  }

  @Test
  void anHdfsDatasetThatLiesTooDeepIsRefused() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String root = hdfs.freshDirectory();
    writeHdfs(hdfs, root + "/source", Map.of("a", "x"));
    String deep = filledTo(HDFS_CHARACTERS - 20, pathOf(root) + "/", "n".repeat(250));
    assertThatThrownBy(() -> fold(root + "/source", root + "/" + deep, hdfs.configuration()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long")
        .hasMessageNotContaining("\n");
  }

  @Test
  void s3KeysAtTheLimitAreFolded() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    String deep = "d/".repeat(500);
    Map<String, String> files = Map.of(
        "n".repeat(S3_KEY_BYTES - "source/".length()),
        "one name",
        deep + "f".repeat(S3_KEY_BYTES - "source/".length() - deep.length()),
        "deep",
        "\u20ac".repeat((S3_KEY_BYTES - "source/".length()) / 3),
        "wide");
    for (Map.Entry<String, String> file : files.entrySet()) {
      s3.client()
          .putObject(
              put -> put.bucket(bucket).key("source/" + file.getKey()),
              RequestBody.fromString(file.getValue()));
    }
    String dataset = "s3a://" + bucket + "/ds";
    assertFoldsAndReadsBack("s3a://" + bucket + "/source", dataset, s3.configuration(), files);

    Map<String, String> failed = new TreeMap<>();
    UnfoldReport report =
        unfold(dataset, temp.resolve("again").toString(), s3.configuration(), failed);
    assertThat(report.files()).isEqualTo(1);
    // A key's component may have 1,017 bytes, a local name 255.
    assertThat(failed)
        .hasSize(2)
        .allSatisfy((path, reason) -> assertThat(reason).contains("File name too long"));
  }

  @Test
  void localPathsThatAreTooLongForS3AreReportedByUnfold() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    String path = filledTo(S3_KEY_BYTES + 1, "again/", "n".repeat(250));
    write(path, "long");
    write("short", "short");
    assertThat(fold().files()).isEqualTo(2);
    Map<String, String> failed = new TreeMap<>();
    UnfoldReport report =
        unfold(dataset.toString(), "s3a://" + bucket + "/again", s3.configuration(), failed);
    assertThat(report.files()).isEqualTo(1);
    assertThat(failed).containsOnlyKeys(path);
    assertThat(failed.get(path)).contains("Your key is too long");
  }

  private static UnfoldReport unfold(
      String from, String to, Map<String, String> configuration, Map<String, String> failed)
      throws IOException {
    UnfoldRequest request = new UnfoldRequest(from, to, List.of(), configuration, Existing.KEEP, 2);
    return Unfolder.unfold(request, new UnfoldListener() {
      @Override
      public synchronized void failed(LogicalPath path, String reason) {
        failed.put(path.toString(), reason);
      }
    });
  }

  private void assertFoldsAndReadsBack(
      String from, String to, Map<String, String> configuration, Map<String, String> files)
      throws IOException {
    FoldReport report = fold(from, to, configuration);
    assertThat(report.files()).isEqualTo(files.size());
    assertThat(report.looseFiles()).isZero();
    assertThat(read(to, configuration)).isEqualTo(new TreeMap<>(files));
    assertThat(fold(from, to, configuration).committed()).isEmpty();
  }

  private static Map<String, String> read(String location, Map<String, String> configuration)
      throws IOException {
    try (FoldedDataset reader =
        FoldedDataset.open(location, configuration, ReaderOptions.defaults())) {
      return contents(reader);
    }
  }

  /** A path of {@code component}s, the last one shorter, that has {@code length} characters together with what is above it. */
  private static String filledTo(int length, String above, String component) {
    int left = length - above.length();
    String path = (component + "/").repeat(left / (component.length() + 1) + 1).substring(0, left);
    return path.endsWith("/") ? path.substring(0, left - 2) + "/n" : path;
  }

  private static void writeHdfs(MiniHdfs hdfs, String root, Map<String, String> files)
      throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      try (var out = hdfs.fileSystem().create(new Path(root + "/" + file.getKey()))) {
        out.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static String pathOf(String location) {
    return new Path(location).toUri().getPath();
  }
}
