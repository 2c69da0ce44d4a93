package io.pleat.read.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestDatasetAuthority {
  @ParameterizedTest
  @CsvSource({
    "hdfs://nn:8020/folded/images, hdfs--nn-c8020--folded--images",
    "hdfs:///folded, hdfs----folded",
    "s3a://my-bucket/a.pleat, s3a--my-hbucket--a.pleat",
    "/data/images.pleat, file----data--images.pleat",
    "/Data/v1.0, file-----x44ata--v1-d0",
    "viewfs://cluster/a_b, viewfs--cluster--a-ub"
  })
  void knownLocations(String location, String authority) {
    assertThat(DatasetAuthority.of(location)).isEqualTo(authority);
    assertThat(DatasetAuthority.locationOf(authority)).isEqualTo(location);
  }

  @ParameterizedTest
  @CsvSource({
    "hdfs://nn/a/, hdfs://nn/a",
    "hdfs://nn//a///b, hdfs://nn/a/b",
    "HDFS://nn/a, hdfs://nn/a",
    "file:///a%20b, /a b",
    "file:/a, /a",
    "/a/../b/, /b"
  })
  void spellingsOfOneLocationAreEqual(String spelling, String location) {
    assertThat(DatasetAuthority.of(spelling)).isEqualTo(DatasetAuthority.of(location));
    assertThat(DatasetAuthority.locationOf(DatasetAuthority.of(spelling))).isEqualTo(location);
  }

  /** Legal as a host, since FileContext insists on one; distinct whatever the case, since Hadoop's cache ignores that. */
  @Test
  void anyLocationIsALegalHostAndComesBack() throws Exception {
    long seed = 20;
    Random random = new Random(seed);
    String alphabet = "abzABZ019.-_:~%#? é😀";
    int[] letters = alphabet.codePoints().toArray();
    for (int round = 0; round < 2000; round++) {
      StringBuilder location = new StringBuilder("hdfs://nn/");
      int length = 1 + random.nextInt(12);
      for (int i = 0; i < length; i++) {
        location.appendCodePoint(letters[random.nextInt(letters.length)]);
      }
      String authority = DatasetAuthority.of(location.toString());
      String what = "seed " + seed + ", round " + round + ": " + location + " is " + authority;
      assertThat(new URI("pleat", authority, "/", null).getHost()).as(what).isEqualTo(authority);
      assertThat(authority.toLowerCase(Locale.ROOT)).as(what).isEqualTo(authority);
      assertThat(DatasetAuthority.locationOf(authority)).as(what).isEqualTo(location.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hdfs--",
        "hdfs--nn--",
        "hdfs--a-q",
        "hdfs--a-x4",
        "hdfs--a-xzz",
        "hdfs--a-xff",
        "hdfs--nn--a-",
        "hdfs--A"
      })
  void whatIsNoResultIsRefused(String authority) {
    assertThatThrownBy(() -> DatasetAuthority.locationOf(authority))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(authority.substring(0, 4));
  }

  @Test
  void rootsAndNestedDatasetsAreRefused() {
    assertThatThrownBy(() -> DatasetAuthority.of("hdfs:///"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the root of a file system: hdfs:///");
    assertThatThrownBy(() -> DatasetAuthority.of("pleat://x/y"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a dataset is not within another: pleat://x/y");
  }
}
