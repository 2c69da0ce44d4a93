package io.pleat.fold;

import java.io.Serializable;

/**
 * What a listing task needs to know beside its directories.
 *
 * @param marksDirectories whether directories are also recorded as if they were files, so that a file that became a directory is
 *     found: when there is a base snapshot, or the store may hold both at one path
 * @param flat whether the source is an object store
 */
record ListingRules(FoldOptions options, AccessRule access, boolean marksDirectories, boolean flat)
    implements Serializable {}
