package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.LocalS3;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The commit on real servers of each kind. */
class TestDatasetOnStores {
  private static final int ROUNDS = 15;

  private interface Body {
    void run(Store store) throws Exception;
  }

  private static void onHdfs(Body body) throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    try (Store store = Stores.open(hdfs.freshDirectory() + "/set", hdfs.configuration())) {
      body.run(store);
    }
  }

  private static void onS3(Body body) throws Exception {
    LocalS3 s3 = LocalS3.shared();
    try (Store store = Stores.open("s3a://" + s3.freshBucket() + "/set", s3.configuration())) {
      body.run(store);
    }
  }

  @Test
  void hdfsHoldsADataset() throws Exception {
    onHdfs(TestDatasetOnStores::liveThrough);
  }

  @Test
  void s3HoldsADataset() throws Exception {
    onS3(TestDatasetOnStores::liveThrough);
  }

  private static void liveThrough(Store store) throws IOException {
    DatasetLog log = DatasetLog.open(store);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.NOTHING);
    assertThat(log.current()).isEmpty();
    log.probe();
    ReferencedFile.write(store, Samples.container(1).path(), new byte[1000]);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.UNFINISHED);

    Snapshot one = log.commit(Optional.empty(), Samples.add(1, 2), new TextCatalog());
    Snapshot two = log.commit(Optional.of(one), Samples.kill(1, 1), new TextCatalog());

    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.DATASET);
    assertThat(log.current()).contains(two);
    assertThat(log.snapshot(1)).isEqualTo(one);
    assertThat(log.containers(two)).hasSize(2);
    assertThat(log.deletionVector(two, Samples.id(1))).isEqualTo(DeletionVector.of(1));
    DatasetStorage storage = log.storageOf(two);
    assertThat(storage.containerFiles()).isEqualTo(1);
    assertThat(storage.containerBytes()).isEqualTo(1000);
    assertThat(storage.otherFiles()).isEqualTo(6);
    assertThatThrownBy(() -> log.commit(Optional.of(one), Samples.add(3), new TextCatalog()))
        .isInstanceOf(CommitConflictException.class);
    assertThat(log.storageOf(two)).isEqualTo(storage);
  }

  @Test
  void ofTwoWritersToHdfsOneWinsEachVersion() throws Exception {
    onHdfs(store -> TestCommitRace.race(store, ROUNDS));
  }

  @Test
  void ofTwoWritersToS3OneWinsEachVersion() throws Exception {
    onS3(store -> TestCommitRace.race(store, ROUNDS));
  }

  @Test
  void otherThingsInABucketAreRecognised() throws Exception {
    onS3(store -> {
      ReferencedFile.write(store, LogicalPath.of("containers/cargo"), new byte[1]);
      assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.OTHER);
    });
  }

  @Test
  void s3AlikeThatIgnoresConditionsIsRefused() throws IOException {
    try (LocalS3 careless = LocalS3.startIgnoringConditions();
        Store store =
            Stores.open("s3a://" + careless.freshBucket() + "/set", careless.configuration())) {
      assertThatThrownBy(() -> DatasetLog.open(store).probe())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/set does not honour conditional creation");
      assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.NOTHING);
    }
  }
}
