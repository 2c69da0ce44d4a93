package io.pleat.fold;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.read.RemovedFiles;
import io.pleat.store.FileInfo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Merges the sorted rows of a listing and of the base snapshot into what is to be done, key by key: nothing where both agree, a fold where a
 * file is new, changed or racy, and marks on the rows that are replaced. Memory is constant but for the rows of one key.
 */
final class DiffMerge implements Iterator<PlannedRow> {
  private static final String NO_TREE = "not a legal tree: the key is a file and a directory";

  private final Iterator<Map.Entry<byte[], byte[]>> rows;
  private final boolean flat;
  private final Optional<VanishRule> vanishes;
  private Map.Entry<byte[], byte[]> pending;
  private PlannedRow next;

  /**
   * @param rows sorted rows with their values, in unsigned byte order, all rows of a key among them
   * @param flat whether the source may hold a file and a directory of one path
   * @param vanishes whether, and of what, it matters that the listing lacks it
   */
  DiffMerge(Iterator<Map.Entry<byte[], byte[]>> rows, boolean flat, Optional<VanishRule> vanishes) {
    this.rows = rows;
    this.flat = flat;
    this.vanishes = vanishes;
    pending = rows.hasNext() ? rows.next() : null;
  }

  @Override
  public boolean hasNext() {
    while (next == null && pending != null) {
      next = new Key(pending.getKey()).merge();
    }
    return next != null;
  }

