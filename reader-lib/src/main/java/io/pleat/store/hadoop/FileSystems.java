package io.pleat.store.hadoop;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Hadoop file systems of our own, shared by the stores of equal location, settings and user. Hadoop's cache is no use here: it
 * ignores settings, and what it gives is not ours to close.
 */
final class FileSystems {
  /* A task opens a store, uses it and closes it; an S3A client takes a tenth of a second to make. So a few idle ones wait. */
  private static final int MAX_IDLE = 4;

  private static final int MAX_IDLE_CONNECTIONS = 128;

  private static final String CLOSE_DELAY =
      "dfs.client.block.write.locateFollowingBlock.initial.delay.ms";
  private static final String CLOSE_RETRIES = "dfs.client.block.write.locateFollowingBlock.retries";

  private static final String CONTEXT = "dfs.client.context";
  private static final String IDLE_CONNECTIONS = "dfs.client.socketcache.capacity";

  private record Key(
      String scheme,
      String authority,
      Map<String, String> configuration,
      UserGroupInformation user) {}

  /** One use of a shared file system; closing it twice is harmless. */
  static final class Lease implements AutoCloseable {
    private final Shared shared;
    private boolean open = true;

    private Lease(Shared shared) {
      this.shared = shared;
    }

    FileSystem fileSystem() {
      return shared.fileSystem;
    }

    @Override
    public void close() throws IOException {
      FileSystem surplus = null;
      synchronized (SHARED) {
        if (open) {
          open = false;
          surplus = release(shared);
        }
      }
      if (surplus != null) {
        surplus.close();
      }
    }
  }

  private static final class Shared {
    final Key key;
    final FileSystem fileSystem;
    int leases;

    Shared(Key key, FileSystem fileSystem) {
      this.key = key;
      this.fileSystem = fileSystem;
    }
  }

  private static final Map<Key, Shared> SHARED = new HashMap<>();
  private static final Deque<Shared> IDLE = new ArrayDeque<>();

  private FileSystems() {}

  /** @throws IllegalArgumentException if Hadoop knows no such file system */
  static Lease lease(HadoopLocation location, Map<String, String> configuration)
      throws IOException {
    Key key = new Key(
        location.scheme(),
        location.authority(),
        Map.copyOf(configuration),
        UserGroupInformation.getCurrentUser());
    synchronized (SHARED) {
      Shared shared = SHARED.get(key);
      if (shared == null) {
        shared = new Shared(key, open(location, configuration));
        SHARED.put(key, shared);
      }
      IDLE.remove(shared);
      shared.leases++;
      return new Lease(shared);
    }
  }

  private static FileSystem release(Shared shared) {
    if (--shared.leases > 0) {
      return null;
    }
    IDLE.addLast(shared);
    if (IDLE.size() <= MAX_IDLE) {
      return null;
    }
    Shared eldest = IDLE.removeFirst();
    SHARED.remove(eldest.key);
    return eldest.fileSystem;
  }

  private static FileSystem open(HadoopLocation location, Map<String, String> configuration)
      throws IOException {
    Configuration conf = configuration(configuration);
    try {
      URI uri = location.authority().isEmpty()
          ? URI.create(location.scheme() + ":///")
          : new URI(location.scheme(), location.authority(), "/", null, null);
      NameNodeReach.require(uri, conf);
      return FileSystem.newInstance(uri, conf);
    } catch (UnsupportedFileSystemException e) {
      throw new IllegalArgumentException(
          "no Hadoop file system for scheme '" + location.scheme() + "': " + location, e);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("malformed location: " + location, e);
    }
  }

  /** The class path's settings with {@code configuration} over them. */
  static Configuration configuration(Map<String, String> configuration) {
    Configuration conf = new HdfsConfiguration();
    configuration.forEach(conf::set);
    // The client sleeps before it asks again whether a closed block was reported: 400 ms at first,
    // where 2 usually do. More
    // and more, it still asks for as long as before.
    if (isDefault(conf, CLOSE_DELAY) && isDefault(conf, CLOSE_RETRIES)) {
      conf.setInt(CLOSE_DELAY, 2);
      conf.setInt(CLOSE_RETRIES, 13);
    }
    // A connection to a data node serves one read at a time, and 16 of them are kept for the next
    // read: with more reads at once the others are opened anew each time, with a thread there. What
    // keeps them is a JVM's, whoever comes first: hence one of our own.
    if (isDefault(conf, CONTEXT) && isDefault(conf, IDLE_CONNECTIONS)) {
      conf.set(CONTEXT, "pleat");
      conf.setInt(IDLE_CONNECTIONS, MAX_IDLE_CONNECTIONS);
    }
    return conf;
  }

  private static boolean isDefault(Configuration conf, String name) {
    String[] sources = conf.getPropertySources(name);
    return sources == null
        || sources.length == 0
        || sources[sources.length - 1].endsWith("-default.xml");
  }
}
