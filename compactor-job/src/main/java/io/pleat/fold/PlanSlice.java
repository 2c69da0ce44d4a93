package io.pleat.fold;

/**
 * A run of consecutive blocks of one sorted partition: the grain in which containers are cut.
 *
 * @param partition index of the partition
 * @param firstBlock index of its first block within the partition
 * @param blocks how many blocks it has
 * @param rows rows that will stand in the index block: files and directories
 * @param files files to fold or pass through
 * @param bytes payload bytes
 * @param vanished files that are not at the source any more
 */
record PlanSlice(
    int partition, int firstBlock, int blocks, long rows, long files, long bytes, long vanished) {
  void write(RowOutput out) {
    out.putLong(partition)
        .putLong(firstBlock)
        .putLong(blocks)
        .putLong(rows)
        .putLong(files)
        .putLong(bytes)
        .putLong(vanished);
  }

  static PlanSlice read(RowInput in) {
    return new PlanSlice(
        in.getInt(),
        in.getInt(),
        in.getInt(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong());
  }
}
