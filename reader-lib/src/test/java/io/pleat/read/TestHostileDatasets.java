package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.pleat.dataset.ForgedDataset;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.MemoryLimitException;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whoever reads a dataset that was made to do harm gets right bytes or an error that says what is wrong and where, soon, and without much
 * memory.
 */
class TestHostileDatasets {
  /** Heap that reading one of these small datasets may take, in bytes; each of the bombs would take much more. */
  private static final long MOST_HEAP = 32 << 20;

  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir
  private Path directory;

  @ParameterizedTest
  @EnumSource(HostileDataset.class)
  void isRefusedOrHarmless(HostileDataset hostile) throws IOException {
    MemoryStore store = new MemoryStore();
    hostile.write(store, "/no/such/source");
    assertTimeoutPreemptively(LONGEST, () -> {
      readEverything(store); // classes are loaded, and their initial buffers made
      long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
      List<IOException> errors = readEverything(store);
      long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      assertThat(allocated).as("bytes allocated").isLessThan(MOST_HEAP);
      assertTyped(errors);
      if (hostile.readerSays().isPresent()) {
        assertThat(errors)
            .extracting(Throwable::getMessage)
            .anyMatch(message -> message.contains(hostile.readerSays().get()));
      } else {
        assertThat(errors).allMatch(e -> e instanceof NoSuchFileException || isPassThrough(e));
      }
    });
  }

  private static boolean isPassThrough(IOException e) {
    return e instanceof SourceNotAllowedException;
  }

  private static void assertTyped(List<IOException> errors) {
    assertThat(errors).allSatisfy(e -> {
      assertThat(e)
          .isInstanceOfAny(
              CorruptDataException.class,
              UnsupportedFormatException.class,
              MemoryLimitException.class,
              SourceNotAllowedException.class,
              FileSystemException.class);
      if (e instanceof CorruptDataException corrupt) {
        assertThat(corrupt.source()).isNotEmpty();
        assertThat(corrupt.offset()).isNotNegative();
      }
    });
  }

  /** Every way to the files; what failed. Bytes that are given are right. */
  private static List<IOException> readEverything(Store store) {
    List<IOException> errors = new ArrayList<>();
    try (FoldedDataset dataset = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults())) {
      List<LogicalPath> paths = new ArrayList<>();
      HostileDataset.files().keySet().forEach(path -> paths.add(HostileDataset.path(path)));
      paths.add(LogicalPath.of(HostileDataset.PASS_THROUGH));
      paths.add(LogicalPath.of("bomb"));
      attempt(errors, () -> {
        try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
          items.filter(item -> !item.isDirectory()).forEach(item -> paths.add(item.path()));
        }
      });
      attempt(errors, () -> {
        try (Stream<ListedItem> items = dataset.list(LogicalPath.ROOT)) {
          items.forEach(item -> assertThat(item.path().toString()).isNotEmpty());
        }
      });
      for (LogicalPath path : paths) {
        attempt(errors, () -> dataset.locate(path));
        attempt(errors, () -> dataset.find(path));
        attempt(
            errors,
            () -> assertThat(UTF_8.decode(dataset.read(path)).toString())
                .as("%s", path)
                .isEqualToIgnoringCase(HostileDataset.CONTENT));
        attempt(errors, () -> dataset.readPooled(path).close());
        attempt(errors, () -> dataset.readAll(List.of(path)).forEach(bytes -> {}));
      }
    } catch (IOException e) {
      errors.add(e);
    }
    return errors;
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void attempt(List<IOException> errors, Action action) {
    try {
      action.run();
    } catch (IOException e) {
      errors.add(e);
    } catch (UncheckedIOException e) {
      errors.add(e.getCause());
    }
  }

  /** A dataset on a shared disk may hold links to what its reader can read and its author can't. */
  @Test
  void linksInADatasetAreNotFollowed() throws IOException {
    for (String linked : List.of("containers", "_pleat/manifests", "_pleat/snapshots", "_pleat")) {
      Path root = directory.resolve(linked.replace('/', '-'));
      try (Store store = Stores.open(root.toString(), Map.of())) {
        HostileDataset.DEAD_BEYOND_ITS_ROWS.write(store, "/no/such/source");
        Path moved = directory.resolve("moved-" + linked.replace('/', '-'));
        Files.move(root.resolve(linked), moved);
        Files.createSymbolicLink(root.resolve(linked), moved);
        List<IOException> errors = readEverything(store);
        assertThat(errors).as(linked).isNotEmpty();
      }
    }
  }

  @Test
  void aLinkInPlaceOfAContainerIsNotFollowed() throws IOException {
    Path root = directory.resolve("dataset");
    try (Store store = Stores.open(root.toString(), Map.of())) {
      HostileDataset.DEAD_BEYOND_ITS_ROWS.write(store, "/no/such/source");
      try (Stream<Path> containers = Files.list(root.resolve("containers"))) {
        for (Path each : containers.toList()) {
          Path moved = directory.resolve(each.getFileName().toString());
          Files.move(each, moved);
          Files.createSymbolicLink(each, moved);
        }
      }
      List<IOException> errors = readEverything(store);
      assertThat(errors)
          .extracting(Throwable::getMessage)
          .anyMatch(message -> message.contains("is no regular file"));
    }
  }

  @Test
  void anEmptyTextOfARootIsNoReasonToReadAnything() throws IOException {
    MemoryStore store = new MemoryStore();
    HostileDataset.DEAD_BEYOND_ITS_ROWS.write(store, "/no/such/source");
    ForgedDataset.of(store).snapshot(text -> text.replace("/no/such/source", ""));
    assertTyped(readEverything(store));
  }
}
