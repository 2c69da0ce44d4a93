package io.pleat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A local file that is seen as it was, or whole. */
final class WholeFile {
  private final Path file;

  private WholeFile(Path file) {
    this.file = file;
  }

  /**
   * The file of a name.
   *
   * @throws IllegalArgumentException if a directory has this name
   * @throws NoSuchFileException if its directory is not there
   */
  static WholeFile at(Path path) throws IOException {
    Path file = path.toAbsolutePath();
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(path + " is a directory, a file is needed");
    }
    if (!Files.isDirectory(file.getParent())) {
      throw new NoSuchFileException(
          path.toString(), null, "there is no directory " + file.getParent() + ", make it first");
    }
    return new WholeFile(file);
  }

  /** Writes it, in place of what is there. */
  void write(byte[] content) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
