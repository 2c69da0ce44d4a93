package io.pleat.fold;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.store.FileInfo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;

/**
 * Merges the sorted rows of a listing and of the base snapshot into what is to be done, key by key: nothing where both agree, a fold where a
 * file is new, changed or racy, and marks on the rows that are replaced. Memory is constant but for the rows of one key.
 */
final class DiffMerge implements Iterator<PlannedRow> {
  private static final String NO_TREE = "not a legal tree: the key is a file and a directory";

  private final Iterator<Map.Entry<byte[], byte[]>> rows;
  private final boolean flat;
  private Map.Entry<byte[], byte[]> pending;
  private PlannedRow next;

  /**
   * @param rows sorted rows with their values, in unsigned byte order, all rows of a key among them
   * @param flat whether the source may hold a file and a directory of one path
   */
  DiffMerge(Iterator<Map.Entry<byte[], byte[]>> rows, boolean flat) {
    this.rows = rows;
    this.flat = flat;
    pending = rows.hasNext() ? rows.next() : null;
  }

  @Override
  public boolean hasNext() {
    while (next == null && pending != null) {
      next = mergeKey();
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

  /** Consumes the rows of the next key; null if they ask for nothing. */
  private PlannedRow mergeKey() {
    byte[] first = pending.getKey();
    byte[] listed = null;
    byte[] listedDirectory = null;
    boolean listedAsDirectory = false;
    List<Held> held = new ArrayList<>(1);
    List<HeldDirectory> heldDirectories = new ArrayList<>(1);
    List<DeadRows> heldBelow = new ArrayList<>(0);
    while (pending != null && SortedRow.sameKey(first, pending.getKey())) {
      byte[] value = pending.getValue();
      switch (SortedRow.type(pending.getKey())) {
        case SortedRow.LISTED -> listed = value;
        case SortedRow.LISTED_AS_DIRECTORY -> listedAsDirectory = true;
        case SortedRow.HELD -> held.add(Held.read(new RowInput(value)));
        case SortedRow.HELD_AS_DIRECTORY -> addBelow(new RowInput(value), heldBelow);
        case SortedRow.LISTED_DIRECTORY -> listedDirectory = value;
        case SortedRow.HELD_DIRECTORY ->
          heldDirectories.add(HeldDirectory.read(new RowInput(value)));
        default ->
          throw new IllegalStateException("row of type " + SortedRow.type(pending.getKey()));
      }
      pending = rows.hasNext() ? rows.next() : null;
    }
    byte[] key = SortedRow.sortKey(first);
    if (listedDirectory != null) {
      return mergeDirectory(key, listedDirectory, heldDirectories);
    }
    if (listed != null && listedAsDirectory && flat) {
      return PlannedRow.of(key, PlannedRow.Action.LEAVE_LOOSE, List.of());
    }
    if (listed != null) {
      return mergeFile(key, listed, held, heldBelow);
    }
    if (listedAsDirectory && !held.isEmpty()) {
      return PlannedRow.of(
          key, PlannedRow.Action.REPLACE, held.stream().map(Held::asDead).toList());
    }
    return null;
  }

  private static PlannedRow mergeFile(
      byte[] key, byte[] listed, List<Held> held, List<DeadRows> heldBelow) {
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
    List<DeadRows> dead = new ArrayList<>(held.stream().map(Held::asDead).toList());
    dead.addAll(heldBelow);
    return new PlannedRow(
        key,
        passThrough ? PlannedRow.Action.PASS_THROUGH : PlannedRow.Action.FOLD,
        info,
        dead,
        unchanged ? OptionalInt.of(held.get(0).crc32c) : OptionalInt.empty());
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

  private static PlannedRow mergeDirectory(byte[] key, byte[] listed, List<HeldDirectory> held) {
    Attributes attributes = new RowInput(listed).getAttributes();
    HeldDirectory newest = null;
    for (HeldDirectory directory : held) {
      if (newest == null || directory.sequence > newest.sequence) {
        newest = directory;
      }
    }
    if (newest != null && newest.attributes.equals(attributes)) {
      return null;
    }
    List<DeadRows> dead = held.stream()
        .map(directory -> DeadRows.directory(directory.container, directory.row))
        .toList();
    FileInfo info = new FileInfo(
        LogicalPath.ofUtf8(SortKey.toPath(key)), FileInfo.Kind.DIRECTORY, 0, attributes, "");
    return new PlannedRow(key, PlannedRow.Action.RECORD_DIRECTORY, info, dead, OptionalInt.empty());
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
      int crc32c) {
    static Held read(RowInput in) {
      return new Held(
          in.getInt(),
          in.getInt(),
          in.getByte() != 0,
          in.getLong(),
          in.getLong(),
          in.getAttributes(),
          in.getByte() != 0,
          (int) in.getSigned());
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
}
