package io.pleat.store;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One directory tree in some file system. All paths are relative to its root. Symbolic links are listed, never followed, below the
 * root. Thread-safe. {@code toString} is {@link #location()}.
 */
public interface Store extends Closeable {
  /** The root, for people and records: an absolute local path, or a URI. Has no secrets and no trailing slash. */
  String location();

  /** What the store can and cannot do. */
  StoreTraits traits();

  /** What stands at {@code path}, links not followed; nothing if nothing does. */
  Optional<FileInfo> stat(LogicalPath path) throws IOException;

  /**
   * Visits the direct children of a directory, holding a bounded number in memory.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws java.nio.file.NotDirectoryException if it is no directory
   */
  void list(LogicalPath directory, ListingVisitor visitor) throws IOException;

  /**
   * Visits the direct children of a directory as {@link #list(LogicalPath, ListingVisitor)} does, and tells at least {@code detail} of
   * them: attributes beyond it may be unknown, stamps empty.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws java.nio.file.NotDirectoryException if it is no directory
   */
  default void list(LogicalPath directory, ListingDetail detail, ListingVisitor visitor)
      throws IOException {
    list(directory, visitor);
  }

  /**
   * Visits everything below {@code directory}, in one flat listing where the store has one. Of an object store, directories are
   * visited only where a marker object stands for one; keys that are no legal tree are {@code unlistable}, and so is a directory
   * that cannot be listed.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws java.nio.file.NotDirectoryException if it is no directory
   */
  default void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    TreeWalk.walk(this, directory, visitor);
  }

  /**
   * Opens a file for positional reads.
   *
   * @throws NoSuchFileException if it does not exist
   */
  ByteSource open(LogicalPath path) throws IOException;

  /**
   * Opens a file that is known to be there and to have {@code length} bytes, perhaps without asking the store: that it is missing, or has another
   * length, may come out at the first read only.
   *
   * @throws NoSuchFileException if it does not exist
   */
  default ByteSource open(LogicalPath path, long length) throws IOException {
    return open(path);
  }

  /**
   * Reads a whole file that was listed as {@code listed}, and proves that it did not change meanwhile: the bytes read are as many
   * as listed, the file ends there, and it still looks as it was listed after the read. Never follows a link, never opens what
   * is no regular file.
   *
   * @param target has at least {@code listed.length()} bytes remaining; receives exactly so many, and its position advances
   * @throws SourceChangedException if it vanished or is not what was listed
   * @throws IOException if it cannot be read
   */
  void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException;

  /**
   * Starts a new file under a name that nobody else uses, creating parent directories.
   *
   * @throws FileAlreadyExistsException if the name is taken
   */
  ByteSink create(LogicalPath path) throws IOException;

  /**
   * Creates {@code path} holding exactly {@code content}, durable, or changes nothing. Of many callers at once, one succeeds.
   * Parent directories are created.
   *
   * @throws FileAlreadyExistsException if the path exists, whoever created it (perhaps a retry of this very call)
   * @throws CommitStateUnknownException if the store's answer was lost: it may or may not exist, delete nothing
   */
  void createExclusively(LogicalPath path, byte[] content) throws IOException;

  /**
   * Gives the small file at {@code path} exactly {@code content}, durable, in place of whatever file may stand there. Whoever reads it
   * sees the old content or the new one, whole; after a failure it has either. A directory is never replaced. Parent directories are
   * created.
   */
  void overwrite(LogicalPath path, byte[] content) throws IOException;

  /** Creates a directory and its parents; no error if it stands already. Nothing to do in an object store. */
  void createDirectory(LogicalPath path) throws IOException;

  /** Deletes a file, if it exists. */
  void delete(LogicalPath path) throws IOException;

  /**
   * Deletes a directory, if nothing is in it; the root, too. Does nothing if there is no such directory or it holds anything, nor in an
   * object store.
   *
   * @return whether it was deleted
   */
  default boolean deleteIfEmpty(LogicalPath directory) throws IOException {
    return false;
  }

  /**
   * Sets mtime, mode, owner and group of a file or directory as far as the store has them and this user may.
   *
   * @return what could not be set, one line each, empty if all was
   */
  List<String> setAttributes(LogicalPath path, Attributes attributes) throws IOException;

  /**
   * Ends uploads below the root that were begun before {@code before} and never finished, which an object store keeps, and charges for, until
   * somebody does. Nothing to do elsewhere.
   *
   * @return how many there were
   */
  default long abortUploads(Instant before) throws IOException {
    return 0;
  }

  /** Bytes that can still be written at the root, where the store knows; the root need not exist yet. */
  OptionalLong usableSpace() throws IOException;

  /** The encryption zone (or the like) that {@code path} or its nearest existing ancestor lies in; empty if in none. */
  default Optional<String> encryptionZone(LogicalPath path) throws IOException {
    return Optional.empty();
  }

  /** Blocks that a file of {@code length} bytes takes at a name node; 0 where there is none. */
  default long blocksOf(long length) {
    return 0;
  }

  /**
   * Starts a new file as {@link #create} does, that nobody but this user can read until its attributes are set, and that a power cut
   * may take even after it was finished.
   *
   * @throws FileAlreadyExistsException if the name is taken
   */
  default ByteSink createPrivately(LogicalPath path) throws IOException {
    return create(path);
  }

  /**
   * Gives the file at {@code from} the name {@code to}, in the same directory.
   *
   * @throws FileAlreadyExistsException if anything stands at {@code to}, a link to nowhere too; nothing has changed then
   * @throws UnsupportedOperationException in an object store
   */
  default void rename(LogicalPath from, LogicalPath to) throws IOException {
    throw new UnsupportedOperationException("rename " + from + " to " + to);
  }

  /**
   * Gives the file at {@code from} the name {@code to}, in the same directory, in place of a file or link that may stand there. A
   * directory is never replaced.
   *
   * @throws UnsupportedOperationException in an object store
   */
  default void replace(LogicalPath from, LogicalPath to) throws IOException {
    throw new UnsupportedOperationException("replace " + to + " by " + from);
  }

  /**
   * Gives the file at {@code from} the name {@code to}, which nobody else uses, in the same directory, in one step: what stands at {@code from} at
   * that instant, and nothing else, stands at {@code to} afterwards.
   *
   * @throws NoSuchFileException if nothing stands at {@code from}
   * @throws FileAlreadyExistsException if anything stands at {@code to}
   * @throws UnsupportedOperationException in an object store
   */
  default void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    throw new UnsupportedOperationException("move aside " + from + " to " + to);
  }

  /**
   * Moves a file to where this store keeps what its users delete, under the name {@code originally}.
   *
   * @return false if the store has no such place; nothing has changed then
   */
  default boolean moveToTrash(LogicalPath path, LogicalPath originally) throws IOException {
    return false;
  }

  /** Whether {@link #moveToTrash} has a place to move {@code path} to. */
  default boolean hasTrash(LogicalPath path) throws IOException {
    return false;
  }

  /**
   * Deletes a file in one step if it still is what was listed, by its etag; whatever another wrote in its place meanwhile stays.
   *
   * @return false if it is another by now; nothing was deleted then. If it is gone already, either
   * @throws UnsupportedOperationException but in an object store
   */
  default boolean deleteUnchanged(FileInfo listed) throws IOException {
    throw new UnsupportedOperationException("delete " + listed.path() + " if it is unchanged");
  }

  /** How strongly the file is stored, where the store knows. */
  default Optional<Redundancy> redundancy(LogicalPath path) throws IOException {
    return Optional.empty();
  }

  /** Whether the store knew, when it said {@code file}, that somebody had it open for writing. */
  default boolean isBeingWritten(FileInfo file) {
    return false;
  }

  /** Directories at, above or below the root whose snapshots keep the space of what is deleted, as far as this user can see. */
  default List<String> snapshottedDirectories() throws IOException {
    return List.of();
  }
}
