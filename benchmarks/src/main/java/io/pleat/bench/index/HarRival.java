package io.pleat.bench.index;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.HarFileSystem;

/**
 * A Hadoop archive's index (version 3), asked through HarFileSystem.getFileStatus as a client does. The ordinal stands where a file's mtime would,
 * and offsets stay hidden in the client.
 */
final class HarRival implements OpenIndex {
  private final HarFileSystem archive;
  private final org.apache.hadoop.fs.Path root;

  private HarRival(Path folder) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("fs.defaultFS", "file:///");
    archive = new HarFileSystem();
    URI uri = URI.create("har://" + folder.resolve("x.har").toAbsolutePath());
    archive.initialize(uri, configuration);
    root = new org.apache.hadoop.fs.Path(uri);
  }

  private FileStatus get(byte[] path) throws IOException {
    String name = new String(path, StandardCharsets.UTF_8);
    if (name.endsWith("/")) {
      return null;
    }
    try {
      FileStatus status = archive.getFileStatus(new org.apache.hadoop.fs.Path(root, name));
      return status.isFile() ? status : null;
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  @Override
  public int find(byte[] path) throws IOException {
    FileStatus status = get(path);
    return status == null ? -1 : (int) status.getModificationTime();
  }

  @Override
  public int locate(byte[] path, Location location) throws IOException {
    FileStatus status = get(path);
    if (status == null) {
      return -1;
    }
    location.offset = -1;
    location.size = (int) status.getLen();
    return (int) status.getModificationTime();
  }

  @Override
  public void list(PathSink sink) throws IOException {
    list(root, sink);
  }

  private void list(org.apache.hadoop.fs.Path directory, PathSink sink) throws IOException {
    FileStatus[] children = archive.listStatus(directory);
    for (FileStatus child : children) {
      if (child.isFile()) {
        byte[] path = root.toUri()
            .relativize(child.getPath().toUri())
            .getPath()
            .getBytes(StandardCharsets.UTF_8);
        sink.accept(path, path.length);
      }
    }
    for (FileStatus child : children) {
      if (child.isDirectory()) {
        list(child.getPath(), sink);
      }
    }
  }

  @Override
  public boolean hasChecksums() {
    return false;
  }

  @Override
  public boolean listsInKeyOrder() {
    return false;
  }

  @Override
  public Map<String, Long> resident() {
    return Map.of();
  }

  /** A directory whose line cannot be written yet. */
  private record Pending(String path, StringBuilder children) {}

  private static final class IndexWriter implements AutoCloseable {
    private final OutputStream out;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int ordinal;
    long written;

    IndexWriter(Path file) throws IOException {
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
      pending.push(new Pending("", new StringBuilder()));
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    void add(Item item) throws IOException {
      String path = new String(item.path, 0, item.length, StandardCharsets.UTF_8);
      enter(path.substring(0, Math.max(0, path.lastIndexOf('/'))));
      pending
          .peek()
          .children
          .append(' ')
          .append(encoded(path.substring(path.lastIndexOf('/') + 1)));
      line(encoded("/" + path) + " file part-0 " + item.offset + " " + item.size + " "
          + encoded(ordinal++ + " 420 root root") + " ");
    }

    private void enter(String directory) throws IOException {
      while (!isWithin(directory, pending.peek().path)) {
        leave();
      }
      while (!directory.equals(pending.peek().path)) {
        String parent = pending.peek().path;
        int from = parent.isEmpty() ? 0 : parent.length() + 1;
        int to = directory.indexOf('/', from);
        String next = to < 0 ? directory : directory.substring(0, to);
        pending.peek().children.append(' ').append(encoded(next.substring(from)));
        pending.push(new Pending(next, new StringBuilder()));
      }
    }

    private static boolean isWithin(String directory, String ancestor) {
      return ancestor.isEmpty()
          || directory.startsWith(ancestor)
              && (directory.length() == ancestor.length()
                  || directory.charAt(ancestor.length()) == '/');
    }

    private void leave() throws IOException {
      Pending done = pending.pop();
      line(encoded("/" + done.path) + " dir " + encoded("0 493 root root") + " 0 0" + done.children
          + " ");
    }

    private void line(String line) throws IOException {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      out.write(bytes);
      written += bytes.length;
    }

    @Override
    public void close() throws IOException {
      while (!pending.isEmpty()) {
        leave();
      }
      out.close();
    }
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws IOException {
        Path archive = Files.createDirectory(folder.resolve("x.har"));
        IndexWriter index = new IndexWriter(archive.resolve("_index"));
        try (index) {
          CorpusFile.read(corpus, index::add);
        }
        Files.writeString(
            archive.resolve("_masterindex"),
            "3 \n0 " + Integer.MAX_VALUE + " 0 " + index.written + " \n");
        Files.createFile(archive.resolve("part-0"));
      }

      @Override
      public OpenIndex open(Path folder) throws IOException {
        return new HarRival(folder);
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        return Map.of("index", RocksDbRival.bytesOf(folder, "index"));
      }
    };
  }
}
