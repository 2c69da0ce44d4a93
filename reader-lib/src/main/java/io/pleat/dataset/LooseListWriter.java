package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes one part of a list of files that a run left loose, or found lost, beside the run's record: UTF-8 text, a header line, then a line for each
 * file, its path and the reason, both as JSON strings, with a tab between them. Holds no more than a buffer in memory; a part without
 * rows makes no file. {@link #finish()} completes it; {@code close()} alone abandons it. Not thread-safe.
 */
public final class LooseListWriter implements Closeable {
  private static final String HEADER = "path\treason\n";
  private static final int BUFFER_LENGTH = 64 << 10;

  private final Store store;
  private final LogicalPath path;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);
  private Optional<ReferencedFile> file = Optional.empty();
  private long rows;

  private LooseListWriter(Store store, LogicalPath path) {
    this.store = store;
    this.path = path;
  }

  /**
   * Starts a part under a fresh name.
   *
   * @param part tells the parts of one run apart for people; several attempts may write one part
   */
  public static LooseListWriter create(Store dataset, UUID runId, int part) {
    return named(dataset, runId, String.format(Locale.ROOT, "loose-%06d", part));
  }

  /** Starts the list of files that a check found lost, under a fresh name. */
  public static LooseListWriter createLost(Store dataset, UUID runId) {
    return named(dataset, runId, "lost");
  }

  private static LooseListWriter named(Store dataset, UUID runId, String name) {
    return new LooseListWriter(
        dataset,
        LogicalPath.of(DatasetLayout.RUN_DIRECTORY + "/" + runId + "/" + name + "-"
            + UUID.randomUUID() + ".tsv"));
  }

  /**
   * Appends a row.
   *
   * @param name the file's logical path or, if it has none, the path as well as it can be shown
   */
  public void add(String name, String reason) throws IOException {
    if (file.isEmpty()) {
      file = Optional.of(ReferencedFile.create(store, path));
      put(HEADER);
    }
    put("\"" + escaped(name) + "\"\t\"" + escaped(reason) + "\"\n");
    rows++;
  }

  private static String escaped(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private void put(String line) throws IOException {
    byte[] bytes = line.getBytes(UTF_8);
    if (bytes.length > buffer.remaining()) {
      flush();
    }
    if (bytes.length > buffer.remaining()) {
      file.orElseThrow().write(ByteBuffer.wrap(bytes));
    } else {
      buffer.put(bytes);
    }
  }

  private void flush() throws IOException {
    file.orElseThrow().write(buffer.flip());
    buffer.clear();
  }

  /** Makes the part whole and durable, and describes it; nothing if it has no rows. */
  public Optional<LooseList> finish() throws IOException {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    flush();
    FileReference reference = file.get().finish();
    return Optional.of(
        new LooseList(reference.path().toString(), reference.length(), reference.crc32c(), rows));
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
