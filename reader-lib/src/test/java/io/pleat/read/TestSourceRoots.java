package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestSourceRoots {
  @ParameterizedTest
  @CsvSource({
    "/data/set, /data/set",
    "/data/set, /data/set/",
    "/data/set, /data",
    "/data/set, /",
    "/data/set, file:///data/set",
    "file:/data/set, /data",
    "s3a://bucket/a, s3a://bucket",
    "s3a://bucket/a, s3a://bucket/",
    "S3A://bucket/a/b, s3a://bucket/a",
    "hdfs://nn:8020/a, hdfs://nn:8020/a/",
  })
  void whatLiesBelowIsAllowed(String location, String root) {
    assertThat(SourceRoots.allow(Set.of(root), location)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/data/setting, /data/set",
    "/data, /data/set",
    "/data/set/../../etc, /data/set",
    "/data/set/.., /data",
    "/etc, s3a://bucket",
    "s3a://bucket/a, /",
    "s3a://bucket2/a, s3a://bucket",
    "s3a://bucket/ab, s3a://bucket/a",
    "s3a://bucket/a/../b, s3a://bucket/a",
    "s3a://bucket/a/.., s3a://bucket/a",
    "hdfs://nn:8020/a, hdfs://nn:9000/a",
    "hdfs://other, hdfs://nn",
  })
  void everythingElseIsNot(String location, String root) {
    assertThat(SourceRoots.allow(Set.of(root), location)).isFalse();
  }

  @Test
  void nothingIsAllowedByDefault() {
    assertThat(SourceRoots.allow(ReaderOptions.defaults().allowedSourceRoots(), "/data"))
        .isFalse();
  }

  @Test
  void whatIsNoLocationIsNotAllowed() {
    assertThat(SourceRoots.allow(Set.of("/"), "/a\0b")).isFalse();
    assertThat(SourceRoots.allow(Set.of("/"), "file:///a%zz")).isFalse();
    assertThat(SourceRoots.allow(Set.of("/a\0b", "file:///a%zz", "/data"), "/data"))
        .isTrue();
  }

  @Test
  void linkOutOfAllowedRootIsNotFollowed(@TempDir Path directory) throws IOException {
    Path allowed = Files.createDirectories(directory.resolve("allowed"));
    Path secret = Files.createDirectories(directory.resolve("secret"));
    Files.createSymbolicLink(allowed.resolve("link"), secret);
    Files.createDirectories(allowed.resolve("inside"));
    assertThat(SourceRoots.allow(
            Set.of(allowed.toString()), allowed.resolve("link").toString()))
        .isFalse();
    assertThat(SourceRoots.allow(
            Set.of(allowed.toString()), allowed.resolve("inside").toString()))
        .isTrue();
  }
}
