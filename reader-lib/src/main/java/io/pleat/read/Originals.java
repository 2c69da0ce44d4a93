package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.Entry;
import io.pleat.store.FileInfo;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Files at their original places: under the recorded source root, if the reader's own options allow that, and only as
 * long as they are what they were when they were folded. Thread-safe.
 */
final class Originals implements Closeable {
  private final String sourceRoot;
  private final Set<String> allowedRoots;
  private final Map<String, String> configuration;

  // Guarded by this.
  private Store source;
  private boolean closed;

  Originals(String sourceRoot, Set<String> allowedRoots, Map<String, String> configuration) {
    this.sourceRoot = sourceRoot;
    this.allowedRoots = allowedRoots;
    this.configuration = configuration;
  }

  /** Where they are. */
  String root() {
    return sourceRoot;
  }

  /** Whether the reader may read there. */
  boolean isAllowed() {
    return SourceRoots.allow(allowedRoots, sourceRoot);
  }

  /** All bytes of the file that an entry was made of. */
  ByteBuffer read(Entry entry) throws IOException {
    Store store = allowedSource(entry);
    String name = name(store, entry);
    if (entry.length() > Integer.MAX_VALUE - 8) {
      throw new FileSystemException(
          name,
          null,
          "a file of " + entry.length() + " bytes is too large for one buffer; open it instead");
    }
    FileInfo found = unchanged(store, entry);
    ByteBuffer bytes = ByteBuffer.allocate((int) entry.length());
    try {
      store.readUnchanged(found, bytes);
    } catch (SourceChangedException e) {
      PassThroughChangedException changed = new PassThroughChangedException(
          name, describe(entry), "a file that changes (" + e.getMessage() + ")");
      changed.initCause(e);
      throw changed;
    }
    return bytes.flip();
  }

  /** A pass-through entry as a file. That it is unchanged is checked once, after opening it. */
  ByteSource open(Entry entry) throws IOException {
    Store store = allowedSource(entry);
    unchanged(store, entry);
    ByteSource file;
    try {
      file = store.open(entry.path());
    } catch (NoSuchFileException e) {
      throw new PassThroughChangedException(name(store, entry), describe(entry), "nothing");
    }
    try {
      unchanged(store, entry);
      if (file.length() != entry.length()) {
        throw new PassThroughChangedException(
            name(store, entry), describe(entry), file.length() + " bytes");
      }
      return file;
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /**
   * Fails if the reader may not read below the source root.
   *
   * @param path what is to be read there
   */
  void requireAllowed(String path) throws SourceNotAllowedException {
    if (!isAllowed()) {
      throw new SourceNotAllowedException(path, sourceRoot);
    }
  }

  private Store allowedSource(Entry entry) throws IOException {
    requireAllowed(entry.path().toString());
    synchronized (this) {
      checkState(!closed, "the dataset was closed");
      if (source == null) {
        source = Stores.open(sourceRoot, configuration);
      }
      return source;
    }
  }

  private static FileInfo unchanged(Store store, Entry entry) throws IOException {
    Optional<FileInfo> found = store.stat(entry.path());
    if (found.isEmpty()) {
      throw new PassThroughChangedException(name(store, entry), describe(entry), "nothing");
    }
    FileInfo file = found.get();
    Attributes now = file.attributes();
    Attributes then = entry.attributes();
    if (file.kind() != FileInfo.Kind.FILE
        || file.length() != entry.length()
        || now.mtimeSeconds() != then.mtimeSeconds()
        || now.mtimeNanos() != then.mtimeNanos()
        || !now.etag().equals(then.etag())) {
      throw new PassThroughChangedException(
          name(store, entry), describe(entry), describe(file.kind(), file.length(), now));
    }
    return file;
  }

  private static String name(Store store, Entry entry) {
    return store.location() + "/" + entry.path();
  }

  private static String describe(Entry entry) {
    return describe(FileInfo.Kind.FILE, entry.length(), entry.attributes());
  }

  private static String describe(FileInfo.Kind kind, long length, Attributes attributes) {
    return switch (kind) {
      case FILE ->
        length + " bytes of "
            + Instant.ofEpochSecond(attributes.mtimeSeconds(), attributes.mtimeNanos())
            + (attributes.etag().isEmpty() ? "" : " with etag " + attributes.etag());
      case DIRECTORY -> "a directory";
      case SYMBOLIC_LINK -> "a symbolic link";
      case SPECIAL -> "a special file";
    };
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (source != null) {
      source.close();
      source = null;
    }
  }
}
