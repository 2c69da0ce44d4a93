package io.pleat.format;

/** The entry that a scan of an index block stands at; gives its path only if asked. Not to be kept. */
public interface EntryRow {
  /** Its place in the index block, from 0. */
  int ordinal();

  /** Its path. */
  LogicalPath path();

  /** What it takes to read its bytes. */
  PayloadExtent payload();
}
