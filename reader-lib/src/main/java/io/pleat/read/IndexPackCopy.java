package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.IndexPackFiles;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexPack;
import io.pleat.format.IndexPackWriter;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the index blocks of a snapshot's containers into an index pack: those that a pack of the dataset has from there, in large
 * reads one behind the other, the others from their containers. Every checksum is verified on the way. A few reads are in flight.
 */
public final class IndexPackCopy {
  private static final Logger LOGGER = LoggerFactory.getLogger(IndexPackCopy.class);
  private static final int IN_FLIGHT = 8;
  private static final long LARGE_READ = 8 << 20;

  private final Store store;
  private final List<ContainerSummary> containers;
  private final IndexPackWriter target;
  private final Skipped skipped;
  private int fromPack;
  private int copied;

  private IndexPackCopy(
      Store store, List<ContainerSummary> containers, IndexPackWriter target, Skipped skipped) {
    this.store = store;
    this.containers = containers;
    this.target = target;
    this.skipped = skipped;
  }

  /** Hears of index blocks that cannot be packed because they are damaged or missing. */
  public interface Skipped {
    /** @param reason what is wrong, and where */
    void skipped(ContainerSummary container, IOException reason) throws IOException;
  }

  /**
   * What was done.
   *
   * @param copied index blocks in the new pack
   * @param fromPack how many of them a pack of the dataset had
   */
  public record Result(int copied, int fromPack) {}

  /**
   * Adds the index blocks of all {@code containers} to {@code target}, in their order, and finishes it.
   *
   * @param version the snapshot's
   */
  public static Result copy(
      Store store,
      long version,
      List<ContainerSummary> containers,
      IndexPackWriter target,
      Skipped skipped)
      throws IOException {
    IndexPackCopy copy = new IndexPackCopy(store, containers, target, skipped);
    try (OpenPack pack = copy.openPack(version)) {
      copy.run(pack);
    }
    target.finish();
    return new Result(copy.copied, copy.fromPack);
  }

  /** A pack of the dataset; nothing is in it if there is none. */
  private record OpenPack(Optional<ByteSource> file, Optional<IndexPack> table)
      implements AutoCloseable {
    Optional<IndexPack.Row> find(ContainerSummary container) {
      if (table.isEmpty()) {
        return Optional.empty();
      }
      try {
        return table.get().find(container.id(), container.length(), container.indexOffset());
      } catch (CorruptDataException e) {
        LOGGER.warn("{}", e.getMessage());
        return Optional.empty();
      }
    }

    @Override
    public void close() throws IOException {
      if (file.isPresent()) {
        file.get().close();
      }
    }
  }

  private OpenPack openPack(long version) throws IOException {
    List<IndexPackFiles.PackFile> packs;
    try {
      packs = IndexPackFiles.list(store, version);
    } catch (IOException e) {
      Interruptions.rethrow(e);
      LOGGER.warn("the index packs of {} cannot be listed: {}", store, e.getMessage());
      packs = List.of();
    }
    for (IndexPackFiles.PackFile pack : packs) {
      ByteSource file = null;
      try {
        file = store.open(pack.path());
        if (file.length() == 0) { // one that is being written, perhaps by the caller
          file.close();
          continue;
        }
        return new OpenPack(Optional.of(file), Optional.of(IndexPack.open(file)));
      } catch (IOException e) {
        if (file != null) {
          file.close();
        }
        Interruptions.rethrow(e);
        LOGGER.warn("index pack is passed over: {}", e.toString());
      }
    }
    return new OpenPack(Optional.empty(), Optional.empty());
  }

  /** What one read brings: a run of containers that lie behind each other in the pack, or one container's own block. */
  private record Read(List<ContainerSummary> members, List<IndexPack.Row> rows) {
    boolean isPacked() {
      return !rows.isEmpty();
    }

    long start() {
      return rows.get(0).offset();
    }

    long end() {
      IndexPack.Row last = rows.get(rows.size() - 1);
      return last.offset() + last.paddedLength();
    }
  }

  private record Pending(Read read, Future<ByteBuffer> bytes) {}

