package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.DatasetLog;
import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Expected;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a fresh reader sees of a dataset. */
final class DatasetView {
  private DatasetView() {}

  /** Every path, in order, with its attributes and bytes, is what was expected, and no check finds anything. */
  static void assertHolds(String what, Store store, Map<LogicalPath, Expected> tree)
      throws IOException {
    List<String> found = new ArrayList<>();
    VerifyReport report = Verifier.verify(
        new VerifyRequest("memory", VerifyRequest.Level.DATA, Map.of(), 1),
        store,
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            found.add(finding.toString());
          }
        });
    assertThat(found).as(what).isEmpty();
    assertThat(report.isSound()).as(what).isTrue();
    try (FoldedDataset dataset = open(store)) {
      Map<LogicalPath, Optional<Attributes>> listed = new LinkedHashMap<>();
      try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
        items.forEach(item -> listed.put(item.path(), item.attributes()));
      }
      Map<LogicalPath, Optional<Attributes>> expected = new LinkedHashMap<>();
      tree.forEach((path, item) -> expected.put(path, item.attributes()));
      expected.remove(LogicalPath.ROOT);
      listed.remove(LogicalPath.ROOT);
      assertThat(new ArrayList<>(listed.entrySet()))
          .as(what)
          .isEqualTo(new ArrayList<>(expected.entrySet()));
      for (Map.Entry<LogicalPath, Expected> each : tree.entrySet()) {
        Optional<DatasetBuilder.LiveFile> file = each.getValue().file();
        if (file.isPresent() && file.get().bytes() != null) {
          assertThat(dataset.read(each.getKey()))
              .as("%s: %s", what, each.getKey())
              .isEqualTo(ByteBuffer.wrap(file.get().bytes()));
        }
      }
    }
  }

  static FoldedDataset open(Store store) throws IOException {
    return FoldedDataset.open(
        store, DatasetLog.open(store).current().orElseThrow(), Map.of(), ReaderOptions.defaults());
  }
}
