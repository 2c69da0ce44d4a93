package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.KeyRange;
import io.pleat.format.LogicalPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestListingFilter {
  private static final String[] NAMES = {"a", "ab", "b", "a-b", "\u00e9", "train", "n1", "n10", "~"
  };

  @Test
  void noRangeThatHoldsAMatchIsRuledOut() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<LogicalPath> files = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      files.add(path(random));
    }
    List<byte[]> keys = new ArrayList<>(files.stream().map(LogicalPath::fileKey).toList());
    files.forEach(file -> keys.add(file.parent().directoryKey()));
    int ruledOut = 0;
    for (int i = 0; i < 5000; i++) {
      ListingFilter filter = filter(random);
      byte[] one = keys.get(random.nextInt(keys.size()));
      byte[] other = keys.get(random.nextInt(keys.size()));
      boolean ascending = Arrays.compareUnsigned(one, other) <= 0;
      KeyRange range = new KeyRange(ascending ? one : other, ascending ? other : one);
      List<LogicalPath> meant = files.stream()
          .filter(file -> range.contains(file.fileKey()) && filter.matches(file))
          .toList();
      boolean may = filter.canMatchIn(range);
      assertThat(may || meant.isEmpty())
          .as("seed %s, %s: %s", seed, range, meant)
          .isTrue();
      ruledOut += may ? 0 : 1;
    }
    assertThat(ruledOut).as("seed %s", seed).isGreaterThan(500);
  }

  @Test
  void aPrefixRulesOutRangesBesideItInOneDirectory() {
    KeyRange range = new KeyRange(
        LogicalPath.of("train/n100/x").fileKey(), LogicalPath.of("train/n106/x").fileKey());
    assertThat(ListingFilter.startingWith("train/n107/").canMatchIn(range)).isFalse();
    assertThat(ListingFilter.startingWith("train/n10").canMatchIn(range)).isTrue();
    assertThat(ListingFilter.startingWith("train/n103/y").canMatchIn(range)).isTrue();
    assertThat(ListingFilter.startingWith("train/n100/w").canMatchIn(range))
        .as("below a directory w, which comes behind the files")
        .isTrue();
    assertThat(ListingFilter.startingWith("train/n106/y").canMatchIn(range)).isFalse();
    assertThat(ListingFilter.startingWith("train/n100/x").canMatchIn(range)).isTrue();
    assertThat(ListingFilter.startingWith("").canMatchIn(range)).isTrue();
    assertThat(ListingFilter.startingWith("/").canMatchIn(range)).isFalse();
  }

  private static LogicalPath path(Random random) {
    StringBuilder path = new StringBuilder(NAMES[random.nextInt(NAMES.length)]);
    for (int i = random.nextInt(4); i > 0; i--) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return LogicalPath.of(path.toString());
  }

  private static ListingFilter filter(Random random) {
    String path = path(random).toString();
    return switch (random.nextInt(3)) {
      case 0 -> ListingFilter.startingWith(path.substring(0, random.nextInt(path.length() + 1)));
      case 1 -> ListingFilter.startingWith(path + "/");
      default -> ListingFilter.matching(Globs.compile(List.of("./" + path + "/**")));
    };
  }
}
