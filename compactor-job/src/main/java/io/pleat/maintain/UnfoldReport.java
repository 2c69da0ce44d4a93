package io.pleat.maintain;

/**
 * What an unfold did.
 *
 * @param version the snapshot that was restored
 * @param files files restored, bytes and name
 * @param directories directories that stand, created or found
 * @param bytes bytes of the restored files
 * @param failures files and directories that were not restored
 * @param incomplete files and directories that were restored without some of their attributes
 * @param seconds wall time
 */
public record UnfoldReport(
    long version,
    long files,
    long directories,
    long bytes,
    long failures,
    long incomplete,
    double seconds) {}
