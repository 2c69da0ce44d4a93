package io.pleat.maintain;

import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A local tree and the dataset that holds it, made without an engine. */
public final class FoldedTree {
  /** Larger files are pass-through. */
  public static final int MAX_FILE_SIZE = 100_000;

  private final Path source;
  private final Path dataset;
  private final int filesPerContainer;

  private FoldedTree(Path source, Path dataset, int filesPerContainer) {
    this.source = source;
    this.dataset = dataset;
    this.filesPerContainer = filesPerContainer;
  }

  /** A tree with awkward names, modes and times, in two containers, below {@code directory}. */
  public static FoldedTree awkward(Path directory) throws IOException {
    Path source = Files.createDirectories(directory.resolve("source"));
    Random random = new Random(7);
    List<String> names = List.of(
        "plain",
        "a/b/deep",
        "a/b c/with space",
        "a-b",
        "a.b",
        "new\nline/tab\there",
        "per%20cent#hash:colon*star",
        "back\\slash",
        "emoji-😀/naïve",
        "e\u0301/combining",
        ".hidden/.file",
        "_underscore",
        "n".repeat(255),
        "empty-file");
    for (String name : names) {
      Path file = source.resolve(name);
      Files.createDirectories(file.getParent());
      byte[] content = new byte[name.equals("empty-file") ? 0 : random.nextInt(5000) + 1];
      random.nextBytes(content);
      Files.write(file, content);
    }
    byte[] large = new byte[3 * MAX_FILE_SIZE];
    random.nextBytes(large);
    Files.write(source.resolve("a/large"), large);
    Files.createDirectories(source.resolve("empty/inside"));
    setMode(source.resolve("plain"), 0400);
    setMode(source.resolve("a/b/deep"), 04755);
    setMode(source.resolve("a/b c"), 02750);
    setMode(source.resolve("empty"), 01777);
    setMode(source.resolve("a/b"), 0555);
    List<Path> all = new ArrayList<>();
    try (var paths = Files.walk(source)) {
      paths.forEach(all::add);
    }
    for (Path each : all) {
      Instant time = Instant.ofEpochSecond(random.nextInt(1 << 30), random.nextInt(1_000_000_000));
      Files.setLastModifiedTime(each, FileTime.from(time));
    }
    return of(source, directory.resolve("dataset"), 8);
  }

  /** The dataset of {@code source} at {@code dataset}, which is new. */
  public static FoldedTree of(Path source, Path dataset, int filesPerContainer) throws IOException {
    FoldedTree tree = new FoldedTree(source, dataset, filesPerContainer);
    tree.fold();
    return tree;
  }

  public Path source() {
    return source;
  }

  public Path dataset() {
    return dataset;
  }

  /** The containers' files. */
  public List<Path> containers() throws IOException {
    try (var files = Files.list(dataset.resolve("containers"))) {
      return files.sorted().toList();
    }
  }

  private Snapshot fold() throws IOException {
    try (Store from = Stores.open(source.toString(), Map.of());
        Store to = Stores.open(dataset.toString(), Map.of())) {
      TreeMap<byte[], FileInfo> rows = new TreeMap<>(Arrays::compareUnsigned);
      FileInfo root = from.stat(LogicalPath.ROOT).orElseThrow();
      rows.put(LogicalPath.ROOT.directoryKey(), root);
      from.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          boolean directory = file.kind() == FileInfo.Kind.DIRECTORY;
          rows.put(directory ? file.path().directoryKey() : file.path().fileKey(), file);
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {
          throw new AssertionError(displayName + ": " + reason);
        }
      });
      DatasetBuilder builder = DatasetBuilder.on(to, from.location());
      Content content = new Content();
      int files = 0;
      for (FileInfo row : rows.values()) {
        add(content, row, from);
        files += row.kind() == FileInfo.Kind.FILE ? 1 : 0;
        if (files == filesPerContainer) {
          builder.add(content);
          content = new Content();
          files = 0;
        }
      }
      if (files > 0) {
        builder.add(content);
      }
      return builder.commit();
    }
  }

  private static void add(Content content, FileInfo row, Store from) throws IOException {
    String path = row.path().toString();
    Attributes attributes = row.attributes();
    if (row.kind() == FileInfo.Kind.DIRECTORY) {
      content.directory(path, attributes);
    } else if (row.length() > MAX_FILE_SIZE) {
      content.passThrough(path, row.length(), attributes);
    } else if (row.kind() == FileInfo.Kind.FILE) {
      ByteBuffer bytes = ByteBuffer.allocate((int) row.length());
      from.readUnchanged(row, bytes);
      content.file(path, bytes.array(), attributes);
    }
  }

  /** Path, type, mode, owner, time and content of everything below {@code root}, links not followed. */
  public static Map<String, String> describe(Path root) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    Files.walkFileTree(root, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
          throws IOException {
        return note(directory, attributes);
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        return note(file, attributes);
      }

      private FileVisitResult note(Path path, BasicFileAttributes attributes) throws IOException {
        Map<String, Object> unix = Files.readAttributes(
            path, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        String content = attributes.isRegularFile()
            ? Arrays.hashCode(Files.readAllBytes(path)) + "/" + attributes.size()
            : "";
        tree.put(root.relativize(path).toString(), new TreeMap<>(unix) + " " + content);
        return FileVisitResult.CONTINUE;
      }
    });
    return tree;
  }

  /** Sets permission and special bits. */
  public static void setMode(Path path, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
  }
}
