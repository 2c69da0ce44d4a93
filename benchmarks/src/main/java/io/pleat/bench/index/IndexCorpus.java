package io.pleat.bench.index;

import java.nio.file.Path;

/** Writes a corpus and paths to ask it for. Arguments: {@code CORPUS ENTRIES TREE MTIMES SEED FILE}; the paths go to {@code FILE.queries}. */
public final class IndexCorpus {
  private static final int QUERIES = 1 << 20;

  private IndexCorpus() {}

  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[4]);
    Corpus corpus = Corpus.named(args[0], Path.of(args[2]), Corpus.Mtimes.valueOf(args[3]), seed);
    Path file = Path.of(args[5]);
    CorpusFile.write(file, corpus, Long.parseLong(args[1]));
    Queries.write(queriesOf(file), file, QUERIES, seed);
    long[] bytes = {0, 0};
    CorpusFile.read(file, item -> {
      bytes[0] += item.length;
      bytes[1] += item.size;
    });
    System.out.printf("{\"pathBytes\": %d, \"payloadBytes\": %d}%n", bytes[0], bytes[1]);
  }

  static Path queriesOf(Path corpus) {
    return corpus.resolveSibling(corpus.getFileName() + ".queries");
  }
}
