package io.pleat.fold;

import io.pleat.fold.DeadRows.Kind;
import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.store.FileInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One thing that a fold has to do, in key order.
 *
 * @param key sort key
 * @param info what was listed; for {@link Action#REPLACE}, {@link Action#VANISH} and those that leave files loose only its path counts
 * @param dead rows of the base snapshot that this replaces
 * @param heldCrc32c of a racy entry that may be unchanged: the CRC32C that the snapshot holds; if the file still has it there is
 *     nothing to do
 */
record PlannedRow(
    byte[] key, Action action, FileInfo info, List<DeadRows> dead, OptionalInt heldCrc32c) {

  /** What to do. */
  enum Action {
    FOLD,
    PASS_THROUGH,
    RECORD_DIRECTORY,
    /** Nothing but to mark rows dead. */
    REPLACE,
    /** The same, as nothing is at the source any more. */
    VANISH,
    /** A key that is no legal tree. */
    LEAVE_LOOSE,
    /** A file where the dataset has a directory of only copies, which it would end. */
    KEEP_ONLY_COPIES
  }

  private static final Action[] ACTIONS = Action.values();
  private static final Attributes NO_ATTRIBUTES =
      new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");

  static PlannedRow of(byte[] key, Action action, List<DeadRows> dead) {
    FileInfo info = new FileInfo(
        LogicalPath.ofUtf8(SortKey.toPath(key)), FileInfo.Kind.FILE, 0, NO_ATTRIBUTES, "");
    return new PlannedRow(key, action, info, dead, OptionalInt.empty());
  }

  LogicalPath path() {
    return info.path();
  }

  /** Whether a file of the base is not at the source any more. */
  boolean isVanishedFile() {
    return action == Action.VANISH
        && dead.stream().noneMatch(rows -> rows.kind() == Kind.DIRECTORY);
  }

  /** Bytes that this adds to a container's payload. */
  long payloadBytes() {
    return action == Action.FOLD ? info.length() : 0;
  }

  void write(RowOutput out) {
    out.putBytes(key).putByte(action.ordinal());
    if (action == Action.FOLD
        || action == Action.PASS_THROUGH
        || action == Action.RECORD_DIRECTORY) {
      out.putLong(info.length()).putAttributes(info.attributes()).putString(info.stamp());
    }
    out.putLong(dead.size());
    dead.forEach(rows -> rows.write(out));
    out.putByte(heldCrc32c.isPresent() ? 1 : 0);
    heldCrc32c.ifPresent(crc -> out.putSigned(crc));
  }

  static PlannedRow read(RowInput in) {
    byte[] key = in.getBytes();
    Action action = ACTIONS[in.getByte()];
    LogicalPath path = LogicalPath.ofUtf8(SortKey.toPath(key));
    FileInfo.Kind kind =
        action == Action.RECORD_DIRECTORY ? FileInfo.Kind.DIRECTORY : FileInfo.Kind.FILE;
    FileInfo info = new FileInfo(path, kind, 0, NO_ATTRIBUTES, "");
    if (action == Action.FOLD
        || action == Action.PASS_THROUGH
        || action == Action.RECORD_DIRECTORY) {
      info = new FileInfo(path, kind, in.getLong(), in.getAttributes(), in.getString());
    }
    int count = in.getInt();
    List<DeadRows> dead = count == 0 ? List.of() : new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      dead.add(DeadRows.read(in));
    }
    OptionalInt held =
        in.getByte() != 0 ? OptionalInt.of((int) in.getSigned()) : OptionalInt.empty();
    return new PlannedRow(key, action, info, dead, held);
  }
}
