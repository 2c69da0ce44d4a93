package io.pleat.maintain;

import io.pleat.format.ContainerId;
import java.io.Serializable;

/**
 * A container that cannot be walked: missing, or its index block is damaged.
 *
 * @param reason what is wrong, naming file and offset
 */
public record BrokenContainer(ContainerId container, String reason) implements Serializable {}
