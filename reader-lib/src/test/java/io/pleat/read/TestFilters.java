package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A dataset of one large fold and fifty small ones over the same range of keys. */
@Timeout(120)
class TestFilters {
  private static final int FIRST_FILES = 4000;
  private static final int INCREMENTS = 50;
  private static final int NEW_FILES = 60;
  private static final int CHANGED_FILES = 40;

  private final MemoryStore store = new MemoryStore();
  private final Random random = new Random(20_261_122);
  private final Set<String> names = new HashSet<>();
  private final List<LogicalPath> paths = new ArrayList<>();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");

  @BeforeEach
  void build() throws IOException {
    Content first = new Content().directory("");
    while (names.size() < FIRST_FILES) {
      add(first);
    }
    builder.add(first);
    builder.commit();
    for (int increment = 0; increment < INCREMENTS; increment++) {
      Content next = new Content().filter().directory("");
      for (int i = 0; i < NEW_FILES; i++) {
        add(next);
      }
      for (int i = 0; i < CHANGED_FILES; i++) {
        String changed = paths.get(random.nextInt(paths.size())).toString();
        next.file(changed, "changed in " + increment);
      }
      builder.add(next);
      builder.commit();
    }
  }

  private void add(Content content) {
    String name = "d" + random.nextInt(100) + "/" + random.nextInt(1_000_000_000);
    if (names.add(name)) {
      content.file(name, name);
      paths.add(LogicalPath.of(name));
    }
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(store, Map.of(), options);
  }

  private void checkAll(FoldedDataset dataset) throws IOException {
    for (LogicalPath path : paths) {
      assertThat(dataset.payload(path)).as("%s", path).isPresent();
      assertThat(dataset.payload(path).get().length())
          .as("%s", path)
          .isEqualTo(builder.files().get(path).length());
      assertThat(dataset.payload(LogicalPath.of(path + "x"))).as("%sx", path).isEmpty();
    }
  }

  @Test
  void presentPathOpensOneBlockInAllButOnePercent() throws IOException {
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      for (LogicalPath path : paths) {
        assertThat(dataset.payload(path)).as("%s", path).isPresent();
      }
      ReadStatistics done = dataset.statistics();
      assertThat(done.sharedLookups()).isGreaterThan(paths.size() * 9L / 10);
      // 39 % of the lookups pass all filters, others some: 0.0005 expected
      assertThat((double) done.sharedSearches() / done.sharedLookups()).isLessThan(1.01);
      assertThat(done.filterLoads()).isEqualTo(INCREMENTS);
    }
  }

  @Test
  void oneLookupLoadsFiltersAndOneBlock() throws IOException {
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      LogicalPath old = paths.stream()
          .filter(path -> builder.files().get(path).length() == path.length())
          .findFirst()
          .orElseThrow();
      assertThat(dataset.payload(old)).isPresent();
      assertThat(dataset.statistics().indexLoads()).isEqualTo(1);
      assertThat(dataset.statistics().filterLoads()).isEqualTo(INCREMENTS);
      assertThat(dataset.statistics().storeReads()).isEqualTo(INCREMENTS + 1);
    }
  }

  @Test
  void lookupsAreExactHoweverLittleStaysInMemory() throws IOException {
    for (long bytes : List.of(1L, 100_000L, 1L << 30)) {
      try (FoldedDataset dataset = open(ReaderOptions.defaults().withIndexCacheBytes(bytes))) {
        checkAll(dataset);
      }
    }
  }

  @Test
  void damagedFiltersAreCountedAndDoneWithout() throws IOException {
    for (ContainerSummary container : containers()) {
      if (container.filter().isPresent()) {
        flip(container, container.filter().offset() + 30);
      }
    }
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      checkAll(dataset);
      assertThat(dataset.statistics().damagedFilters()).isEqualTo(INCREMENTS);
      assertThat(dataset.statistics().filterLoads()).isZero();
    }
  }

  @Test
  void lookupAfterCloseThrows() throws IOException {
    FoldedDataset dataset = open(ReaderOptions.defaults());
    dataset.payload(paths.get(0));
    dataset.close();
    for (LogicalPath path : paths.subList(0, 100)) {
      assertThatThrownBy(() -> dataset.payload(path)).isInstanceOf(IllegalStateException.class);
    }
  }

  private List<ContainerSummary> containers() throws IOException {
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      return dataset.containers();
    }
  }

  private void flip(ContainerSummary container, long offset) throws IOException {
    try (ByteSource source = store.open(container.path())) {
      ByteBuffer bytes = ByteBuffer.allocate((int) source.length());
      source.readFully(0, bytes);
      bytes.array()[(int) offset] ^= 4;
      store.put(container.path().toString(), bytes.array());
    }
  }
}
