package io.pleat.maintain;

import io.pleat.dataset.AuditRow;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.store.AsideName;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.roaringbitmap.RoaringBitmap;

/**
 * Deletes the originals of one list. Each, but for objects, is set aside, and proven once more under that name, else it gets its name back; what is proven is written to the
 * audit log, durably, and only then deleted. Holds two bits a row in memory.
 */
final class ListedOriginals {
  private final String list;
  private final Store source;
  private final Store dataset;
  private final MarkedEntries marked;
  private final ReclaimProof proof;
  private final DeletionLog log;
  private final Optional<EmptiedDirectories> emptied;
  private final boolean trash;
  private final ReclaimTally tally = new ReclaimTally();

  /** Rows whose original stands aside, proven, and is in the log. */
  private final RoaringBitmap proven = new RoaringBitmap();

  private boolean trashed;

  ListedOriginals(
      String list,
      Store source,
      Store dataset,
      MarkedEntries marked,
      ReclaimProof proof,
      DeletionLog log,
      Optional<EmptiedDirectories> emptied,
      boolean trash) {
    this.list = list;
    this.source = source;
    this.dataset = dataset;
    this.marked = marked;
    this.proof = proof;
    this.log = log;
    this.emptied = emptied;
    this.trash = trash;
  }

  /** Does it, once. */
  ReclaimTally settle() throws IOException {
    trashed = trash && source.hasTrash(LogicalPath.ROOT);
    try (log) {
      forEach(this::prove);
      try {
        log.finish();
      } catch (IOException e) {
        tally.fail("nothing is deleted without a row of the audit log: " + Reason.of(e));
        forEach((i, row) -> {
          if (proven.contains(i) && source.traits().flat()) {
            tally.rows().add(i);
          } else if (proven.contains(i)) {
            putBack(row, i, aside(row, i), true);
          }
        });
        return tally;
      }
    }
    forEach((i, row) -> {
      if (proven.contains(i) && source.traits().flat()) {
        deleteObject(row, i);
      } else if (proven.contains(i)) {
        delete(row, i, aside(row, i));
      }
    });
    if (emptied.isPresent()) {
      tally.count("directories", emptied.get().remove(), 0);
    }
    return tally;
  }

  private interface RowStep {
    void accept(int number, ReclaimRow row) throws IOException;
  }

  private void forEach(RowStep step) throws IOException {
    try (PendingListReader rows = PendingListReader.open(dataset, list)) {
      int i = 0;
      for (Optional<ReclaimRow> row = rows.next(); row.isPresent(); row = rows.next()) {
        step.accept(i++, row.get());
      }
    }
  }

  private LogicalPath aside(ReclaimRow row, int number) {
    return AsideName.beside(row.path(), list, number);
  }

  private void prove(int i, ReclaimRow row) throws IOException {
    if (!tally.failures().isEmpty()) {
      return;
    }
    Optional<Entry> held = marked.entryOf(row);
    Optional<FileInfo> original = source.stat(row.path());
    if (source.traits().flat()) {
      if (held.isPresent() && original.isPresent()) {
        proveObject(row, i, held.get(), original.get());
      }
      return;
    }
    LogicalPath aside = aside(row, i);
    boolean ours = held.isPresent() && original.isPresent() && looksUntouched(row, original.get());
    if (ours) {
      try {
        source.moveAside(row.path(), aside);
        proveAside(row, i, aside, held, false);
        return;
      } catch (NoSuchFileException e) {
        return; // its owner deleted it
      } catch (FileAlreadyExistsException e) {
        // A killed run left one there, and somebody made the same file anew.
      }
    }
    Optional<FileInfo> left = source.stat(aside);
    if (left.isPresent() && original.isPresent() && isSame(left.get(), original.get())) {
      source.delete(aside); // a run was killed between the two steps of giving it its name back
      left = Optional.empty();
    }
    if (left.isPresent()) {
      proveAside(row, i, aside, held, original.isPresent());
    } else if (held.isPresent() && original.isPresent()) {
      stands(row, i);
    }
    if (held.isPresent() && original.isEmpty() && left.isEmpty()) {
      emptied.ifPresent(directories -> directories.deleted(row.path())); // by a run that was killed
    }
    // Else it is gone, or was never committed, or is no longer the live entry: not ours to delete.
  }

