package io.pleat.read.spark;

import io.pleat.format.Entry;
import io.pleat.read.ContainerFiles;
import io.pleat.read.ContainerFiles.FileAnswer;
import io.pleat.read.FileChoice;
import io.pleat.read.FoldedDataset;
import io.pleat.read.PooledBytes;
import io.pleat.read.hadoop.HadoopFailures;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The rows of one task: a stretch of entries at a time, and of those that are meant the bytes, if they are wanted, a batch at a time. Not
 * thread-safe.
 */
final class FileRows implements PartitionReader<InternalRow> {
  /** Entries that are looked at together. */
  private static final int STRETCH = 4096;

  /** Original bytes that are held ready, unless one file has more. */
  private static final long BATCH_BYTES = 16 << 20;

  private final Path root;
  private final FoldedDataset dataset;
  private final ContainerFiles containers;
  private final Iterator<Slice> slices;
  private final FileSelection selection;
  private final FileChoice choice;
  private final FileColumn[] columns;
  private final boolean withContent;

  private Slice slice = new Slice(0, 0, 0);
  private int nextOrdinal;
  private List<Entry> stretch = List.of();
  private int nextOfStretch;
  private final Deque<Entry> ready = new ArrayDeque<>();
  private final Deque<FileAnswer> answers = new ArrayDeque<>();
  private InternalRow row;

  /**
   * @param root of the dataset, for messages
   * @param dataset closed with this
   */
  FileRows(
      Path root,
      FoldedDataset dataset,
      List<Slice> slices,
      FileSelection selection,
      FileChoice choice,
      List<FileColumn> columns) {
    this.root = root;
    this.dataset = dataset;
    this.containers = dataset.containerFiles();
    this.slices = slices.iterator();
    this.selection = selection;
    this.choice = choice;
    this.columns = columns.toArray(FileColumn[]::new);
    this.withContent = columns.contains(FileColumn.CONTENT);
  }

  @Override
  public boolean next() throws IOException {
    while (ready.isEmpty()) {
      if (nextOfStretch == stretch.size() && !advance()) {
        return false;
      }
      prepare();
    }
    row = row(ready.remove());
    return true;
  }

  @Override
  public InternalRow get() {
    return row;
  }

  /** Looks at the next stretch; false at the end. */
  private boolean advance() throws IOException {
    while (nextOrdinal == slice.to()) {
      if (!slices.hasNext()) {
        return false;
      }
      slice = slices.next();
      nextOrdinal = slice.from();
    }
    int end = Math.min(slice.to(), nextOrdinal + STRETCH);
    stretch = containers.entries(slice.container(), nextOrdinal, end, choice).stream()
        .filter(selection::takes)
        .toList();
    nextOfStretch = 0;
    nextOrdinal = end;
    return true;
  }

  private void prepare() {
    int end = stretch.size();
    if (withContent) {
      long bytes = 0;
      end = nextOfStretch;
      while (end < stretch.size()
          && (bytes == 0 || bytes + stretch.get(end).length() <= BATCH_BYTES)) {
        bytes += stretch.get(end++).length();
      }
    }
    List<Entry> batch = stretch.subList(nextOfStretch, end);
    nextOfStretch = end;
    if (withContent) {
      answers.addAll(containers.read(slice.container(), batch));
    }
    ready.addAll(batch);
  }

  private InternalRow row(Entry entry) throws IOException {
    Object[] values = new Object[columns.length];
    for (int i = 0; i < columns.length; i++) {
      values[i] = switch (columns[i]) {
        case PATH -> UTF8String.fromBytes(entry.path().utf8());
        case MODIFICATION_TIME -> FileSelection.micros(entry.attributes());
        case LENGTH -> entry.length();
        case CONTENT -> content(answers.remove());
      };
    }
    return new GenericInternalRow(values);
  }

  private byte[] content(FileAnswer answer) throws IOException {
    try (PooledBytes bytes = answer.take()) {
      byte[] content = new byte[bytes.length()];
      bytes.buffer().get(content);
      return content;
    } catch (IOException e) {
      Path path = new Path(root, new Path(null, null, "/" + answer.path()));
      IOException translated = HadoopFailures.translate(path, e);
      throw translated == e ? new IOException(path + ": " + e.getMessage(), e) : translated;
    }
  }

  @Override
  public void close() throws IOException {
    answers.forEach(FileAnswer::release);
    dataset.close();
  }
}
