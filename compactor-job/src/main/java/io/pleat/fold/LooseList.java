package io.pleat.fold;

import io.pleat.dataset.FileReference;
import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A part of a run's list of loose files. */
final class LooseList implements Closeable {
  private final Store dataset;
  private final LogicalPath path;
  private final CRC32C crc = new CRC32C();
  private ByteSink sink;

  LooseList(Store dataset, UUID runId) {
    this.dataset = dataset;
    this.path = LogicalPath.of("_pleat/runs/" + runId + "-loose-" + UUID.randomUUID() + ".tsv");
  }

  void add(String file, String reason) throws IOException {
    if (sink == null) {
      sink = dataset.create(path);
    }
    byte[] line = (file + "\t" + reason + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    crc.update(line);
    sink.write(ByteBuffer.wrap(line));
  }

  boolean isEmpty() {
    return sink == null;
  }

  FileReference finish() throws IOException {
    long length = sink.position();
    sink.finish();
    return new FileReference(path, length, (int) crc.getValue());
  }

  @Override
  public void close() throws IOException {
    if (sink != null) {
      sink.close();
    }
  }
}
