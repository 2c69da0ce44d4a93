package io.pleat.maintain;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import java.io.Serializable;

/**
 * A file that a rewrite could not carry over, because its stored bytes are damaged or cannot be read: it stays where it is.
 *
 * @param container where its bytes are
 * @param row its ordinal there
 * @param path the root where nobody knows it any more
 * @param length original length in bytes; 0 if not known
 * @param storedLength stored length in bytes; 0 if not known
 * @param reason what is wrong, naming file and offset
 */
public record LeftBehind(
    ContainerId container, int row, LogicalPath path, long length, long storedLength, String reason)
    implements Serializable {}
