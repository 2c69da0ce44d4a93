package io.pleat.maintain;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.IndexPackFiles;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ByteSink;
import io.pleat.format.IndexPackWriter;
import io.pleat.format.LogicalPath;
import io.pleat.read.IndexPackCopy;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Writes the index pack of a dataset's newest snapshot into the dataset. Harms nobody at any time: a pack repeats what containers hold. */
public final class Packer {
  private Packer() {}

  /**
   * What was done.
   *
   * @param version of the snapshot
   * @param path of the pack in the dataset
   * @param blocks index blocks in it
   * @param reused how many of them the pack before had
   * @param bytes its length
   * @param skipped index blocks that are damaged or missing, which it therefore lacks
   * @param deleted packs of older snapshots that were deleted
   */
  public record Report(
      long version,
      LogicalPath path,
      int blocks,
      int reused,
      long bytes,
      int skipped,
      int deleted) {}

  /**
   * Packs the newest snapshot, and then deletes the packs of older ones.
   *
   * @throws NoSuchFileException if the store holds no dataset
   */
  public static Report pack(Store store, IndexPackCopy.Skipped skipped) throws IOException {
    DatasetLog log = DatasetLog.open(store);
    Optional<Snapshot> head = log.current();
    if (head.isEmpty()) {
      throw new NoSuchFileException(
          store.location(),
          null,
          "no dataset is here: there is no snapshot under _pleat/snapshots");
    }
    long version = head.get().version();
    LogicalPath path = IndexPackFiles.fresh(version);
    int[] lacking = {0};
    try (ByteSink sink = store.create(path)) {
      IndexPackCopy.Result result = IndexPackCopy.copy(
          store,
          version,
          log.containers(head.get()),
          new IndexPackWriter(sink, IndexPackWriter.Form.STORED),
          (container, reason) -> {
            lacking[0]++;
            skipped.skipped(container, reason);
          });
      int deleted = 0;
      for (IndexPackFiles.PackFile pack : IndexPackFiles.list(store, version)) {
        if (pack.version() <= version && !pack.path().equals(path)) {
          store.delete(pack.path());
          deleted++;
        }
      }
      return new Report(
          version, path, result.copied(), result.fromPack(), sink.position(), lacking[0], deleted);
    }
  }
}
