package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.MirrorDeletes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long life in random steps, compared with a plain model of what must be there. */
class TestLifeOfADataset {
  private static final int STEPS = 60;
  private static final int NAMES = 25;

  @TempDir
  private Path directory;

  /** What the dataset must hold, and what it must know of it. */
  private static final class Model {
    private final Map<String, String> held;

    /** Contents that were removed on purpose. */
    private final Map<String, String> removed;

    /** Paths of files that nobody else has. */
    private final Set<String> onlyCopies;

    private Model() {
      this(new TreeMap<>(), new TreeMap<>(), new HashSet<>());
    }

    private Model(Map<String, String> held, Map<String, String> removed, Set<String> onlyCopies) {
      this.held = held;
      this.removed = removed;
      this.onlyCopies = onlyCopies;
    }

    Model copy() {
      return new Model(new TreeMap<>(held), new TreeMap<>(removed), new HashSet<>(onlyCopies));
    }

    long unreachableIn(Model before) {
      return onlyCopies.stream().filter(path -> !isSame(path, before)).count();
    }

    private boolean isSame(String path, Model before) {
      return held.get(path).equals(before.held.get(path));
    }

    /** What was the only copy then is taken for it again; what has become it since stays it. */
    void rollBackTo(Model before) {
      onlyCopies.removeIf(path -> !isSame(path, before));
      onlyCopies.addAll(before.onlyCopies);
      held.clear();
      held.putAll(before.held);
      removed.clear();
      removed.putAll(before.removed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void datasetHoldsWhatAModelHolds(long seed) throws IOException {
    Random random = new Random(seed);
    LivingTree tree = new LivingTree(directory);
    Model model = new Model();
    Map<Long, Model> history = new HashMap<>();
    tree.write("first", "first");
    tree.fold();
    model.held.put("first", "first");
    long version = 1;
    history.put(version, model.copy());
    int content = 0;
    for (int step = 0; step < STEPS; step++) {
      String what = "seed " + seed + " step " + step;
      List<String> live = new ArrayList<>(model.held.keySet());
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          for (int i = random.nextInt(4); i >= 0; i--) {
            String path = "d" + random.nextInt(4) + "/f" + random.nextInt(NAMES);
            tree.write(path, "content " + content++);
          }
          for (String path : tree.originals().keySet()) {
            if (random.nextInt(12) == 0) {
              tree.delete(path);
            }
          }
        }
        case 3 -> {
          tree.fold();
          fold(tree, model, false);
        }
        case 4 -> {
          tree.fold(MirrorDeletes.ANYWAY);
          fold(tree, model, true);
        }
        case 5 -> {
          if (!live.isEmpty()) {
            String path = live.get(random.nextInt(live.size()));
            tree.rmOnlyCopies(path);
            String gone = model.held.remove(path);
            if (!model.onlyCopies.remove(path)) {
              model.removed.put(path, gone);
            }
          }
        }
        case 6 -> {
          if (!live.isEmpty()) {
            String path = live.get(random.nextInt(live.size()));
            boolean there = model.held.get(path).equals(tree.originals().get(path));
            if (there) {
              tree.reclaim(path);
              model.onlyCopies.add(path);
            }
          }
        }
        default -> {
          long to = 1L + random.nextInt((int) tree.head().version());
          Model before = history.get(to);
          if (to < tree.head().version()) {
            new Rollback(
                    new RollbackRequest(
                        tree.dataset(), Map.of(), to, model.unreachableIn(before), false),
                    new ParquetCatalogWriter())
                .run();
            model.rollBackTo(before);
          }
        }
      }
      for (version++; version <= tree.head().version(); version++) {
        history.put(version, model.copy());
      }
      version = tree.head().version();
      assertThat(tree.held()).as(what).isEqualTo(model.held);
      assertThat(tree.head().statistics().files()).as(what).isEqualTo(model.held.size());
      if (step % 10 == 9) {
        assertThat(tree.findings()).as(what).isEmpty();
      }
    }
    for (Map.Entry<Long, Model> past : history.entrySet()) {
      assertThat(tree.held(past.getKey()))
          .as("seed %s version %s", seed, past.getKey())
          .isEqualTo(past.getValue().held);
    }
    for (String path : model.onlyCopies) {
      assertThat(Files.exists(tree.source().resolve(path)) || tree.held().containsKey(path))
          .as("seed %s: %s", seed, path)
          .isTrue();
    }
  }

  /** Contents are never used twice, so a file equals its tombstone if it has its content. */
  private static void fold(LivingTree tree, Model model, boolean mirror) throws IOException {
    Map<String, String> originals = tree.originals();
    originals.forEach((path, content) -> {
      if (content.equals(model.held.get(path))) {
        return;
      }
      if (!model.held.containsKey(path) && content.equals(model.removed.get(path))) {
        return;
      }
      model.held.put(path, content);
      model.removed.remove(path);
      model.onlyCopies.remove(path);
    });
    if (mirror) {
      model
          .held
          .keySet()
          .removeIf(path -> !originals.containsKey(path) && !model.onlyCopies.contains(path));
    }
  }
}
