package io.pleat.read.cache;

import io.pleat.format.ContainerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands where in a folder of cached chunks:
 *
 * <pre>
 *   usage                        how much is here, see CacheAccount
 *   evict.lock                   held by who makes room
 *   &lt;16 hex digits&gt;/             one dataset, by the hash of its location
 *     location                   its location, for people
 *     usage
 *     &lt;container id&gt;/&lt;chunk number, 8 hex digits&gt;.chunk
 * </pre>
 * Time of modification of a chunk is that of its last use.
 */
final class CacheFolder {
  private static final Pattern DATASET = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern CHUNK = Pattern.compile("([0-9a-f]{8})\\.chunk");
  private static final Pattern TEMPORARY =
      Pattern.compile("[0-9a-f]{8}\\.chunk\\.[0-9a-f-]+\\.tmp");
  private static final int HASH_BYTES = 8;

  private CacheFolder() {}

  /** The folder of a dataset's chunks. */
  static Path dataset(Path folder, String location) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(location.getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(hash, 0, HASH_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  static Path container(Path dataset, ContainerId container) {
    return dataset.resolve(container.toString());
  }

  static Path chunk(Path dataset, ContainerId container, long number) {
    return container(dataset, container).resolve(String.format(Locale.ROOT, "%08x.chunk", number));
  }

  static CacheAccount account(Path folder) {
    return new CacheAccount(folder.resolve("usage"));
  }

  /** Makes the folder, for its owner alone, and that of one dataset. */
  static void make(Path folder, Path dataset, String location) throws IOException {
    if (!Files.isDirectory(folder)) {
      try {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (UnsupportedOperationException e) {
        Files.createDirectories(folder);
      }
    }
    Files.createDirectories(dataset);
    Path name = dataset.resolve("location");
    if (!Files.exists(name)) {
      Files.writeString(name, location);
    }
  }

  /** Takes what is found. */
  interface Visitor {
    /**
     * @param isChunk false for one that is being written, or was when its process died
     */
    void visit(Path file, BasicFileAttributes attributes, boolean isChunk) throws IOException;
  }

  /** Takes a dataset's folder. */
  interface DatasetVisitor {
    void visit(Path dataset) throws IOException;
  }

  /** Visits the folders of all datasets; what vanishes meanwhile is passed over. */
  static void visitDatasets(Path folder, DatasetVisitor visitor) throws IOException {
    visitChildren(folder, DATASET, visitor::visit);
  }

  /** Visits all chunks of a dataset's folder; what vanishes meanwhile is passed over. */
  static void visitChunks(Path dataset, Visitor visitor) throws IOException {
    visitChildren(dataset, CONTAINER, container -> visitChunksOf(container, visitor));
  }

  /** Visits all chunks of a container's folder. */
  static void visitChunksOf(Path container, Visitor visitor) throws IOException {
    visitChildren(container, null, file -> {
      String name = file.getFileName().toString();
      boolean isChunk = CHUNK.matcher(name).matches();
      if (isChunk || TEMPORARY.matcher(name).matches()) {
        try {
          visitor.visit(file, Files.readAttributes(file, BasicFileAttributes.class), isChunk);
        } catch (NoSuchFileException e) {
          return; // somebody else deleted it
        }
      }
    });
  }

  /** Number of a chunk, by its file's name. */
  static long number(Path chunk) {
    Matcher name = CHUNK.matcher(chunk.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1), 16) : -1;
  }

  private interface PathVisitor {
    void visit(Path path) throws IOException;
  }

  private static void visitChildren(Path folder, Pattern names, PathVisitor visitor)
      throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (names == null || names.matcher(child.getFileName().toString()).matches()) {
          visitor.visit(child);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return; // nothing is there
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }
}
