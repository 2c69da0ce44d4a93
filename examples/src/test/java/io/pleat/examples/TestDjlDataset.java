package io.pleat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.read.epoch.EpochOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDjlDataset {
  @TempDir
  Path directory;

  @Test
  void everyEpochGivesEveryFileWithItsDirectory() throws Exception {
    try (Store store = Stores.open(directory.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/source");
      Content content = new Content();
      for (int i = 0; i < 50; i++) {
        content.file("class" + i % 5 + "/" + i, "bytes of " + i % 5);
      }
      builder.add(content);
      builder.commit();
    }
    try (FoldedDataset dataset =
        FoldedDataset.open(directory.toString(), Map.of(), ReaderOptions.defaults())) {
      DjlDataset training = new DjlDataset(dataset, EpochOptions.of(1, 0), 16);
      NDManager manager = PassthroughNDManager.INSTANCE;
      List<String> orders = new ArrayList<>();
      for (int epoch = 0; epoch < 2; epoch++) {
        List<Integer> sizes = new ArrayList<>();
        StringBuilder order = new StringBuilder();
        for (Batch batch : training.getData(manager)) {
          sizes.add(batch.getSize());
          for (int i = 0; i < batch.getSize(); i++) {
            String bytes = text(batch.getData().get(i).toByteArray());
            String label = text(batch.getLabels().get(i).toByteArray());
            assertThat(label).isEqualTo("class" + bytes.substring("bytes of ".length()));
            order.append(label);
          }
          batch.close();
        }
        assertThat(sizes).containsExactly(16, 16, 16, 2);
        orders.add(order.toString());
      }
      assertThat(orders.get(0)).isNotEqualTo(orders.get(1));
      assertThat(dataset.statistics().pooledBuffersOut()).isZero();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
