package io.pleat.read;

import java.io.IOException;

/** A pass-through file is not, at its original place, what it was when it was folded. */
public class PassThroughChangedException extends IOException {
  private static final long serialVersionUID = 1;

  private final String file;

  /**
   * @param file the original, as people would name it
   * @param expected what the dataset recorded
   * @param found what stands there now
   */
  public PassThroughChangedException(String file, String expected, String found) {
    super("pass-through file changed since it was folded: found " + found + ", expected " + expected
        + ": " + file);
    this.file = file;
  }

  /** The original file. */
  public String file() {
    return file;
  }
}
