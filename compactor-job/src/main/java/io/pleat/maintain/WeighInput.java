package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;
import java.util.List;

/** Containers to weigh, as a snapshot has them. */
record WeighInput(long version, List<ContainerSummary> containers) implements Serializable {}
