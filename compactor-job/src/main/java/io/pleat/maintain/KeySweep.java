package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Goes through the live entries of containers in key order and checks that no path is live twice, and that keys ascend. Containers whose ranges no
 * other meets need no such check. Holds only the index blocks of containers whose ranges
 * overlap at the place where it is.
 */
final class KeySweep {
  private static final int BATCH = 512;

  private final Store store;
  private final List<ContainerSummary> containers;
  private final Map<ContainerId, DeletionVector> dead;
  private final Findings findings;
  private final PriorityQueue<Cursor> open =
      new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.key, b.key));

  private byte[] lastKey = new byte[0];
  private LogicalPath lastPath = LogicalPath.ROOT;
  private ContainerSummary lastContainer;

  KeySweep(
      Store store,
      List<ContainerSummary> containers,
      Map<ContainerId, DeletionVector> dead,
      Findings findings) {
    this.store = store;
    this.containers = containers;
    this.dead = dead;
    this.findings = findings;
  }

  void run() {
    int next = 0;
    try {
      while (next < containers.size() || !open.isEmpty()) {
        while (next < containers.size()
            && (open.isEmpty()
                || Arrays.compareUnsigned(containers.get(next).range().first(), open.peek().key)
                    <= 0)) {
          start(containers.get(next++));
        }
        Cursor least = open.poll();
        if (least != null) {
          look(least);
          advance(least);
        }
      }
    } finally {
      open.forEach(Cursor::close);
    }
  }

  private void start(ContainerSummary summary) {
    Cursor cursor = null;
    try {
      ByteSource bytes = store.open(summary.path());
      try {
        ContainerReader reader = ContainerReader.open(bytes, summary.id());
        DeletionVector vector = dead.getOrDefault(summary.id(), DeletionVector.EMPTY);
        cursor = new Cursor(summary, bytes, reader, vector);
      } finally {
        if (cursor == null) {
          bytes.close();
        }
      }
    } catch (IOException | RuntimeException e) {
      return; // was found when the container itself was checked
    }
    advance(cursor);
  }

  private void look(Cursor cursor) {
    if (lastContainer != null && Arrays.equals(cursor.key, lastKey)) {
      findings.add(
          Kind.DAMAGED,
          cursor.summary.path(),
          "'" + cursor.path + "' is live in " + lastContainer.path() + ", too");
    }
    lastKey = cursor.key;
    lastPath = cursor.path;
    lastContainer = cursor.summary;
  }

  private void advance(Cursor cursor) {
    byte[] before = cursor.key;
    boolean more;
    try {
      more = cursor.next();
    } catch (IOException | RuntimeException e) {
      findings.addDamage(cursor.summary.path(), e);
      more = false;
    }
    if (more && before != null && Arrays.compareUnsigned(before, cursor.key) >= 0) {
      findings.add(
          Kind.DAMAGED,
          cursor.summary.path(),
          "'" + cursor.path + "' does not sort above the entry before it, near '" + lastPath + "'");
      more = false;
    }
    if (more) {
      open.add(cursor);
    } else {
      cursor.close();
    }
  }

  /** A place among the live entries of one container. */
  private static final class Cursor {
    private final ContainerSummary summary;
    private final ByteSource bytes;
    private final ContainerReader reader;
    private final DeletionVector dead;
    private final List<LogicalPath> batch = new ArrayList<>();
    private int batchStart;
    private int ordinal = -1;
    private LogicalPath path;
    private byte[] key;

    Cursor(
        ContainerSummary summary, ByteSource bytes, ContainerReader reader, DeletionVector dead) {
      this.summary = summary;
      this.bytes = bytes;
      this.reader = reader;
      this.dead = dead;
    }

    boolean next() throws IOException {
      do {
        ordinal++;
      } while (ordinal < reader.index().entryCount() && dead.contains(ordinal));
      if (ordinal >= reader.index().entryCount()) {
        return false;
      }
      if (ordinal >= batchStart + batch.size()) {
        batch.clear();
        batchStart = ordinal;
        int end = Math.min(ordinal + BATCH, reader.index().entryCount());
        reader.index().scan(ordinal, end, row -> batch.add(row.path()));
      }
      path = batch.get(ordinal - batchStart);
      key = path.fileKey();
      return true;
    }

    void close() {
      try (bytes) {
        reader.close();
      } catch (IOException e) {
        return; // it was only read
      }
    }
  }
}
