package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;

/**
 * What one task of a reclaim is about.
 *
 * @param version the snapshot that says what is live and what is reclaimed
 * @param list the id of its list of pending originals: to be written when proving, to be read when deleting
 * @param container whose entries are proven; null when deleting
 */
record ReclaimInput(long version, String list, ContainerSummary container, int from, int to)
    implements Serializable {}
