package io.pleat.torture;

import java.util.List;
import java.util.SplittableRandom;

/** One thing that workers do to a dataset, or with it. Thread-safe. */
interface TortureOperation {
  /** One word. */
  String name();

  /** How often it is done, against the others' weights. */
  int weight();

  /** Files that it will name, drawn before it begins. */
  default List<Integer> draw(SplittableRandom random, TortureFiles files) {
    return List.of();
  }

  /**
   * Does it.
   *
   * @return what came of it, a few words
   * @throws io.pleat.torture.WrongException if a promise was broken
   * @throws Exception if it was refused: each of them must be one of those that {@link TortureWorker} knows to be clean
   */
  String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception;
}
