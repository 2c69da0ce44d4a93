package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * One container in the making. {@link #finish} makes it durable, reads every byte of it back from its store, and writes its rows of the
 * catalogue; {@code close()} alone abandons it. Not thread-safe.
 */
public final class ContainerBuild implements Closeable {
  private final Store dataset;
  private final ContainerId id;
  private final ByteSink sink;
  private final ContainerWriter writer;
  private byte[] firstKey;
  private byte[] lastKey;

  private ContainerBuild(Store dataset, ContainerId id, ByteSink sink, ContainerWriter writer) {
    this.dataset = dataset;
    this.id = id;
    this.sink = sink;
    this.writer = writer;
  }

  /** Starts a container under an id that nobody else uses. */
  public static ContainerBuild start(Store dataset, ContainerId id) throws IOException {
    ByteSink sink = dataset.create(ContainerSummary.pathOf(id));
    try {
      return new ContainerBuild(dataset, id, sink, ContainerWriter.create(sink, id));
    } catch (IOException | RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  /** What to append the row of {@code key} to; keys ascend. */
  public ContainerWriter row(byte[] key) {
    if (firstKey == null) {
      firstKey = key;
    }
    lastKey = key;
    return writer;
  }

  /** The writer, for what is no row. */
  public ContainerWriter writer() {
    return writer;
  }

  /**
   * Makes the container whole, checks what the store then holds, and describes it. It has at least one row.
   *
   * @param threads where the check runs beside the writing of the catalogue's rows
   * @throws IOException if it cannot be written, or is not what was written; it is deleted then
   */
  public ContainerSummary finish(EntryCatalog catalog, ExecutorService threads) throws IOException {
    ContainerStatistics written = writer.finish();
    try {
      return check(written, catalog, threads);
    } catch (IOException | RuntimeException e) {
      dataset.delete(ContainerSummary.pathOf(id));
      throw e;
    }
  }

  /** Reads the container back, and meanwhile writes its rows of the catalogue. */
  private ContainerSummary check(
      ContainerStatistics written, EntryCatalog catalog, ExecutorService threads)
      throws IOException {
    Future<?> check = threads.submit(() -> {
      ContainerCheck.check(dataset, ContainerSummary.pathOf(id), written);
      return null;
    });
    FileReference rows;
    try (ByteSource container = dataset.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(container, id)) {
      rows = catalog.write(dataset, id, reader.index());
    } finally {
      await(check);
    }
    return new ContainerSummary(
        id,
        written.length(),
        written.crc32c(),
        written.indexOffset(),
        written.entries(),
        written.passThroughs(),
        written.directories(),
        written.payloadBytes(),
        written.storedBytes(),
        written.passThroughBytes(),
        new KeyRange(firstKey, lastKey),
        0,
        rows,
        written.filter());
  }

  private static void await(Future<?> check) throws IOException {
    try {
      check.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while checking", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("check failed: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    try (ByteSink abandoned = sink) {
      writer.close();
    }
  }
}