  /** An object keeps its name: its etag says whether it is the same when it is deleted. */
  private void proveObject(ReclaimRow row, int i, Entry held, FileInfo object) throws IOException {
    try {
      Optional<AuditRow.Proof> how =
          row.looksLike(object) && !row.etag().isEmpty() ? proof.of(row, object) : Optional.empty();
      if (how.isPresent()) {
        accept(row, i, held.extent().container(), held.ordinal(), how.get());
        return;
      }
    } catch (IOException e) {
      tally.fail(row.path() + ": " + Reason.of(e));
    }
    stands(row, i);
  }

  private void stands(ReclaimRow row, int i) {
    tally.count("changed", row.length());
    tally.rows().add(i);
  }

  /** Whether two names are of one file. */
  private static boolean isSame(FileInfo one, FileInfo other) {
    return !one.stamp().isEmpty() && one.stamp().equals(other.stamp());
  }

  private boolean looksUntouched(ReclaimRow row, FileInfo file) {
    return row.looksLike(file) && !source.isBeingWritten(file);
  }

  private void proveAside(
      ReclaimRow row, int i, LogicalPath aside, Optional<Entry> held, boolean nameTaken)
      throws IOException {
    try {
      Optional<FileInfo> found = source.stat(aside);
      if (found.isEmpty()) {
        return; // another attempt at this very list settled it
      }
      FileInfo file = found.get();
      if (looksUntouched(row, file)) {
        Optional<AuditRow.Proof> how = held.isPresent() ? proof.of(row, file) : Optional.empty();
        if (how.isPresent()) {
          Entry entry = held.get();
          accept(row, i, entry.extent().container(), entry.ordinal(), how.get());
          return;
        }
        if (held.isEmpty() && nameTaken && crc32c(file) == row.crc32c()) {
          // It was the original of a marked entry when it was set aside. Whoever took its name
          // since has replaced it.
          accept(row, i, row.container(), row.ordinal(), AuditRow.Proof.CHECKSUM);
          return;
        }
      }
    } catch (IOException e) {
      tally.fail(row.path() + ": " + Reason.of(e));
    }
    putBack(row, i, aside, held.isPresent());
  }

  private void accept(ReclaimRow row, int i, ContainerId container, int ordinal, AuditRow.Proof how)
      throws IOException {
    log.add(row, container, ordinal, how, trashed);
    proven.add(i);
  }

  private int crc32c(FileInfo file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.length()));
    source.readUnchanged(file, bytes);
    CRC32C crc = new CRC32C();
    crc.update(bytes.flip());
    return (int) crc.getValue();
  }

  private void deleteObject(ReclaimRow row, int i) throws IOException {
    if (!source.deleteUnchanged(row.asListed()) && source.stat(row.path()).isPresent()) {
      stands(row, i);
    } else {
      tally.count("deleted", row.length());
    }
  }

  private void delete(ReclaimRow row, int i, LogicalPath aside) throws IOException {
    Optional<FileInfo> file = source.stat(aside);
    if (file.isPresent() && !looksUntouched(row, file.get())) {
      putBack(row, i, aside, true);
      return;
    }
    if (!trashed) {
      source.delete(aside);
    } else if (file.isPresent() && !source.moveToTrash(aside, row.path())) {
      tally.fail(row.path() + ": there is no trash any more, so it was not deleted");
      putBack(row, i, aside, true);
      return;
    }
    tally.count("deleted", row.length());
    emptied.ifPresent(directories -> directories.deleted(row.path()));
  }

  private void putBack(ReclaimRow row, int i, LogicalPath aside, boolean isMarked)
      throws IOException {
    try {
      source.rename(aside, row.path());
      tally.count("put back", row.length());
      if (isMarked) {
        tally.rows().add(i);
      }
    } catch (NoSuchFileException e) {
      // Another attempt at this very list settled it.
    } catch (FileAlreadyExistsException e) {
      tally.keep(
          "%s was changed while it was set aside, and its name is taken: its bytes are kept at %s; move them where they belong"
              .formatted(row.path(), aside));
    }
  }
}
