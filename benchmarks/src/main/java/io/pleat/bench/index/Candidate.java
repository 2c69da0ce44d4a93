package io.pleat.bench.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A way to index a corpus: builds files in a folder, and opens them. */
interface Candidate {
  /** Builds the index of the corpus in {@code corpus} (see {@link CorpusFile}) into the empty {@code folder}. */
  void build(Path corpus, Path folder) throws Exception;

  OpenIndex open(Path folder) throws Exception;

  /** Bytes at rest by section. */
  Map<String, Long> atRest(Path folder) throws IOException;
}
