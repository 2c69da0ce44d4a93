package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.fold.ContainerBuild;
import io.pleat.fold.EntryCatalog;
import io.pleat.fold.RunContainers;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import org.roaringbitmap.RoaringBitmap;

/**
 * Carries the live rows of containers over into new ones, in key order. Stored bytes stay as they are, with the checksums that they were given
 * when they were folded, and are checked against them on the way: damage is never signed afresh. What is damaged stays behind. One
 * rewrite at a time.
 */
final class ContainerRewriter {
  /** What the read-ahead of all containers of one rewrite may take, in bytes. */
  private static final int READ_AHEAD = 32 << 20;

  private static final int MAX_STRETCH = 4 << 20;
  private static final int MIN_STRETCH = 64 << 10;

  private final Store dataset;
  private final EntryCatalog catalog;
  private final RunContainers ids;
  private final Rescue rescue;

  ContainerRewriter(Store dataset, EntryCatalog catalog, RunContainers ids, Rescue rescue) {
    this.dataset = dataset;
    this.catalog = catalog;
    this.ids = ids;
    this.rescue = rescue;
  }

  /** Opens the live rows of one container. */
  interface RowOpener {
    /** @param stretchLength bytes to read at once */
    RowSource open(ContainerSummary container, RoaringBitmap dead, int stretchLength)
        throws IOException;
  }

  /**
   * How the new containers are to be.
   *
   * @param containerBytes original bytes after which a container ends, with the file that reaches them
   * @param filter whether they get filters, because their ranges meet those of others
   */
  record Shape(long containerBytes, int maxEntries, boolean filter) implements Serializable {
    Shape {
      checkArgument(
          containerBytes > 0 && maxEntries > 0 && maxEntries <= ContainerWriter.MAX_ENTRIES,
          "containers of %s bytes and %s entries",
          containerBytes,
          maxEntries);
    }
  }

  /**
   * Rewrites containers.
   *
   * @param containers sorted by their first keys
   * @param dead rows that are not carried over, by container
   * @throws CorruptDataException if a container cannot be walked, or two rows have one key; nothing is left of the rewrite then
   */
  Rewritten rewrite(
      List<ContainerSummary> containers,
      Map<ContainerId, RoaringBitmap> dead,
      Map<ContainerId, RoaringBitmap> dropped,
      Shape shape,
      RowOpener opener)
      throws IOException {
    ExecutorService threads = Executors.newCachedThreadPool(task -> {
      Thread thread = new Thread(task, "pleat-rewrite");
      thread.setDaemon(true);
      return thread;
    });
    try (Run run = new Run(containers, dead, dropped, shape, opener, threads)) {
      return run.run();
    } finally {
      threads.shutdownNow();
    }
  }

  /** A place among the rows of one container. */
  private static final class Cursor {
    private final RowSource rows;
    private LiveRow row;
    private Boolean hasOurDictionary; // null until somebody asks

    Cursor(RowSource rows) {
      this.rows = rows;
    }
  }

