package io.pleat.maintain;

import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;

/** Compares the files of two snapshots, in key order and constant memory. */
public final class SnapshotDiff {
  private SnapshotDiff() {}

  /** How a file differs. */
  public enum Change {
    ADDED,
    REMOVED,
    /** Other bytes, or what may be other bytes of a pass-through file. */
    CHANGED,
    /** The same bytes with another time of modification, mode, owner or group. */
    ATTRIBUTES
  }

  /** Hears of differences. */
  public interface Listener {
    /**
     * One file differs.
     *
     * @param length of the file in the later snapshot; in the earlier one if it was removed
     */
    void differs(Change change, LogicalPath path, long length) throws IOException;
  }

  /** Tells {@code listener} how {@code to} differs from {@code from}. */
  public static void compare(FoldedDataset from, FoldedDataset to, Listener listener)
      throws IOException {
    try (Stream<ListedItem> before = from.listRecursively(LogicalPath.ROOT);
        Stream<ListedItem> after = to.listRecursively(LogicalPath.ROOT)) {
      Files old = new Files(before.iterator());
      Files now = new Files(after.iterator());
      while (old.current != null || now.current != null) {
        int order = old.current == null
            ? 1
            : now.current == null ? -1 : Arrays.compareUnsigned(old.key(), now.key());
        if (order < 0) {
          listener.differs(Change.REMOVED, old.current.path(), old.current.length());
          old.advance();
        } else if (order > 0) {
          listener.differs(Change.ADDED, now.current.path(), now.current.length());
          now.advance();
        } else {
          compare(old.current, now.current, listener);
          old.advance();
          now.advance();
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void compare(Entry old, Entry now, Listener listener) throws IOException {
    if (old.ordinal() == now.ordinal()
        && old.extent().container().equals(now.extent().container())) {
      return;
    }
    boolean folded = old.kind() == Entry.Kind.FOLDED && now.kind() == Entry.Kind.FOLDED;
    boolean sameAttributes = old.attributes().equals(now.attributes());
    boolean sameBytes = old.length() == now.length()
        && (folded ? old.crc32c() == now.crc32c() : old.kind() == now.kind() && sameAttributes);
    if (!sameBytes) {
      listener.differs(Change.CHANGED, now.path(), now.length());
    } else if (!sameAttributes) {
      listener.differs(Change.ATTRIBUTES, now.path(), now.length());
    }
  }

  /** The files among listed items. */
  private static final class Files {
    private final Iterator<ListedItem> items;

    /** Null at the end. */
    private Entry current;

    Files(Iterator<ListedItem> items) {
      this.items = items;
      advance();
    }

    void advance() {
      current = null;
      while (current == null && items.hasNext()) {
        current = items.next().file().orElse(null);
      }
    }

    byte[] key() {
      return current.path().fileKey();
    }
  }
}
