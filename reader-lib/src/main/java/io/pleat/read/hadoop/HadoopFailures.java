package io.pleat.read.hadoop;

import io.pleat.read.SourceNotAllowedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** The library's exceptions in the terms of Hadoop and its settings. */
public final class HadoopFailures {
  private HadoopFailures() {}

  /** {@code e} as Hadoop would say it of {@code path}; itself where Hadoop has no word for it. */
  public static IOException translate(Path path, IOException e) {
    IOException translated;
    if (e instanceof NoSuchFileException missing) {
      translated = new FileNotFoundException(
          path + ": " + (missing.getReason() == null ? "no such file" : missing.getReason()));
    } else if (e instanceof NotDirectoryException) {
      translated = new ParentNotDirectoryException(path + " is a file");
    } else if (e instanceof AccessDeniedException) {
      translated = new AccessControlException(path + ": " + e.getMessage());
    } else if (e instanceof SourceNotAllowedException refused) {
      translated = new AccessControlException(path + " was too large to fold and stayed under "
          + refused.sourceRoot() + ", which this reader may not read: allow it by the setting "
          + PleatSettings.SOURCE_ROOTS + "=" + refused.sourceRoot());
    } else if (e.getClass() == FileSystemException.class
        && "is a directory".equals(((FileSystemException) e).getReason())) {
      translated = new FileNotFoundException(path + " is a directory");
    } else {
      return e;
    }
    translated.initCause(e);
    return translated;
  }

  /** What a stream of the library's failed with. */
  static IOException translate(Path path, UncheckedIOException e) {
    return translate(path, e.getCause());
  }
}
