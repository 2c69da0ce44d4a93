package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Changes a dataset's newest snapshot in place, as someone with bad intent would who signs what he changes: length and checksum fit in the file and in
 * whatever refers to it.
 */
public final class ForgedDataset {
  private final Store store;

  private ForgedDataset(Store store) {
    this.store = store;
  }

  /** Of a dataset that has one manifest. */
  public static ForgedDataset of(Store store) {
    return new ForgedDataset(store);
  }

  /** Changes bytes, or fails. */
  public interface Forgery {
    byte[] forge(byte[] file, ContainerId id) throws IOException;
  }

  /** Changes a container; what the manifest says of its length and CRC fits. */
  public ForgedDataset container(ContainerId id, Forgery forgery) throws IOException {
    LogicalPath path = ContainerSummary.pathOf(id);
    byte[] forged = forgery.forge(read(path), id);
    store.overwrite(path, forged);
    return containers(summary -> summary.id().equals(id)
        ? with(summary, forged.length, StoredBytes.crc32c(forged, 0, forged.length))
        : summary);
  }

  private static ContainerSummary with(ContainerSummary of, long length, int crc32c) {
    return new ContainerSummary(
        of.id(),
        length,
        crc32c,
        of.indexOffset(),
        of.entries(),
        of.passThroughs(),
        of.directories(),
        of.payloadBytes(),
        of.storedBytes(),
        of.passThroughBytes(),
        of.range(),
        of.sequence(),
        of.catalog(),
        of.filter());
  }

  /** Changes what the manifest says of the containers. */
  public ForgedDataset containers(UnaryOperator<ContainerSummary> change) throws IOException {
    Snapshot head = head();
    List<ContainerSummary> all = new ArrayList<>();
    DatasetLog.open(store).containers(head).forEach(each -> all.add(change.apply(each)));
    return putManifest(ManifestCodec.encode(all), all.size());
  }

  /** Changes the manifest's bytes, behind its start and before its checksum. */
  public ForgedDataset manifest(UnaryOperator<byte[]> change) throws IOException {
    ManifestReference only = head().manifests().get(0);
    byte[] changed = change.apply(read(only.file().path()));
    return putManifest(MetadataFrame.seal(changed), only.containers());
  }

  private ForgedDataset putManifest(byte[] manifest, int containers) throws IOException {
    Snapshot head = head();
    LogicalPath path = head.manifests().get(0).file().path();
    store.overwrite(path, manifest);
    return put(
        head,
        List.of(new ManifestReference(reference(path, manifest), containers)),
        head.deletionVectors(),
        head.sourceRoot());
  }

  /** Adds a deletion vector. */
  public ForgedDataset dead(ContainerId id, int... rows) throws IOException {
    Snapshot head = head();
    LogicalPath path = LogicalPath.of(DatasetLayout.DELETION_VECTOR_DIRECTORY + "/forged.dv");
    DeletionVector vector = DeletionVector.of(rows);
    byte[] file = DeletionVectorCodec.encode(id, vector);
    store.overwrite(path, file);
    return put(
        head,
        head.manifests(),
        List.of(new DeletionVectorReference(id, reference(path, file), vector.cardinality())),
        head.sourceRoot());
  }

  /** Brings back to life what is dead. */
  public ForgedDataset nothingDead() throws IOException {
    Snapshot head = head();
    return put(head, head.manifests(), List.of(), head.sourceRoot());
  }

  /** Says that the dataset was folded from elsewhere. */
  public ForgedDataset sourceRoot(String elsewhere) throws IOException {
    Snapshot head = head();
    return put(head, head.manifests(), head.deletionVectors(), elsewhere);
  }

  private ForgedDataset put(
      Snapshot head,
      List<ManifestReference> manifests,
      List<DeletionVectorReference> deletionVectors,
      String sourceRoot)
      throws IOException {
    store.overwrite(
        DatasetLayout.snapshot(head.version()),
        SnapshotCodec.encode(new Snapshot(
            head.version(),
            head.commitId(),
            head.runId(),
            sourceRoot,
            head.committedAt(),
            head.operation(),
            manifests,
            deletionVectors,
            head.reclaimed(),
            head.tombstones(),
            head.retention(),
            head.catalog(),
            head.statistics())));
    return this;
  }

  /** Changes the text of the snapshot, before its checksum. */
  public ForgedDataset snapshot(UnaryOperator<String> change) throws IOException {
    LogicalPath path = DatasetLayout.snapshot(head().version());
    store.overwrite(path, resealed(read(path), change));
    return this;
  }

  /** Sealed JSON whose text was changed. */
  static byte[] resealed(byte[] file, UnaryOperator<String> change) {
    String text = new String(file, 0, file.length - SealedJson.SEAL_LENGTH, UTF_8);
    byte[] changed = change.apply(text).getBytes(UTF_8);
    String crc = HexFormat.of().toHexDigits(StoredBytes.crc32c(changed, 0, changed.length));
    byte[] seal = (",\n  \"crc32c\" : \"" + crc + "\"\n}\n").getBytes(UTF_8);
    return ByteBuffer.allocate(changed.length + seal.length)
        .put(changed)
        .put(seal)
        .array();
  }

  private Snapshot head() throws IOException {
    Optional<Snapshot> head = DatasetLog.open(store).current();
    return head.orElseThrow();
  }

  private byte[] read(LogicalPath path) throws IOException {
    try (ByteSource file = store.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
      file.readFully(0, bytes);
      return bytes.array();
    }
  }

  private static FileReference reference(LogicalPath path, byte[] file) {
    return new FileReference(path, file.length, StoredBytes.crc32c(file, 0, file.length));
  }
}
