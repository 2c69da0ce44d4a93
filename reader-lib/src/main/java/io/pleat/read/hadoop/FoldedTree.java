package io.pleat.read.hadoop;

import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** One pinned snapshot. */
final class FoldedTree implements Tree {
  /** Longest file that is folded as a rule; longer ones were passed through. */
  private static final long SMALL_FILE = 4L << 20;

  private final FoldedDataset dataset;
  private final Statuses statuses;
  private final ContainerBlocks blocks;

  /** @param dataset closed with this */
  FoldedTree(FoldedDataset dataset, Statuses statuses, ContainerBlocks blocks) {
    this.dataset = dataset;
    this.statuses = statuses;
    this.blocks = blocks;
  }

  @Override
  public Optional<TreeItem> find(LogicalPath path) throws IOException {
    try {
      return dataset.find(path).map(statuses::item);
    } catch (IOException e) {
      throw HadoopFailures.translate(statuses.path(path), e);
    }
  }

  @Override
  public RemoteIterator<TreeItem> children(LogicalPath directory) throws IOException {
    try {
      return items(dataset.list(directory), directory);
    } catch (IOException e) {
      throw HadoopFailures.translate(statuses.path(directory), e);
    }
  }

  @Override
  public RemoteIterator<TreeItem> below(LogicalPath directory) throws IOException {
    try {
      return items(dataset.listRecursively(directory).skip(1), directory);
    } catch (IOException e) {
      throw HadoopFailures.translate(statuses.path(directory), e);
    }
  }

  private RemoteIterator<TreeItem> items(Stream<ListedItem> listed, LogicalPath directory) {
    Iterator<ListedItem> items = listed.iterator(); // holds nothing that wants closing
    Path path = statuses.path(directory);
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() throws IOException {
        try {
          return items.hasNext();
        } catch (UncheckedIOException e) {
          throw HadoopFailures.translate(path, e);
        }
      }

      @Override
      public TreeItem next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException("nothing is left of " + path);
        }
        return statuses.item(items.next());
      }
    };
  }

  @Override
  public OpenedFile open(LogicalPath path) throws IOException {
    try {
      ByteSource source = dataset.open(path);
      return new OpenedFile(
          source, source.length() > SMALL_FILE ? OpenedFile.AT_STORE : OpenedFile.IN_MEMORY);
    } catch (IOException e) {
      throw HadoopFailures.translate(statuses.path(path), e);
    }
  }

  @Override
  public BlockLocation[] locations(TreeItem file, long start, long length) throws IOException {
    return file.isFolded()
        ? blocks.of(file.entry().get(), start, length)
        : ContainerBlocks.unknown(file.status().getLen());
  }

  @Override
  public void close() throws IOException {
    dataset.close();
  }
}
