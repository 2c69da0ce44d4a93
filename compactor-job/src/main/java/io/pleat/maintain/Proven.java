package io.pleat.maintain;

import io.pleat.format.ContainerId;
import java.io.Serializable;

/**
 * What one task proved.
 *
 * @param list the id of the list that names it; there is none where the tally has no rows
 */
record Proven(ContainerId container, String list, ReclaimTally tally) implements Serializable {}
