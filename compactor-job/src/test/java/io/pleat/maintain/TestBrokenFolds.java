package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.FoldOptions;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.RegisteredStores;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Folds whose dataset's store breaks at one of their operations. */
class TestBrokenFolds {
  private static final FoldOptions OPTIONS =
      FoldOptions.defaults().withAllowWiderAccess(true).withMirror(MirrorDeletes.ANYWAY);

  @TempDir
  private Path directory;

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFirstFoldIsThereOrNothingIs(Fault fault) throws IOException {
    LivingTree tree = new LivingTree(directory);
    for (int i = 0; i < 8; i++) {
      tree.write("d" + i % 2 + "/f" + i, "content " + i);
    }
    breakEverywhere(fault, tree, new MemoryStore(), Map.of());
  }

  /** New, changed and vanished files, a directory in place of a file, and a file in place of a directory. */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFoldThatMirrorsDeletesIsThereOrTheOldSnapshotIs(Fault fault) throws IOException {
    MemoryStore memory = new MemoryStore();
    LivingTree tree = on(memory, new LivingTree(directory));
    for (int i = 0; i < 12; i++) {
      tree.write("d" + i % 3 + "/f" + i, "content " + i);
    }
    tree.write("e/below", "below a directory");
    tree.fold(OPTIONS);
    Map<String, String> before = tree.originals();
    tree.write("d0/f0", "changed");
    tree.write("d1/new", "new");
    tree.delete("d1/f1");
    tree.deleteTree("e");
    tree.write("e", "a file now");
    tree.delete("d2/f2");
    tree.write("d2/f2/inside", "a directory now");
    breakEverywhere(fault, tree, memory, before);
  }

  private static LivingTree on(Store store, LivingTree tree) {
    return tree.at(RegisteredStores.register(store));
  }

  private static void breakEverywhere(
      Fault fault, LivingTree tree, MemoryStore memory, Map<String, String> before)
      throws IOException {
    Map<String, String> after = tree.originals();
    Set<Map<String, String>> seen = new HashSet<>();
    boolean reached = true;
    for (long at = 0; reached; at++) {
      MemoryStore store = memory.copy();
      FaultyStore faulty = FaultyStore.faultyAt(store, fault, at);
      String what = fault + " at operation " + at;
      try {
        on(faulty, tree).fold(OPTIONS);
      } catch (IOException e) {
        assertThat(fault.isToldBy(e)).as("%s: %s", what, e).isTrue();
      }
      reached = faulty.operations() > at;
      store.crash();
      LivingTree found = on(store, tree);
      boolean isThere = !before.isEmpty()
          || store.files().stream().anyMatch(path -> path.toString().contains("/snapshots/"));
      Map<String, String> held = isThere ? found.held() : Map.of();
      assertThat(held).as(what).isIn(before, after);
      seen.add(held);
      found.fold(OPTIONS); // the next run finishes the work
      assertThat(found.held()).as(what).isEqualTo(after);
      if (at % 8 == 0) {
        assertThat(found.findings()).as(what).isEmpty();
      }
    }
    assertThat(seen).hasSize(2);
  }
}