  private void run(OpenPack pack) throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT, task -> {
      Thread thread = new Thread(task, "pleat-index-pack");
      thread.setDaemon(true);
      return thread;
    });
    try {
      Deque<Pending> pending = new ArrayDeque<>();
      Iterator<Read> reads = plan(pack).iterator();
      while (reads.hasNext() || !pending.isEmpty()) {
        while (reads.hasNext() && pending.size() < IN_FLIGHT) {
          Read read = reads.next();
          pending.add(new Pending(read, threads.submit(() -> fetch(pack, read))));
        }
        Pending next = pending.remove();
        if (next.read.isPacked()) {
          addPacked(pack, next);
        } else {
          addOwn(next.read.members.get(0), next.bytes);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Read> plan(OpenPack pack) {
    List<Read> reads = new ArrayList<>();
    Read open = null;
    for (ContainerSummary container : containers) {
      Optional<IndexPack.Row> row = pack.find(container);
      if (row.isEmpty()) {
        reads.add(new Read(List.of(container), List.of()));
        open = null;
        continue;
      }
      long end = row.get().offset() + row.get().paddedLength();
      if (open == null || row.get().offset() != open.end() || end - open.start() > LARGE_READ) {
        open = new Read(new ArrayList<>(), new ArrayList<>());
        reads.add(open);
      }
      open.members.add(container);
      open.rows.add(row.get());
    }
    return reads;
  }

  private ByteBuffer fetch(OpenPack pack, Read read) throws IOException {
    if (!read.isPacked()) {
      return fetchOwn(read.members.get(0));
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(read.end() - read.start()));
    pack.file.orElseThrow().readFully(read.start(), bytes);
    return bytes.flip();
  }

  private ByteBuffer fetchOwn(ContainerSummary container) throws IOException {
    try (ByteSource file = store.open(container.path())) {
      long length = container.indexBytes();
      if (file.length() != container.length() || length > Integer.MAX_VALUE - 8) {
        throw new CorruptDataException(
            file.toString(),
            Math.min(file.length(), container.length()),
            "container has %d bytes, the manifest says %d with an index block at %d",
            file.length(),
            container.length(),
            container.indexOffset());
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      file.readFully(container.indexOffset(), bytes);
      return bytes.flip();
    }
  }

  private void addPacked(OpenPack pack, Pending pending) throws IOException {
    List<ContainerSummary> again = new ArrayList<>();
    try {
      ByteBuffer bytes = await(pending.bytes);
      for (int i = 0; i < pending.read.members.size(); i++) {
        ContainerSummary container = pending.read.members.get(i);
        IndexPack.Row row = pending.read.rows.get(i);
        int at = (int) (row.offset() - pending.read.start());
        try {
          pack.table.orElseThrow().check(row, bytes.slice(at, row.paddedLength()));
          add(container, bytes.slice(at, row.length()), pack.file.orElseThrow().toString());
          fromPack++;
        } catch (CorruptDataException e) {
          LOGGER.warn(
              "index pack is damaged, the container's own block is taken: {}", e.getMessage());
          again.add(container);
        }
      }
    } catch (ReadFailedException e) {
      Interruptions.rethrow(e.cause);
      LOGGER.warn("index pack cannot be read, the containers are: {}", e.cause.toString());
      again = pending.read.members;
    }
    for (ContainerSummary container : again) {
      FutureTask<ByteBuffer> read = new FutureTask<>(() -> fetchOwn(container));
      read.run();
      addOwn(container, read);
    }
  }

  private void addOwn(ContainerSummary container, Future<ByteBuffer> bytes) throws IOException {
    try {
      add(container, await(bytes), store.location() + "/" + container.path());
    } catch (CorruptDataException | UnsupportedFormatException e) {
      skipped.skipped(container, e);
    } catch (ReadFailedException e) {
      if (!(e.cause instanceof CorruptDataException)
          && !(e.cause instanceof NoSuchFileException)
          && !(e.cause instanceof EOFException)) {
        throw e.cause;
      }
      skipped.skipped(container, e.cause);
    }
  }

  private void add(ContainerSummary container, ByteBuffer tail, String source) throws IOException {
    target.add(container.id(), container.length(), container.indexOffset(), tail, source);
    copied++;
  }

  /** A read failed, not the writing of what was read. */
  private static final class ReadFailedException extends Exception {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final IOException cause;

    ReadFailedException(IOException cause) {
      super(cause);
      this.cause = cause;
    }
  }

  private static ByteBuffer await(Future<ByteBuffer> bytes)
      throws ReadFailedException, InterruptedIOException {
    try {
      return bytes.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while index blocks were read");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw new ReadFailedException(failure);
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw (Error) e.getCause();
    }
  }
}
