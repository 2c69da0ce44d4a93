package io.pleat.maintain;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why something failed, on one line. */
final class Reason {
  private Reason() {}

  static String of(Throwable error) {
    String message = error.getMessage() == null ? "" : error.getMessage();
    if (error instanceof FileSystemException e && e.getReason() == null) {
      String what = e instanceof NoSuchFileException
          ? "no such file or directory"
          : e instanceof AccessDeniedException
              ? "permission denied"
              : e instanceof FileAlreadyExistsException
                  ? "exists already"
                  : e instanceof NotDirectoryException ? "not a directory" : "";
      if (!what.isEmpty()) {
        return message.isEmpty() ? what : what + ": " + message;
      }
    }
    return message.isEmpty() ? error.getClass().getSimpleName() : message;
  }
}
