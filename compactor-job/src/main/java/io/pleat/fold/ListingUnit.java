package io.pleat.fold;

import io.pleat.format.LogicalPath;

/**
 * A directory still to be listed.
 *
 * @param reach who can get to it, see {@link AccessRule}
 * @param depth levels below the source root
 */
record ListingUnit(LogicalPath directory, int reach, int depth) {
  void write(RowOutput out) {
    out.putBytes(directory.utf8()).putByte(reach).putLong(depth);
  }

  static ListingUnit read(RowInput in) {
    return new ListingUnit(LogicalPath.ofUtf8(in.getBytes()), in.getByte(), in.getInt());
  }
}
