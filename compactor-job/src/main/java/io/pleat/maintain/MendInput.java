package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;
import java.util.List;

/**
 * A container to check, and to mend if it is damaged.
 *
 * @param number tells tasks apart
 * @param version the snapshot that has it
 * @param others containers that record directories later than this one
 * @param filter whether what takes its place gets a filter
 */
record MendInput(
    int number,
    long version,
    ContainerSummary container,
    List<ContainerSummary> others,
    boolean filter)
    implements Serializable {}
