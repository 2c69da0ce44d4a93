package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestListing {
  private final Store store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(store, Map.of(), ReaderOptions.defaults());
  }

  private static List<LogicalPath> paths(Stream<ListedItem> items) {
    try (items) {
      return items.map(ListedItem::path).toList();
    }
  }

  /** Overlapping containers of a random tree, with replaced and removed files, and directories that hold nothing. */
  private void grow(Random random) throws IOException {
    String[] names = {"a", "a-b", "a.b", "a b", "b", "train", "x"};
    for (int commit = 0; commit < 4; commit++) {
      for (int part = 0; part < 3; part++) {
        DatasetBuilder.Content content = new DatasetBuilder.Content();
        for (int i = 0; i < 60; i++) {
          StringBuilder path = new StringBuilder();
          for (int depth = random.nextInt(5); depth > 0; depth--) {
            path.append(names[random.nextInt(names.length)]).append('/');
          }
          if (random.nextInt(6) == 0 && path.length() > 0) {
            content.directory(path.substring(0, path.length() - 1));
          } else {
            String file = path + "f" + random.nextInt(40) + (random.nextBoolean() ? ".jpeg" : "");
            content.file(file, "x");
          }
        }
        builder.add(content);
      }
      List<LogicalPath> files = new ArrayList<>(builder.files().keySet());
      for (int i = 0; i < 30; i++) {
        builder.removeFile(files.get(random.nextInt(files.size())).toString());
      }
      List<LogicalPath> directories = new ArrayList<>(builder.directories().keySet());
      for (int i = 0; i < 5; i++) {
        builder.removeDirectory(
            directories.get(random.nextInt(directories.size())).toString());
      }
      builder.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void filteredListingsOfOverlappingContainersAreTheWholeListingFiltered(long seed)
      throws IOException {
    grow(new Random(seed));
    List<ListingFilter> filters = List.of(
        ListingFilter.everything(),
        ListingFilter.startingWith("a"),
        ListingFilter.startingWith("a/"),
        ListingFilter.startingWith("a-b/tr"),
        ListingFilter.startingWith("none"),
        ListingFilter.matching(Globs.compile(List.of("*.jpeg"))),
        ListingFilter.matching(Globs.compile(List.of("a/*/f1*"))),
        ListingFilter.matching(Globs.compile(List.of("{a,b}/**/f?", "x/[ab]/*.jpeg"))),
        ListingFilter.matching(Globs.compile(List.of("{a/b,x}/f*", "./train"))));
    List<LogicalPath> all = List.copyOf(builder.tree().keySet());
    try (FoldedDataset dataset = open()) {
      for (ListingFilter filter : filters) {
        assertThat(paths(dataset.listRecursively(LogicalPath.ROOT, filter)))
            .containsExactlyElementsOf(all.stream().filter(filter::matches).toList());
        for (String top : List.of("a", "a/b", "train")) {
          LogicalPath directory = LogicalPath.of(top);
          if (dataset.find(directory).isPresent()) {
            assertThat(paths(dataset.listRecursively(directory, filter)))
                .containsExactlyElementsOf(all.stream()
                    .filter(path -> path.startsWith(directory) && filter.matches(path))
                    .toList());
          }
        }
      }
    }
  }

  @Test
  void subtreesThatCannotMatchAreNotLoaded() throws IOException {
    for (int i = 0; i < 20; i++) {
      DatasetBuilder.Content content = new DatasetBuilder.Content();
      for (int j = 0; j < 10; j++) {
        content.file("train/n" + (100 + i) + "/" + j + ".jpeg", "x");
      }
      builder.add(content);
    }
    builder.commit();
    ListingFilter prefix = ListingFilter.startingWith("train/n107/");
    ListingFilter glob = ListingFilter.matching(Globs.compile(List.of("train/n11[89]/*")));
    try (FoldedDataset dataset = open()) {
      assertThat(paths(dataset.listRecursively(LogicalPath.of("train/n107"), prefix)))
          .hasSize(10);
      assertThat(dataset.statistics().indexLoads()).isEqualTo(1);
    }
    try (FoldedDataset dataset = open()) {
      // Not even the first row of a container outside the pattern's first component.
      assertThat(paths(dataset.listRecursively(
              LogicalPath.ROOT, ListingFilter.matching(Globs.compile(List.of("test/**"))))))
          .isEmpty();
      assertThat(dataset.statistics().indexLoads()).isLessThanOrEqualTo(1);
      assertThat(paths(dataset.listRecursively(LogicalPath.ROOT, glob))).hasSize(20);
    }
  }

  @Test
  void firstPageOfALargeDirectoryNeedsFewEntries() throws IOException {
    for (int i = 0; i < 3; i++) {
      DatasetBuilder.Content content = new DatasetBuilder.Content();
      for (int j = 0; j < 2_000; j++) {
        content.file(String.format("d/%06d", 3 * j + i), "x");
      }
      builder.add(content);
    }
    builder.commit();
    try (FoldedDataset dataset = open()) {
      for (Stream<ListedItem> items : List.of(
          dataset.list(LogicalPath.of("d")),
          dataset.listRecursively(LogicalPath.of("d")).skip(1))) {
        Iterator<ListedItem> page = items.iterator();
        for (int i = 0; i < 6_000; i++) {
          assertThat(page.next().path().name()).isEqualTo(String.format("%06d", i));
        }
        assertThat(page.hasNext()).isFalse();
      }
    }
  }
}
