package io.pleat.store.hadoop;

import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.protocol.HdfsLocatedFileStatus;
import org.apache.hadoop.hdfs.protocol.LocatedBlock;

/** A mark of an HDFS file's content: inode, then number of blocks, first and last block, generation of the last. */
final class BlockStamp {
  /*
   * A block never changes its bytes under one id and generation: overwriting makes new blocks, appending and truncating a new
   * generation of the last. So whoever opens a file and is given the blocks that were listed reads the bytes that were listed
   * (also in the seconds in which a truncation waits for the data node: the old bytes, whose successor has another mtime).
   */
  private static final String OPEN = "open/";

  private BlockStamp() {}

  /** Whether {@code stamp} is of a file that somebody was writing. */
  static boolean isOpen(String stamp) {
    return stamp.startsWith(OPEN);
  }

  /** The mark in what a listing says; empty unless HDFS says it. */
  static String of(FileStatus status) {
    if (!(status instanceof HdfsFileStatus file)) {
      return "";
    }
    boolean located =
        status instanceof HdfsLocatedFileStatus with && with.getLocatedBlocks() != null;
    boolean open =
        located && ((HdfsLocatedFileStatus) status).getLocatedBlocks().isUnderConstruction();
    return located
        ? (open ? OPEN : "")
            + file.getFileId()
            + blocks(((HdfsLocatedFileStatus) status).getLocatedBlocks().getLocatedBlocks())
        : Long.toString(file.getFileId());
  }

  /** Whether these blocks, at least one, are those that {@code stamp} marks and have {@code length} bytes in all. */
  static boolean names(String stamp, long length, List<LocatedBlock> blocks) {
    return !blocks.isEmpty()
        && stamp.endsWith(blocks(blocks))
        && blocks.stream().mapToLong(LocatedBlock::getBlockSize).sum() == length;
  }

  private static String blocks(List<LocatedBlock> blocks) {
    if (blocks.isEmpty()) {
      return "";
    }
    ExtendedBlock last = blocks.get(blocks.size() - 1).getBlock();
    return "/" + blocks.size() + "/" + blocks.get(0).getBlock().getBlockId() + "/"
        + last.getBlockId() + "/" + last.getGenerationStamp();
  }
}
