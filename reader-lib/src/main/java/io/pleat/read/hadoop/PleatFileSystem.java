package io.pleat.read.hadoop;

import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.RemovedItems;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.HadoopLocation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.CommonConfigurationKeys;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.CompositeCrcFileChecksum;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StorageStatistics;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsLogging;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.impl.IOStatisticsBinding;
import org.apache.hadoop.security.token.DelegationTokenIssuer;
import org.apache.hadoop.util.DataChecksum;
import org.apache.hadoop.util.Progressable;
import org.apache.hadoop.util.functional.RemoteIterators;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folded dataset as a Hadoop file system, {@code pleat://NAME/logical/path}. NAME is what the setting {@code pleat.dataset.NAME}
 * gives a location to, or the location itself as {@link DatasetAuthority} encodes it. It shows the snapshot that was newest when
 * it was initialized, or the one that {@code pleat.dataset.NAME.version} says; with {@code pleat.overlay} the loose files of the
 * source tree, too, where writes then go. All settings are in docs/filesystem.md. Thread-safe.
 */
public final class PleatFileSystem extends FileSystem implements IOStatisticsSource {
  /** Scheme of its URIs. */
  public static final String SCHEME = "pleat";

  private static final Logger LOG = LoggerFactory.getLogger(PleatFileSystem.class);
  private static final int CRC_BYTES = 512; // said to readers of checksums, and of no consequence
  private static final int PIECE_LENGTH = 1 << 20;

  private URI uri;
  private Path workingDirectory;
  private String location;
  private Statuses statuses;
  private IOStatistics ioStatistics = IOStatisticsBinding.emptyStatistics();
  private StorageStatistics storageStatistics;
  private volatile Tree tree;
  private FileSystem store;
  private boolean ownsStore;

  // Of an overlay only.
  private FileSystem source;
  private boolean ownsSource;
  private SourceWrites writes;
  private LongSupplier clock = System::nanoTime;

  /** Called by Hadoop. */
  public PleatFileSystem() {}

  /** @param clock as System.nanoTime */
  PleatFileSystem(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  /**
   * Pins a snapshot.
   *
   * @throws IOException if the authority names no dataset, or there is none
   */
  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    String authority = name.getAuthority();
    PleatSettings settings = PleatSettings.of(authority, conf);
    try {
      uri = new URI(SCHEME, authority, null, null, null);
    } catch (URISyntaxException e) {
      throw new IOException("pleat://" + authority + " is no URI: " + e.getMessage(), e);
    }
    workingDirectory = new Path(uri.toString(), "/");
    try {
      FoldedDataset dataset = settings.open(PleatSettings.beyondDefaults(conf));
      try {
        show(dataset, authority, settings);
      } catch (Throwable e) {
        dataset.close();
        throw e;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(uri + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException(
          uri + " cannot be opened, its dataset being at " + settings.location() + ": "
              + e.getMessage(),
          e);
    }
  }

  private void show(FoldedDataset dataset, String authority, PleatSettings settings)
      throws IOException {
    location = dataset.location();
    ioStatistics = ReadIoStatistics.of(dataset.statistics());
    storageStatistics =
        IOStatisticsBinding.publishAsStorageStatistics(uri.toString(), SCHEME, ioStatistics);
    HadoopLocation place = HadoopLocation.ofStore(location);
    Path root = place.resolve(LogicalPath.ROOT);
    store = root.getFileSystem(getConf());
    ownsStore = ownsWhatItGets(place);
    statuses = new Statuses(
        authority,
        dataset.snapshot().committedAt(),
        store.getDefaultReplication(root),
        store.getDefaultBlockSize(root));
    FoldedTree folded = new FoldedTree(dataset, statuses, new ContainerBlocks(store, place));
    if (settings.overlay()) {
      overlay(dataset, folded, settings);
    } else {
      tree = folded;
    }
  }

  private void overlay(FoldedDataset dataset, FoldedTree folded, PleatSettings settings)
      throws IOException {
    String root = dataset.snapshot().sourceRoot();
    if (!dataset.maySeeSource()) {
      throw new IOException(PleatSettings.OVERLAY + " is on, but its source root " + root
          + " is not allowed: allow it by " + PleatSettings.SOURCE_ROOTS + "=" + root);
    }
    HadoopLocation place = HadoopLocation.ofStore(root);
    source = place.resolve(LogicalPath.ROOT).getFileSystem(getConf());
    if (source instanceof LocalFileSystem local) {
      source = local.getRaw(); // the other writes a file of checksums beside each file
    }
    ownsSource = ownsWhatItGets(place);
    RemovedItems removed = dataset.removedItems();
    Store originals = Stores.open(root, PleatSettings.beyondDefaults(getConf()));
    LooseItems loose = new LooseItems(originals, dataset, removed, settings.refreshNanos(), clock);
    tree = new OverlaidTree(folded, loose, removed, originals, source, place, statuses);
    writes = new SourceWrites(dataset, tree, loose, originals, source, place, statuses);
  }

  private boolean ownsWhatItGets(HadoopLocation place) {
    return getConf().getBoolean("fs." + place.scheme() + ".impl.disable.cache", false);
  }

  @Override
  public URI getUri() {
    return uri;
  }

  /** None: the dataset's store has a service name, and tokens. */
  @Override
  public String getCanonicalServiceName() {
    return null;
  }

  @Override
  public DelegationTokenIssuer[] getAdditionalTokenIssuers() {
    return source == null
        ? new DelegationTokenIssuer[] {store}
        : new DelegationTokenIssuer[] {store, source};
  }

  /** What was done through this file system since it was opened, as {@link #getIOStatistics} shows it; it cannot be reset. */
  @Override
  public StorageStatistics getStorageStatistics() {
    return storageStatistics == null ? super.getStorageStatistics() : storageStatistics;
  }

  /** What was done through this file system since it was opened; the names are in docs/filesystem.md. */
  @Override
  public IOStatistics getIOStatistics() {
    return ioStatistics;
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = makeQualified(directory);
  }

  @Override
  public short getDefaultReplication(Path path) {
    return store.getDefaultReplication(new Path("/"));
  }

  @Override
  public long getDefaultBlockSize(Path path) {
    return store.getDefaultBlockSize(new Path("/"));
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return switch (capability.toLowerCase(Locale.ROOT)) {
      case CommonPathCapabilities.FS_CHECKSUMS -> true;
      case CommonPathCapabilities.FS_READ_ONLY_CONNECTOR -> writes == null;
      default -> super.hasPathCapability(path, capability);
    };
  }

  /**
   * The logical path of a path.
   *
   * @throws FileNotFoundException if nothing can have this path
   */
  private LogicalPath logical(Path path) throws FileNotFoundException {
    URI given = path.toUri();
    if (given.getScheme() != null || given.getAuthority() != null) {
      checkPath(path);
    }
    String absolute = given.getPath();
    if (!absolute.startsWith(Path.SEPARATOR)) {
      absolute = new Path(workingDirectory, path).toUri().getPath();
    }
    try {
      return absolute.length() <= 1 ? LogicalPath.ROOT : LogicalPath.of(absolute.substring(1));
    } catch (IllegalArgumentException e) {
      FileNotFoundException missing =
          new FileNotFoundException(path + " is no path of a dataset: " + e.getMessage());
      missing.initCause(e);
      throw missing;
    }
  }

  private Tree tree() throws IOException {
    Tree current = tree;
    if (current == null) {
      throw new IOException(uri + ": the file system was closed");
    }
    return current;
  }

  private TreeItem item(Path path) throws IOException {
    LogicalPath logical = logical(path);
    return tree().find(logical).orElseThrow(() -> missing(path));
  }

  private FileNotFoundException missing(Path path) {
    return new FileNotFoundException(
        makeQualified(path) + " is neither file nor directory of " + location);
  }

  // ---- reading

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    LogicalPath logical = logical(path);
    Tree opened = tree();
    OpenedFile file = opened.open(logical);
    statistics.incrementReadOps(1);
    return new FSDataInputStream(
        new PleatInputStream(path, file, () -> opened.open(logical), statistics));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    statistics.incrementReadOps(1);
    return item(path).status();
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    RemoteIterator<FileStatus> all = listStatusIterator(path);
    while (all.hasNext()) {
      found.add(all.next());
    }
    return found.toArray(FileStatus[]::new);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
    RemoteIterator<TreeItem> items = children(path);
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() throws IOException {
        return items.hasNext();
      }

      @Override
      public FileStatus next() throws IOException {
        return items.next().status();
      }
    };
  }

  @Override
  protected RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path, PathFilter filter)
      throws IOException {
    return located(children(path), item -> filter.accept(item.status().getPath()));
  }

  /** The files of a directory or all below it, in one sweep over the index, or the file itself. */
  @Override
  public RemoteIterator<LocatedFileStatus> listFiles(Path path, boolean recursive)
      throws IOException {
    if (!recursive) {
      return located(children(path), item -> item.status().isFile());
    }
    statistics.incrementReadOps(1);
    TreeItem top = item(path);
    return located(
        top.status().isFile() ? only(top) : tree().below(top.path()),
        item -> item.status().isFile());
  }

  /** The children of a directory; a file is its own only one. */
  private RemoteIterator<TreeItem> children(Path path) throws IOException {
    statistics.incrementReadOps(1);
    TreeItem top = item(path);
    return top.status().isFile() ? only(top) : tree().children(top.path());
  }

  private static RemoteIterator<TreeItem> only(TreeItem item) {
    return RemoteIterators.remoteIteratorFromSingleton(item);
  }

  private interface ItemFilter {
    boolean accepts(TreeItem item);
  }

  private RemoteIterator<LocatedFileStatus> located(
      RemoteIterator<TreeItem> items, ItemFilter filter) throws IOException {
    Tree listed = tree();
    return new RemoteIterator<>() {
      private TreeItem next;

      @Override
      public boolean hasNext() throws IOException {
        while (next == null && items.hasNext()) {
          TreeItem item = items.next();
          next = filter.accepts(item) ? item : null;
        }
        return next != null;
      }

      @Override
      public LocatedFileStatus next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException("nothing is left to list");
        }
        TreeItem item = next;
        next = null;
        return new LocatedFileStatus(
            item.status(),
            item.status().isFile() ? listed.locations(item, 0, item.status().getLen()) : null);
      }
    };
  }

  @Override
  public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length)
      throws IOException {
    if (file == null) {
      return null;
    }
    if (start < 0 || length < 0) {
      throw new IllegalArgumentException("negative range: " + start + "+" + length);
    }
    if (file.isDirectory() || start >= file.getLen()) {
      return new BlockLocation[0];
    }
    return tree().locations(item(file.getPath()), start, length);
  }

  /** Counted in one sweep over the index; no call to any store. */
  @Override
  public ContentSummary getContentSummary(Path path) throws IOException {
    statistics.incrementReadOps(1);
    TreeItem top = item(path);
    long files = 0;
    long directories = 0;
    long bytes = 0;
    if (top.status().isFile()) {
      files = 1;
      bytes = top.status().getLen();
    } else {
      directories = 1;
      RemoteIterator<TreeItem> below = tree().below(top.path());
      while (below.hasNext()) {
        FileStatus status = below.next().status();
        if (status.isDirectory()) {
          directories++;
        } else {
          files++;
          bytes += status.getLen();
        }
      }
    }
    return new ContentSummary.Builder()
        .length(bytes)
        .fileCount(files)
        .directoryCount(directories)
        .spaceConsumed(bytes)
        .build();
  }

  /**
   * The CRC32C of a file's bytes, from the index where the file is folded. It is what HDFS gives with {@code
   * dfs.checksum.combine.mode=COMPOSITE_CRC}, and equals that for equal bytes.
   */
  @Override
  public FileChecksum getFileChecksum(Path path, long length) throws IOException {
    statistics.incrementReadOps(1);
    TreeItem file = item(path);
    if (file.status().isDirectory()) {
      throw new FileNotFoundException(path + " is a directory");
    }
    int crc = file.isFolded() && length >= file.status().getLen()
        ? file.entry().get().crc32c()
        : crcOf(file.path(), length);
    return new CompositeCrcFileChecksum(crc, DataChecksum.Type.CRC32C, CRC_BYTES);
  }

  private int crcOf(LogicalPath path, long length) throws IOException {
    CRC32C crc = new CRC32C();
    try (ByteSource file = tree().open(path).source()) {
      long end = Math.min(length, file.length());
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_LENGTH, end));
      for (long at = 0; at < end; at += piece.limit()) {
        piece.clear().limit((int) Math.min(piece.capacity(), end - at));
        file.readFully(at, piece);
        crc.update(piece.flip());
      }
    }
    return (int) crc.getValue();
  }

  // ---- writing

  /** Where writes go; without an overlay the answer is no. */
  private SourceWrites writes(Path path, String what) throws PathIOException {
    if (writes == null) {
      throw refused(path, what);
    }
    statistics.incrementWriteOps(1);
    return writes;
  }

  private PathIOException refused(Path path, String what) {
    return new PathIOException(
        path.toString(),
        "cannot " + what + ": " + uri + " is read-only, a snapshot of " + location
            + "; write to the source tree, or set " + PleatSettings.OVERLAY + "=true and "
            + PleatSettings.SOURCE_ROOTS);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return writes(path, "create")
        .create(logical(path), permission, overwrite, false, bufferSize, replication, blockSize);
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return writes(path, "create")
        .create(
            logical(path),
            permission,
            flags.contains(CreateFlag.OVERWRITE),
            true,
            bufferSize,
            replication,
            blockSize);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress)
      throws IOException {
    return writes(path, "append").append(logical(path), bufferSize);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    return writes(from, "rename").rename(logical(from), logical(to));
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    if (writes == null && tree().find(logical(path)).isEmpty()) {
      return false;
    }
    return writes(path, "delete").delete(logical(path), recursive);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    if (writes == null) {
      Optional<TreeItem> found = tree().find(logical(path));
      if (found.isPresent() && found.get().status().isDirectory()) {
        return true;
      }
    }
    return writes(path, "make the directory").mkdirs(logical(path), permission);
  }

  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    writes(path, "set the mode").setPermission(logical(path), permission);
  }

  @Override
  public void setOwner(Path path, String owner, String group) throws IOException {
    writes(path, "set the owner").setOwner(logical(path), owner, group);
  }

  @Override
  public void setTimes(Path path, long modified, long accessed) throws IOException {
    writes(path, "set the time").setTimes(logical(path), modified, accessed);
  }

  @Override
  public boolean setReplication(Path path, short replication) throws IOException {
    throw refused(path, "set the replication");
  }

  /** Lets go of the snapshot; the file system of the dataset's store is shared, and stays open. */
  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      Tree closing = tree;
      tree = null;
      if (closing != null) {
        IOStatisticsLogging.logIOStatisticsAtLevel(
            LOG,
            getConf()
                .getTrimmed(
                    CommonConfigurationKeys.IOSTATISTICS_LOGGING_LEVEL,
                    CommonConfigurationKeys.IOSTATISTICS_LOGGING_LEVEL_DEFAULT),
            this);
        closing.close();
        if (ownsStore) {
          store.close();
        }
        if (ownsSource) {
          source.close();
        }
      }
    }
  }

  @Override
  public String toString() {
    return "PleatFileSystem{" + uri + " at " + location + "}";
  }
}
