package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.SortKey;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestListingTask {
  @TempDir
  Path root;

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 10, 1000})
  void roundsOfAnyBudgetFindEverythingOnce(long budget) throws Exception {
    Random random = new Random(11);
    TreeSet<String> expected = new TreeSet<>(List.of("d "));
    List<String> directories = new ArrayList<>(List.of(""));
    for (int i = 0; i < 300; i++) {
      String parent = directories.get(random.nextInt(directories.size()));
      String path = (parent.isEmpty() ? "" : parent + "/") + "n" + i;
      if (random.nextInt(3) == 0) {
        Files.createDirectory(root.resolve(path));
        directories.add(path);
        expected.add("d " + path);
      } else {
        Files.writeString(root.resolve(path), "x".repeat(random.nextInt(5)));
        expected.add("f " + path);
      }
    }
    ListingTotals totals = new ListingTotals();
    assertThat(list(FoldOptions.defaults(), budget, totals))
        .isEqualTo(expected.stream().sorted().toList());
    assertThat(totals.files)
        .isEqualTo(expected.stream().filter(line -> line.startsWith("f ")).count());
    assertThat(totals.directories).isEqualTo(directories.size());
  }

  @Test
  void linksPipesAndSocketsAreCountedAndNeverFollowed() throws Exception {
    Files.createSymbolicLink(root.resolve("loop"), root);
    Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
    Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
    assertThat(mkfifo.waitFor()).isZero();
    Files.writeString(root.resolve("file"), "x");
    ListingTotals totals = new ListingTotals();
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(root.resolve("socket")));
    }
    assertThat(list(FoldOptions.defaults(), 100, totals)).containsExactly("d ", "f file");
    assertThat(totals.notKept)
        .containsEntry("symbolic link", 2L)
        .containsEntry("pipe, socket or device", 2L);
    assertThat(totals.loose.total()).isZero();
  }

  @Test
  void globsSelectFilesAndPruneDirectories() throws Exception {
    Files.createDirectories(root.resolve("keep/skip"));
    Files.writeString(root.resolve("keep/a.txt"), "x");
    Files.writeString(root.resolve("keep/a.bin"), "x");
    Files.writeString(root.resolve("keep/skip/b.txt"), "x");
    FoldOptions options =
        FoldOptions.defaults().withIncludes(List.of("*.txt")).withExcludes(List.of("keep/skip"));
    assertThat(list(options, 100, new ListingTotals()))
        .containsExactly("d ", "d keep", "f keep/a.txt");
  }

  private List<String> list(FoldOptions options, long budget, ListingTotals totals)
      throws IOException {
    ListingRules rules = new ListingRules(options, AccessRule.NONE, false, false);
    List<String> found = new ArrayList<>();
    Deque<byte[]> units = new ArrayDeque<>(List.of(FoldSteps.rootUnit()));
    try (Store store = Stores.open(root.toString(), Map.of())) {
      while (!units.isEmpty()) {
        ListingUnit unit = ListingUnit.read(new RowInput(units.poll()));
        ListingTask.run(
            store,
            rules,
            Throttle.share(options, 1),
            new ListingBudget(budget, Integer.MAX_VALUE, totals.sampleBound()),
            Collections.singleton(unit).iterator(),
            block -> {
              FoldSteps.leftover(block).forEachRemaining(units::add);
              FoldSteps.forEachRow(block, (row, value) -> found.add(describe(row)));
              totals.add(FoldSteps.totals(List.of(block).iterator()));
            });
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Collections.sort(found);
    return found;
  }

  private static String describe(byte[] row) {
    String path = new String(SortKey.toPath(SortedRow.sortKey(row)), StandardCharsets.UTF_8);
    return (SortedRow.type(row) == SortedRow.LISTED ? "f " : "d ") + path;
  }
}
