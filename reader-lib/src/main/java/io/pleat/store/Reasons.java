package io.pleat.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What an {@link IOException} of java.nio says, in a few words and without the path. */
final class Reasons {
  private Reasons() {}

  static String of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof NotDirectoryException) {
      return "is no directory";
    }
    String text = e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage();
    return text == null
        ? e.getClass().getSimpleName()
        : text.lines().findFirst().orElse("");
  }

  /** ENOTDIR of a path's parent; java.nio has a type for it only in some calls. */
  static boolean isNotDirectory(IOException e) {
    return e instanceof NotDirectoryException || has(e, "Not a directory");
  }

  /** Whether the file system lacks the call. */
  static boolean isUnsupported(IOException e) {
    return has(e, "Invalid argument") || has(e, "not supported");
  }

  /** Whether a remote file system may have done what it seems to have failed at. */
  static boolean mayBeLostAnswer(IOException e) {
    return has(e, "Input/output error")
        || has(e, "timed out")
        || has(e, "Stale")
        || has(e, "Interrupted")
        || has(e, "not connected")
        || has(e, "I/O error");
  }

  private static boolean has(IOException e, String text) {
    return of(e).contains(text);
  }
}
