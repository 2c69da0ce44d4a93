package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;

/**
 * Entries that one task proves: those of {@code container} from ordinal {@code from} to below {@code to}.
 *
 * @param version the snapshot that says what is live and what is reclaimed
 */
record ProveInput(long version, ContainerSummary container, int from, int to)
    implements Serializable {}
