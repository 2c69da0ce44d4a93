package io.pleat.read;

import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadExtent;

/**
 * A live file and where its bytes are.
 *
 * @param container number of its container in the pinned snapshot
 */
record LocatedFile(LogicalPath path, int container, PayloadExtent payload) {}
