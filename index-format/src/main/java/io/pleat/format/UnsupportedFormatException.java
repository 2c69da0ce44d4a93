package io.pleat.format;

import java.io.IOException;

/** A file that is sound but newer than this reader: which version or required feature it asks for, and what is supported. */
public class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1;

  /** @param source the file, as its {@link ByteSource} names it */
  public UnsupportedFormatException(String source, String format, Object... arguments) {
    super(String.format(format, arguments) + ": " + source);
  }
}