  @Override
  public PlannedRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    PlannedRow row = next;
    next = null;
    return row;
  }

  /** The rows of one key. */
  private final class Key {
    private final byte[] key;
    private byte[] listed;
    private byte[] listedDirectory;
    private boolean listedAsDirectory;
    private boolean listedOther;
    private boolean keepsDirectory;
    private final List<Held> held = new ArrayList<>(1);
    private final List<HeldDirectory> heldDirectories = new ArrayList<>(1);
    private final List<DeadRows> heldBelow = new ArrayList<>(0);
    private final List<Tombstone> tombstones = new ArrayList<>(0);

    /** Consumes the rows that have the key of {@code first}. */
    Key(byte[] first) {
      key = SortedRow.sortKey(first);
      while (pending != null && SortedRow.sameKey(first, pending.getKey())) {
        byte[] value = pending.getValue();
        switch (SortedRow.type(pending.getKey())) {
          case SortedRow.LISTED -> listed = value;
          case SortedRow.LISTED_AS_DIRECTORY -> listedAsDirectory = true;
          case SortedRow.LISTED_OTHER -> listedOther = true;
          case SortedRow.HELD -> held.add(Held.read(new RowInput(value)));
          case SortedRow.HELD_AS_DIRECTORY -> addBelow(new RowInput(value), heldBelow);
          case SortedRow.LISTED_DIRECTORY -> listedDirectory = value;
          case SortedRow.HELD_DIRECTORY ->
            heldDirectories.add(HeldDirectory.read(new RowInput(value)));
          case SortedRow.TOMBSTONE -> tombstones.add(Tombstone.read(new RowInput(value)));
          case SortedRow.KEEPS_DIRECTORY -> keepsDirectory = true;
          default ->
            throw new IllegalStateException("row of type " + SortedRow.type(pending.getKey()));
        }
        pending = rows.hasNext() ? rows.next() : null;
      }
    }

    /** What is to be done; null if nothing is. */
    PlannedRow merge() {
      if (listedDirectory != null) {
        return mergeDirectory();
      }
      if (listed != null && listedAsDirectory && flat) {
        return PlannedRow.of(key, PlannedRow.Action.LEAVE_LOOSE, List.of());
      }
      if (listed != null && keepsDirectory) {
        return PlannedRow.of(key, PlannedRow.Action.KEEP_ONLY_COPIES, List.of());
      }
      if (listed != null) {
        return mergeFile();
      }
      if (listedAsDirectory && !held.isEmpty()) {
        return PlannedRow.of(
            key, PlannedRow.Action.REPLACE, held.stream().map(Held::asDead).toList());
      }
      return hasVanished() ? PlannedRow.of(key, PlannedRow.Action.VANISH, heldHere()) : null;
    }

    /** Whether the base has something here that the source has not, and that is no only copy, nor the directory of one. */
    private boolean hasVanished() {
      if (vanishes.isEmpty() || listedAsDirectory || listedOther) {
        return false;
      }
      LogicalPath path = LogicalPath.ofUtf8(SortKey.toPath(key));
      if (!heldDirectories.isEmpty()) {
        return !keepsDirectory && vanishes.get().isLookedForAsDirectory(path);
      }
      return !held.isEmpty()
          && held.stream().noneMatch(Held::reclaimed)
          && vanishes.get().isLookedForAsFile(path);
    }

    private List<DeadRows> heldHere() {
      List<DeadRows> here = new ArrayList<>(held.stream().map(Held::asDead).toList());
      heldDirectories.forEach(
          directory -> here.add(DeadRows.directory(directory.container, directory.row)));
      return here;
    }

    private PlannedRow mergeFile() {
      RowInput in = new RowInput(listed);
      boolean passThrough = in.getByte() != 0;
      long length = in.getLong();
      Attributes attributes = in.getAttributes();
      FileInfo info = new FileInfo(
          LogicalPath.ofUtf8(SortKey.toPath(key)),
          FileInfo.Kind.FILE,
          length,
          attributes,
          in.getString());
      boolean unchanged = held.size() == 1
          && isUnchanged(held.get(0).length, held.get(0).attributes, length, attributes);
      if (unchanged && !isReadAgain(held.get(0).racy, passThrough)) {
        return null;
      }
      if (held.isEmpty()
          && tombstones.stream().anyMatch(stone -> stone.isOfFile(length, attributes))) {
        return null;
      }
      List<DeadRows> dead = heldHere();
      dead.addAll(heldBelow);
      addTombstones(dead);
      return new PlannedRow(
          key,
          passThrough ? PlannedRow.Action.PASS_THROUGH : PlannedRow.Action.FOLD,
          info,
          dead,
          unchanged ? OptionalInt.of(held.get(0).crc32c) : OptionalInt.empty());
    }

    private PlannedRow mergeDirectory() {
      Attributes attributes = new RowInput(listedDirectory).getAttributes();
      HeldDirectory newest = null;
      for (HeldDirectory directory : heldDirectories) {
        if (newest == null || directory.sequence > newest.sequence) {
          newest = directory;
        }
      }
      if (newest != null && newest.attributes.equals(attributes)) {
        return null;
      }
      if (newest == null
          && tombstones.stream().anyMatch(stone -> stone.attributes.equals(attributes))) {
        return null;
      }
      List<DeadRows> dead = heldHere();
      addTombstones(dead);
      FileInfo info = new FileInfo(
          LogicalPath.ofUtf8(SortKey.toPath(key)), FileInfo.Kind.DIRECTORY, 0, attributes, "");
      return new PlannedRow(
          key, PlannedRow.Action.RECORD_DIRECTORY, info, dead, OptionalInt.empty());
    }

    private void addTombstones(List<DeadRows> dead) {
      tombstones.forEach(stone -> dead.add(DeadRows.tombstone(stone.container, stone.row)));
    }
  }

  /** Whether a listed file looks like what is held of its path. */
  static boolean isUnchanged(
      long heldLength, Attributes heldAttributes, long length, Attributes attributes) {
    return heldLength == length && heldAttributes.equals(attributes);
  }

  /** Whether a file that looks unchanged is read all the same. */
  static boolean isReadAgain(boolean racy, boolean passThrough) {
    return racy && !passThrough;
  }

  private static void addBelow(RowInput in, List<DeadRows> below) {
    int container = in.getInt();
    int firstEntry = in.getInt();
    int endEntry = in.getInt();
    int firstDirectory = in.getInt();
    int endDirectory = in.getInt();
    if (firstEntry < endEntry) {
      below.add(DeadRows.uncounted(container, firstEntry, endEntry));
    }
    below.add(DeadRows.uncounted(container, firstDirectory, endDirectory));
  }

  /** The reason for {@link PlannedRow.Action#LEAVE_LOOSE}. */
  static String looseReason() {
    return NO_TREE;
  }

  private record Held(
      int container,
      int ordinal,
      boolean passThrough,
      long length,
      long storedLength,
      Attributes attributes,
      boolean racy,
      int crc32c,
      boolean reclaimed) {
    static Held read(RowInput in) {
      return new Held(
          in.getInt(),
          in.getInt(),
          in.getByte() != 0,
          in.getLong(),
          in.getLong(),
          in.getAttributes(),
          in.getByte() != 0,
          (int) in.getSigned(),
          in.getByte() != 0);
    }

    DeadRows asDead() {
      return DeadRows.entry(container, ordinal, length, storedLength, passThrough);
    }
  }

  private record HeldDirectory(int container, int row, long sequence, Attributes attributes) {
    static HeldDirectory read(RowInput in) {
      return new HeldDirectory(in.getInt(), in.getInt(), in.getLong(), in.getAttributes());
    }
  }

  private record Tombstone(int container, int row, long length, Attributes attributes) {
    static Tombstone read(RowInput in) {
      return new Tombstone(in.getInt(), in.getInt(), in.getLong(), in.getAttributes());
    }

    boolean isOfFile(long listedLength, Attributes listed) {
      return RemovedFiles.areSame(length, attributes, listedLength, listed);
    }
  }
}
