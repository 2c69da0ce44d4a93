package io.pleat.format;

import java.io.IOException;

/**
 * A part of a file would take more memory than this JVM has left. The file may be sound, and a larger JVM may read it; it may also be made to exhaust
 * whoever reads it. Nothing was allocated.
 */
public final class MemoryLimitException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param source names the file
   * @param offset of what would need the memory, in bytes
   * @param bytes how many it would need
   * @param option what gives a JVM more of them
   */
  public MemoryLimitException(String source, long offset, long bytes, String option) {
    super("what stands here needs %d bytes of memory, more than are free (see %s): %s at offset %d"
        .formatted(bytes, option, source, offset));
  }
}
