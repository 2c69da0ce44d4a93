package io.pleat.store.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.PathIsNotDirectoryException;
import org.apache.hadoop.fs.PathPermissionException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/** Hadoop's exceptions in java.nio's terms. */
final class Failures {
  private Failures() {}

  /** What a name node said, if it said something. */
  static IOException unwrap(IOException e) {
    return e instanceof RemoteException remote ? remote.unwrapRemoteException() : e;
  }

  /**
   * {@code thrown} as java.nio would say it of {@code file}. Where java.nio has no word for it, it stays as it is, or is cut to its first
   * line: a name node sends its stack along.
   */
  static IOException translate(Object file, IOException thrown) {
    IOException e = unwrap(thrown);
    IOException translated = null;
    if (e instanceof FileNotFoundException) {
      translated = new NoSuchFileException(file.toString());
    } else if (e instanceof org.apache.hadoop.fs.FileAlreadyExistsException) {
      translated = new FileAlreadyExistsException(file.toString());
    } else if (e instanceof ParentNotDirectoryException
        || e instanceof PathIsNotDirectoryException) {
      translated = new NotDirectoryException(file.toString());
    } else if (e instanceof AccessControlException || e instanceof PathPermissionException) {
      translated = new AccessDeniedException(file.toString(), null, firstLine(e));
    }
    if (translated == null && thrown instanceof RemoteException) {
      translated = new IOException(firstLine(e).strip().replaceFirst("\\.$", "") + ": " + file);
    }
    if (translated == null) {
      return e;
    }
    translated.initCause(thrown);
    return translated;
  }

  /** A name that the file system refuses: to the caller's caller that is a file that cannot be kept, no bug. */
  static IOException translate(Object file, IllegalArgumentException thrown) {
    String reason = "the file system cannot hold this name (" + firstLine(thrown) + ")";
    FileSystemException translated = new FileSystemException(file.toString(), null, reason);
    translated.initCause(thrown);
    return translated;
  }

  static String firstLine(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
