package io.pleat.examples;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.Batchifier;
import ai.djl.util.Progress;
import io.pleat.read.FoldedDataset;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochFile;
import io.pleat.read.epoch.EpochOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A Deep Java Library {@link Dataset} over a folded dataset: each batch holds, for each file, its bytes as one array of unsigned bytes, and as label the
 * text of its directory's path in UTF-8. A model's translator decodes the images and maps directories to classes. Each call of {@link #getData} is
 * the next epoch. One thread at a time iterates.
 */
public final class DjlDataset implements Dataset {
  private final FoldedDataset dataset;
  private final EpochOptions options;
  private final int batchSize;
  private long nextEpoch;

  /**
   * @param dataset stays the caller's to close
   * @param options of the first epoch; later ones have the next numbers
   */
  public DjlDataset(FoldedDataset dataset, EpochOptions options, int batchSize) {
    this.dataset = dataset;
    this.options = options;
    this.batchSize = batchSize;
    this.nextEpoch = options.epoch();
  }

  @Override
  public void prepare(Progress progress) {}

  @Override
  public Iterable<Batch> getData(NDManager manager) throws IOException {
    Epoch epoch = dataset.epoch(options.withEpoch(nextEpoch++));
    Iterator<Batch> batches = new Batches(manager, epoch);
    return () -> batches;
  }

  private final class Batches implements Iterator<Batch> {
    private final NDManager manager;
    private final Epoch epoch;

    Batches(NDManager manager, Epoch epoch) {
      this.manager = manager;
      this.epoch = epoch;
    }

    /** At the end, also gives up the epoch. */
    @Override
    public boolean hasNext() {
      if (epoch.position() < epoch.size() && epoch.hasNext()) {
        return true;
      }
      try {
        epoch.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return false;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      NDManager ofBatch = manager.newSubManager();
      NDList data = new NDList();
      NDList labels = new NDList();
      while (data.size() < batchSize && epoch.hasNext()) {
        try (EpochFile file = epoch.next()) {
          data.add(bytes(ofBatch, file.buffer()));
          labels.add(bytes(ofBatch, ByteBuffer.wrap(file.path().parent().utf8())));
        }
      }
      return new BytesBatch(ofBatch, data, labels, epoch.position(), epoch.size());
    }

    /** A copy: the array may outlive the pooled memory. */
    private NDArray bytes(NDManager ofBatch, ByteBuffer from) {
      ByteBuffer copy = ByteBuffer.allocate(from.remaining()).put(from).flip();
      return ofBatch.create(copy, new Shape(copy.remaining()), DataType.UINT8);
    }
  }

  /** Files of different lengths, which no array holds together; they are the manager's already, so that it needs no engine to attach them. */
  private static final class BytesBatch extends Batch {
    private final NDList data;
    private final NDList labels;

    BytesBatch(NDManager manager, NDList data, NDList labels, long progress, long total) {
      super(
          manager,
          new NDList(),
          new NDList(),
          data.size(),
          Batchifier.STACK,
          Batchifier.STACK,
          progress,
          total);
      this.data = data;
      this.labels = labels;
    }

    @Override
    public NDList getData() {
      return data;
    }

    @Override
    public NDList getLabels() {
      return labels;
    }

    @Override
    public Batch[] split(Device[] devices, boolean evenSplit) {
      throw new UnsupportedOperationException(
          "bytes are not split among devices: give each device a rank of its own");
    }
  }
}