  private final class Run implements Closeable {
    private final List<ContainerSummary> containers;
    private final Map<ContainerId, RoaringBitmap> dead;
    private final Map<ContainerId, RoaringBitmap> dropped;
    private final Shape shape;
    private final RowOpener opener;
    private final ExecutorService threads;
    private final int stretchLength;
    private final PriorityQueue<Cursor> open =
        new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.row.key(), b.row.key()));
    private final List<Cursor> all = new ArrayList<>();
    private final RowMoves moves = new RowMoves();
    private final List<ContainerSummary> added = new ArrayList<>();
    private final List<LeftBehind> leftBehind = new ArrayList<>();
    private Optional<byte[]> dictionary = Optional.empty();
    private ZstdCodec encoder;
    private ContainerBuild build;
    private long bytes;
    private long growth;
    private long rescued;
    private byte[] lastKey = {};
    private Cursor lastCursor;

    Run(
        List<ContainerSummary> containers,
        Map<ContainerId, RoaringBitmap> dead,
        Map<ContainerId, RoaringBitmap> dropped,
        Shape shape,
        RowOpener opener,
        ExecutorService threads) {
      this.containers = containers;
      this.dead = dead;
      this.dropped = dropped;
      this.shape = shape;
      this.opener = opener;
      this.threads = threads;
      this.stretchLength =
          Math.max(MIN_STRETCH, Math.min(MAX_STRETCH, READ_AHEAD / Math.max(1, containers.size())));
    }

    Rewritten run() throws IOException {
      boolean done = false;
      try {
        dictionary = chooseDictionary();
        int next = 0;
        while (next < containers.size() || !open.isEmpty()) {
          while (next < containers.size()
              && (open.isEmpty()
                  || Arrays.compareUnsigned(
                          containers.get(next).range().first(), open.peek().row.key())
                      <= 0)) {
            start(containers.get(next++));
          }
          Cursor least = open.poll();
          if (least != null) {
            carry(least);
            advance(least);
          }
        }
        finishContainer();
        done = true;
      } finally {
        if (!done) {
          deleteAdded();
        }
      }
      moves.seal();
      return new Rewritten(
          List.copyOf(added), moves, dropped, List.copyOf(leftBehind), rescued, growth);
    }

    /** That of the container with the most stored bytes: payloads that need another's are encoded anew. */
    private Optional<byte[]> chooseDictionary() throws IOException {
      Optional<byte[]> chosen = Optional.empty();
      long most = -1;
      for (ContainerSummary container : containers) {
        if (container.storedBytes() > most) {
          try (RowSource rows = opener.open(container, deadOf(container), MIN_STRETCH)) {
            Optional<byte[]> its = rows.dictionary();
            if (its.isPresent()) {
              chosen = its;
              most = container.storedBytes();
            }
          }
        }
      }
      return chosen;
    }

    private RoaringBitmap deadOf(ContainerSummary container) {
      RoaringBitmap rows = dead.getOrDefault(container.id(), new RoaringBitmap());
      RoaringBitmap others = dropped.get(container.id());
      return others == null ? rows : RoaringBitmap.or(rows, others);
    }

    private void start(ContainerSummary container) throws IOException {
      Cursor cursor = new Cursor(opener.open(container, deadOf(container), stretchLength));
      all.add(cursor);
      advance(cursor);
    }

    private void advance(Cursor cursor) throws IOException {
      Optional<LiveRow> row = cursor.rows.next();
      if (row.isPresent()) {
        cursor.row = row.get();
        open.add(cursor);
      } else {
        cursor.row = null;
        all.remove(cursor);
        cursor.rows.close();
      }
    }

    private void carry(Cursor cursor) throws IOException {
      LiveRow row = cursor.row;
      int order = lastCursor == null ? -1 : Arrays.compareUnsigned(lastKey, row.key());
      if (order == 0 && lastCursor != cursor) {
        throw new CorruptDataException(
            ContainerSummary.pathOf(cursor.rows.container()).toString(),
            0,
            "'%s' is live in %s, too",
            row.path(),
            ContainerSummary.pathOf(lastCursor.rows.container()));
      }
      if (order >= 0) {
        throw new CorruptDataException(
            ContainerSummary.pathOf(cursor.rows.container()).toString(),
            0,
            "'%s' does not sort above the row before it",
            row.path());
      }
      lastKey = row.key();
      lastCursor = cursor;
      try {
        append(cursor, row);
      } catch (IllegalArgumentException e) {
        // The row itself was refused: it and an earlier one make no tree.
        CorruptDataException damage = new CorruptDataException(
            ContainerSummary.pathOf(cursor.rows.container()).toString(),
            0,
            "row %d, '%s', cannot stand beside what is live: %s",
            row.row(),
            row.path(),
            e.getMessage());
        damage.initCause(e);
        throw damage;
      }
    }

    private void append(Cursor cursor, LiveRow row) throws IOException {
      ContainerId from = cursor.rows.container();
      if (row.isDirectory()) {
        int index = writer(row, 0).addDirectory(row.path(), row.attributes());
        moves.moveDirectory(from, row.row(), index);
        return;
      }
      Entry entry = row.entry().get();
      if (entry.kind() == Entry.Kind.PASS_THROUGH) {
        writer(row, 0).addPassThrough(row.path(), row.attributes(), entry.length());
      } else {
        Optional<Payload> payload = payload(cursor, row);
        if (payload.isEmpty()) {
          return;
        }
        writer(row, entry.length())
            .addFile(row.path(), row.attributes(), payload.get(), entry.racy());
        bytes += entry.length();
        growth += payload.get().stored().remaining() - entry.extent().length();
      }
      moves.moveFile(from, row.row());
    }

    /** What to store; nothing if the file stays behind. */
    private Optional<Payload> payload(Cursor cursor, LiveRow row) throws IOException {
      RowSource rows = cursor.rows;
      Entry entry = row.entry().orElseThrow();
      try {
        ByteBuffer stored = rows.stored(row);
        if (entry.codec() == PayloadCodec.ZSTD_DICTIONARY && !hasOurDictionary(cursor)) {
          return Optional.of(encodedAnew(rows.payloads().decode(entry.payload(), stored)));
        }
        int crc = crc32c(stored);
        if (crc != entry.storedCrc32c()) {
          throw new CorruptDataException(
              ContainerSummary.pathOf(rows.container()).toString(),
              entry.extent().offset(),
              "CRC32C of stored bytes of '%s' is 0x%08x, stored 0x%08x",
              row.path(),
              crc,
              entry.storedCrc32c());
        }
        return Optional.of(new Payload(
            stored,
            Math.toIntExact(entry.length()),
            entry.codec(),
            entry.storedCrc32c(),
            entry.crc32c()));
      } catch (IOException e) {
        requireReadable(rows.container(), e);
        Optional<Payload> elsewhere = rescue.payload(row);
        if (elsewhere.isPresent()) {
          rescued++;
          return elsewhere;
        }
        leftBehind.add(new LeftBehind(
            rows.container(),
            row.row(),
            row.path(),
            entry.length(),
            entry.extent().length(),
            Reason.of(e)));
        return Optional.empty();
      }
    }

    /** A store that answers nothing any more is no matter of one file. */
    private void requireReadable(ContainerId container, IOException failure) throws IOException {
      if (failure instanceof CorruptDataException) {
        return;
      }
      try (ByteSource source = dataset.open(ContainerSummary.pathOf(container))) {
        source.readFully(0, ByteBuffer.allocate((int) Math.min(1, source.length())));
      } catch (IOException e) {
        failure.addSuppressed(e);
        throw failure;
      }
    }

    private boolean hasOurDictionary(Cursor cursor) throws IOException {
      if (cursor.hasOurDictionary == null) {
        Optional<byte[]> its = cursor.rows.dictionary();
        cursor.hasOurDictionary =
            its.isPresent() && Arrays.equals(its.get(), dictionary.orElse(null));
      }
      return cursor.hasOurDictionary;
    }

    /** Encodes bytes whose original checksum was right, and makes sure that they come back from it. */
    private Payload encodedAnew(ByteBuffer original) throws IOException {
      if (encoder == null) {
        encoder = dictionary.isPresent()
            ? ZstdCodec.withDictionary(ZstdCodec.DEFAULT_LEVEL, dictionary.get())
            : ZstdCodec.of(ZstdCodec.DEFAULT_LEVEL);
      }
      Payload payload = encoder.encode(original);
      if (payload.codec() != PayloadCodec.RAW) {
        ByteBuffer again = encoder.decode(payload.codec(), payload.stored(), payload.length());
        if (crc32c(again) != payload.crc32c()) {
          throw new IOException("what was encoded does not decode to what it was");
        }
      }
      return payload;
    }

    private ContainerWriter writer(LiveRow row, long length) throws IOException {
      if (build != null
          && (build.writer().isFull()
              || build.writer().entryCount() >= shape.maxEntries
              || bytes > 0 && bytes + length > shape.containerBytes)) {
        finishContainer();
      }
      if (build == null) {
        ContainerId id = ids.next();
        build = ContainerBuild.start(dataset, id);
        moves.startTarget(id);
        if (shape.filter) {
          build.writer().addFilter();
        }
        if (dictionary.isPresent()) {
          build.writer().setDictionary(dictionary.get());
        }
      }
      return build.row(row.key());
    }

    private void finishContainer() throws IOException {
      if (build != null) {
        try (ContainerBuild finished = build) {
          build = null;
          added.add(finished.finish(catalog, threads));
        }
        bytes = 0;
      }
    }

    private void deleteAdded() {
      for (ContainerSummary container : added) {
        try {
          dataset.delete(container.catalog().path());
          dataset.delete(container.path());
        } catch (IOException | RuntimeException e) {
          return; // Garbage that nothing refers to.
        }
      }
    }

    @Override
    public void close() throws IOException {
      try (ContainerBuild abandoned = build) {
        for (Cursor cursor : all) {
          cursor.rows.close();
        }
        if (encoder != null) {
          encoder.close();
        }
      }
    }
  }

  static int crc32c(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
