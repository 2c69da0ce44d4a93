package io.pleat.format;

import java.util.Optional;

/**
 * One directory of an index block's directory table. Directories are numbered in key order.
 *
 * @param path the directory; empty for the root
 * @param index its place in the table, from 0
 * @param firstEntry ordinal of the first file directly in it
 * @param endEntry ordinal after the last file directly in it; equal to {@code firstEntry} when it has none here
 * @param subtreeEndEntry ordinal after the last file anywhere below it
 * @param subtreeEndIndex index after the last directory below it
 * @param attributes its attributes, if this container is the one that recorded them; absent for a directory that is known only
 *     as the parent of what the container holds
 */
public record DirectoryEntry(
    LogicalPath path,
    int index,
    int firstEntry,
    int endEntry,
    int subtreeEndEntry,
    int subtreeEndIndex,
    Optional<Attributes> attributes) {}
