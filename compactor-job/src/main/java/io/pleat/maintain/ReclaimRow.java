package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;

/** An original that is to be deleted: what its entry says of it. */
record ReclaimRow(
    LogicalPath path,
    ContainerId container,
    int ordinal,
    long length,
    long mtimeSeconds,
    int mtimeNanos,
    String etag,
    int crc32c) {
  static ReclaimRow of(Entry entry) {
    Attributes attributes = entry.attributes();
    return new ReclaimRow(
        entry.path(),
        entry.extent().container(),
        entry.ordinal(),
        entry.length(),
        attributes.mtimeSeconds(),
        attributes.mtimeNanos(),
        attributes.etag(),
        entry.crc32c());
  }

  /** Whether {@code entry}, perhaps carried over to another container, is still of the same bytes and time. */
  boolean isOf(Entry entry) {
    return !entry.racy()
        && entry.kind() == Entry.Kind.FOLDED
        && entry.crc32c() == crc32c
        && entry.length() == length
        && entry.attributes().mtimeSeconds() == mtimeSeconds
        && entry.attributes().mtimeNanos() == mtimeNanos
        && entry.attributes().etag().equals(etag);
  }

  /** The file as the fold saw it, at its path. */
  FileInfo asListed() {
    Attributes attributes =
        new Attributes(mtimeSeconds, mtimeNanos, Attributes.UNKNOWN_MODE, "", "", etag);
    return new FileInfo(path, FileInfo.Kind.FILE, length, attributes, etag);
  }

  /** Whether a file looks as the fold saw it. */
  boolean looksLike(FileInfo file) {
    return file.kind() == FileInfo.Kind.FILE
        && file.length() == length
        && file.attributes().mtimeSeconds() == mtimeSeconds
        && file.attributes().mtimeNanos() == mtimeNanos
        && file.attributes().etag().equals(etag);
  }
}
