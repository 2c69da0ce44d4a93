package io.pleat.format;

import java.io.IOException;

/** Bytes on storage are not what their writer wrote: what is wrong, in which file, at which offset. */
public class CorruptDataException extends IOException {
  private static final long serialVersionUID = 1;

  private final String source;
  private final long offset;

  /**
   * @param source the damaged file, as its {@link ByteSource} names it
   * @param offset where in it the damage shows, in bytes
   * @param format what was found and what was expected; checksums and magics in hex
   */
  public CorruptDataException(String source, long offset, String format, Object... arguments) {
    super(String.format(format, arguments) + ": " + source + " at offset " + offset);
    this.source = source;
    this.offset = offset;
  }

  /** The damaged file. */
  public String source() {
    return source;
  }

  /** Where the damage shows, in bytes from the start of {@link #source()}. */
  public long offset() {
    return offset;
  }
}
