package io.pleat.bench.index;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Builds a candidate. Arguments: {@code CANDIDATE CORPUS FOLDER}; prints CPU seconds, and what reading the corpus takes of them, as JSON. */
public final class IndexBuild {
  private IndexBuild() {}

  public static void main(String[] args) throws Exception {
    Path corpus = Path.of(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2]));
    long start = CpuTime.nanosWithCollections();
    Candidates.named(args[0]).build(corpus, folder);
    long built = CpuTime.nanosWithCollections();
    CorpusFile.read(corpus, item -> {});
    long read = CpuTime.nanosWithCollections();
    System.out.printf(
        Locale.ROOT,
        "{\"seconds\": %.4f, \"reading\": %.4f}%n",
        (built - start) / 1e9,
        (read - built) / 1e9);
  }
}
