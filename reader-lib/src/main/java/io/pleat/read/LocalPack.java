package io.pleat.read;

import io.pleat.format.ByteSink;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexPackWriter;
import io.pleat.format.MappedIndexPack;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The index pack of a pinned snapshot in a folder of this machine: made once, however many processes want it, then mapped. */
final class LocalPack {
  /*
   * Nobody needs the pack: what cannot be had is said in the log, and the reader loads index blocks from their containers. A pack appears
   * under its name whole, by a rename, and is never changed; one that turns out to be damaged is deleted, which leaves
   * those who have it mapped in peace. Whoever makes one holds the lock of the folder, which the system takes back if the process dies.
   */
  private static final Logger LOGGER = LoggerFactory.getLogger(LocalPack.class);
  private static final String SUFFIX = ".pack";
  private static final String TEMPORARY_SUFFIX = ".pack.tmp";
  private static final int KEPT = 2;

  /** File systems whose files may change or vanish under a mapping, which kills the process. */
  private static final Set<String> REMOTE = Set.of(
      "afs",
      "ceph",
      "cifs",
      "coda",
      "davfs",
      "gfs2",
      "glusterfs",
      "gpfs",
      "lustre",
      "ncpfs",
      "nfs",
      "nfs4",
      "ocfs2",
      "orangefs",
      "pvfs2",
      "smb2",
      "smb3",
      "smbfs",
      "beegfs",
      "wekafs",
      "9p");

  /** One at a time in this process; the file lock is for the others. */
  private static final Object MAKING = new Object();

  private final Path folder;
  private final Store store;
  private final PinnedSnapshot pinned;
  private final String dataset;
  private final Path file;

  private LocalPack(Path folder, Store store, PinnedSnapshot pinned) {
    this.folder = folder;
    this.store = store;
    this.pinned = pinned;
    this.dataset = digest(store.location());
    this.file = folder.resolve(String.format(
        Locale.ROOT,
        "%s-%020d-%s%s",
        dataset,
        pinned.snapshot().version(),
        pinned.snapshot().commitId(),
        SUFFIX));
  }

  private static String digest(String location) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(location.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Maps the pack of a snapshot, making it first if it is not there. Nothing if it cannot be had. */
  static Optional<MappedIndexPack> open(Path folder, Store store, PinnedSnapshot pinned)
      throws IOException {
    LocalPack local = new LocalPack(folder, store, pinned);
    try {
      Optional<MappedIndexPack> ready = local.map();
      return ready.isPresent() ? ready : local.make();
    } catch (IOException e) {
      Interruptions.rethrow(e);
      LOGGER.warn(
          "no index pack in {}, index blocks are loaded one by one: {}", folder, e.toString());
      return Optional.empty();
    }
  }

  /** Takes a pack that turned out to be damaged out of the way; whoever opens the dataset next makes it anew. */
  static void discard(Path file, Exception damage) {
    LOGGER.warn("index pack {} cannot be used and is deleted: {}", file, damage.getMessage());
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.warn("{} cannot be deleted", file, e);
    }
  }

  private Optional<MappedIndexPack> map() throws IOException {
    try {
      String type = Files.getFileStore(folder).type().toLowerCase(Locale.ROOT);
      if (REMOTE.contains(type) || type.startsWith("fuse")) {
        throw new IOException("a pack is mapped on local disks only, this is " + type);
      }
      return Optional.of(MappedIndexPack.open(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (CorruptDataException | UnsupportedFormatException e) {
      discard(file, e);
      return Optional.empty();
    }
  }

  private Optional<MappedIndexPack> make() throws IOException {
    Files.createDirectories(folder);
    synchronized (MAKING) {
      try (FileChannel lock = FileChannel.open(
          folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock.lock();
        Optional<MappedIndexPack> ready = map();
        if (ready.isPresent()) {
          return ready;
        }
        deleteWhatIsNotNeeded();
        write();
        return map();
      }
    }
  }

  private void write() throws IOException {
    Path temporary = folder.resolve(file.getFileName() + ".tmp");
    try (FileSink sink = new FileSink(temporary)) {
      IndexPackCopy.copy(
          store,
          pinned.snapshot().version(),
          pinned.containers(),
          new IndexPackWriter(sink, IndexPackWriter.Form.INFLATED),
          (container, reason) -> LOGGER.warn("not packed: {}", reason.getMessage()));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Deletes what a process left that died, and this dataset's packs of older snapshots but the newest of them. */
  private void deleteWhatIsNotNeeded() throws IOException {
    List<Path> packs = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        String name = each.getFileName().toString();
        if (name.endsWith(TEMPORARY_SUFFIX)) {
          Files.deleteIfExists(each);
        } else if (name.startsWith(dataset + "-") && name.endsWith(SUFFIX)) {
          packs.add(each);
        }
      }
    }
    packs.sort(Comparator.reverseOrder());
    for (int i = KEPT - 1; i < packs.size(); i++) {
      if (packs.get(i).compareTo(file) < 0) {
        Files.deleteIfExists(packs.get(i));
      }
    }
  }

  /** A file that nobody else writes. It need not survive a power cut: checksums tell. */
  private static final class FileSink implements ByteSink {
    private final Path path;
    private final FileChannel channel;
    private long position;

    FileSink(Path path) throws IOException {
      this.path = path;
      this.channel = FileChannel.open(
          path,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      while (source.hasRemaining()) {
        position += channel.write(source);
      }
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void finish() throws IOException {
      channel.close();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }
}
