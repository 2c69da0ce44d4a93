package io.pleat.maintain;

import java.io.Serializable;

/**
 * What came of one list.
 *
 * @param unfinished whether its writer died, so that it means nothing
 */
record Deleted(String list, ReclaimTally tally, boolean unfinished) implements Serializable {}
