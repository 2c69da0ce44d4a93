package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;
import java.util.List;

/**
 * What one task rewrites.
 *
 * @param number tells tasks apart
 * @param baseVersion the snapshot that it was planned against
 * @param containers in order of their first keys
 * @param others containers of the snapshot that record directories later than one of these does
 */
record RewriteInput(
    int number,
    long baseVersion,
    List<ContainerSummary> containers,
    List<ContainerSummary> others,
    ContainerRewriter.Shape shape)
    implements Serializable {}
