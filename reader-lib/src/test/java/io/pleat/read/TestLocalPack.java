package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.IndexPackFiles;
import io.pleat.format.ByteSink;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexPackWriter;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLocalPack {
  @TempDir
  Path folder;

  private final Store store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");

  private void addContainers(String prefix, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      DatasetBuilder.Content content = new DatasetBuilder.Content();
      content.directory(prefix + i);
      for (int j = 0; j < 300; j++) {
        content.file(prefix + i + "/" + j + ".jpeg", prefix + i + "." + j);
      }
      builder.add(content);
    }
    builder.commit();
  }

  private FoldedDataset open() throws IOException {
    ReaderOptions options = ReaderOptions.defaults();
    return FoldedDataset.open(
        store, Map.of(), options.withIndexPackFolder(folder.resolve("packs")));
  }

  private void assertWhole(FoldedDataset dataset) throws IOException {
    try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      assertThat(items.map(ListedItem::path))
          .containsExactlyElementsOf(builder.tree().keySet());
    }
    for (LogicalPath path : builder.files().keySet()) {
      assertThat(dataset.read(path).array()).isEqualTo(builder.files().get(path).bytes());
    }
  }

  private void packDataset() throws IOException {
    try (FoldedDataset dataset = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults());
        ByteSink sink = store.create(IndexPackFiles.fresh(dataset.snapshot().version()))) {
      IndexPackCopy.copy(
          store,
          dataset.snapshot().version(),
          dataset.containers(),
          new IndexPackWriter(sink, IndexPackWriter.Form.STORED),
          (container, reason) -> {
            throw reason;
          });
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("packs"))) {
      return files.filter(file -> !file.endsWith("lock")).toList();
    }
  }

  @Test
  void indexBlocksAreUsedInPlaceAndNoneIsLoaded() throws IOException {
    addContainers("d", 5);
    for (int round = 0; round < 2; round++) {
      try (FoldedDataset dataset = open()) {
        assertWhole(dataset);
        assertThat(dataset.statistics().indexLoads()).isZero();
        assertThat(dataset.statistics().packedIndexes()).isEqualTo(5);
        assertThat(dataset.residentIndexBytes()).isZero();
      }
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void stalePackOfTheDatasetGivesWhatItHas() throws IOException {
    addContainers("d", 4);
    packDataset();
    addContainers("e", 3);
    List<ContainerSummary> containers;
    try (FoldedDataset dataset = open()) {
      assertWhole(dataset);
      assertThat(dataset.statistics().packedIndexes()).isEqualTo(7);
      containers = dataset.containers();
    }
    try (ByteSink sink = store.create(LogicalPath.of("scratch"))) {
      assertThat(IndexPackCopy.copy(
              store,
              2,
              containers,
              new IndexPackWriter(sink, IndexPackWriter.Form.INFLATED),
              (container, reason) -> {
                throw reason;
              }))
          .isEqualTo(new IndexPackCopy.Result(7, 4));
    }
  }

  @Test
  void damagedPackOfTheDatasetIsPassedOver() throws IOException {
    addContainers("d", 4);
    packDataset();
    LogicalPath pack = IndexPackFiles.list(store, 1).get(0).path();
    byte[] bytes = new byte[(int) store.stat(pack).orElseThrow().length()];
    try (var file = store.open(pack)) {
      file.readFully(0, ByteBuffer.wrap(bytes));
    }
    for (int at : new int[] {10, 5_000, bytes.length - 60, bytes.length - 10}) {
      store.delete(pack);
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      try (ByteSink sink = store.create(pack)) {
        sink.write(ByteBuffer.wrap(damaged));
        sink.finish();
      }
      try (FoldedDataset dataset = open()) {
        assertWhole(dataset);
        assertThat(dataset.statistics().packedIndexes()).isEqualTo(4);
      }
      Files.delete(files().get(0));
    }
  }

  @Test
  void damagedLocalPackNeverAnswersWrongAndIsMadeAnew() throws IOException {
    addContainers("d", 3);
    open().close();
    Path pack = files().get(0);
    byte[] sound = Files.readAllBytes(pack);
    int damages = 0;
    for (int at = 0; at < sound.length; at += 97) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 1;
      Files.deleteIfExists(pack);
      Files.write(pack, damaged);
      try (FoldedDataset dataset = open()) {
        assertWhole(dataset);
        damages += dataset.statistics().packDamages() > 0 ? 1 : 0;
        assertThat(Files.exists(pack)).isEqualTo(dataset.statistics().packDamages() == 0);
      }
    }
    assertThat(damages).isPositive();
    try (FoldedDataset dataset = open()) {
      assertWhole(dataset);
    }
    assertThat(files()).containsExactly(pack);
  }

  @Test
  void truncatedLocalPackIsMadeAnew() throws IOException {
    addContainers("d", 2);
    open().close();
    Path pack = files().get(0);
    byte[] sound = Files.readAllBytes(pack);
    for (int length = 0; length < sound.length; length += 1_511) {
      Files.delete(pack);
      Files.write(pack, Arrays.copyOf(sound, length));
      try (FoldedDataset dataset = open()) {
        assertWhole(dataset);
        assertThat(dataset.statistics().indexLoads()).isZero();
      }
    }
  }

  @Test
  void manyAtOnceMakeOnePack() throws Exception {
    addContainers("d", 6);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      Callable<Void> task = () -> {
        try (FoldedDataset dataset = open()) {
          assertWhole(dataset);
          assertThat(dataset.statistics().packedIndexes()).isEqualTo(6);
        }
        return null;
      };
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        tasks.add(task);
      }
      for (Future<Void> each : threads.invokeAll(tasks)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(files()).hasSize(1);
  }

  @Test
  void whatADeadProcessLeftAndOldPacksGo() throws IOException {
    Files.createDirectories(folder.resolve("packs"));
    Files.write(folder.resolve("packs/left.pack.tmp"), new byte[10]);
    for (int i = 0; i < 4; i++) {
      addContainers("d" + i + "-", 1);
      try (FoldedDataset dataset = open()) {
        assertWhole(dataset);
      }
    }
    assertThat(files()).hasSize(2).noneMatch(file -> file.toString().endsWith(".tmp"));
  }

  @Test
  void folderThatCannotBeWrittenCostsNothingButTheLog() throws IOException {
    addContainers("d", 2);
    Files.createFile(folder.resolve("packs"));
    try (FoldedDataset dataset = open()) {
      assertWhole(dataset);
      assertThat(dataset.statistics().indexLoads()).isEqualTo(2);
    }
  }

  @Test
  void missingContainerIsLeftOutOfThePackAndReportedWhenAskedFor() throws IOException {
    addContainers("d", 3);
    LogicalPath lost = LogicalPath.of("d1/7.jpeg");
    store.delete(ContainerSummary.pathOf(builder.files().get(lost).container()));
    try (FoldedDataset dataset = open()) {
      assertThat(dataset.locate(LogicalPath.of("d0/7.jpeg"))).isPresent();
      assertThat(dataset.locate(LogicalPath.of("d2/7.jpeg"))).isPresent();
      assertThatThrownBy(() -> dataset.locate(lost))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("container is missing");
    }
  }
}
