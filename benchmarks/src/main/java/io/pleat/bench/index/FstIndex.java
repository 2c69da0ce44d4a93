package io.pleat.bench.index;

import io.pleat.format.SortKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.store.DataInput;
import org.apache.lucene.store.InputStreamDataInput;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.IntsRef;
import org.apache.lucene.util.IntsRefBuilder;
import org.apache.lucene.util.fst.BytesRefFSTEnum;
import org.apache.lucene.util.fst.FST;
import org.apache.lucene.util.fst.FSTCompiler;
import org.apache.lucene.util.fst.PositiveIntOutputs;
import org.apache.lucene.util.fst.Util;

/** Lucene's finite state transducer from sort keys to ordinals, and extents by ordinal. */
final class FstIndex implements OpenIndex {
  private static final String NAME = "fst";

  private final FST<Long> fst;
  private final Extents extents;
  private final Map<String, Long> resident = new LinkedHashMap<>();

  private FstIndex(FST<Long> fst, long fstLength, Map<String, ByteBuffer> sections) {
    this.fst = fst;
    extents = new Extents(sections);
    resident.put(NAME, fstLength);
    sections.forEach((name, bytes) -> resident.put(name, bytes.capacity() - 16L));
  }

  @Override
  public int find(byte[] path) throws IOException {
    byte[] key = SortKey.ofFile(path);
    Long ordinal = Util.get(fst, new BytesRef(key));
    return ordinal == null ? -1 : (int) (ordinal - 1);
  }

  @Override
  public int locate(byte[] path, Location location) throws IOException {
    int ordinal = find(path);
    if (ordinal >= 0) {
      extents.locate(ordinal, location);
    }
    return ordinal;
  }

  @Override
  public void list(PathSink sink) throws IOException {
    BytesRefFSTEnum<Long> all = new BytesRefFSTEnum<>(fst);
    while (all.next() != null) {
      BytesRef key = all.current().input;
      byte[] path = SortKey.toPath(
          java.util.Arrays.copyOfRange(key.bytes, key.offset, key.offset + key.length));
      sink.accept(path, path.length);
    }
  }

  @Override
  public Map<String, Long> resident() {
    return resident;
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws IOException {
        FSTCompiler<Long> compiler = new FSTCompiler.Builder<>(
                FST.INPUT_TYPE.BYTE1, PositiveIntOutputs.getSingleton())
            .build();
        try (SectionFile.Writer out = new SectionFile.Writer(folder.resolve("index"))) {
          Extents.Builder extents = new Extents.Builder(out);
          IntsRefBuilder input = new IntsRefBuilder();
          long[] ordinal = {0};
          CorpusFile.read(corpus, item -> {
            extents.add(item);
            IntsRef key = Util.toIntsRef(new BytesRef(SortKey.ofFile(item.pathBytes())), input);
            compiler.add(key, ++ordinal[0]);
          });
          extents.finish();
        }
        FST<Long> fst = FST.fromFSTReader(compiler.compile(), compiler.getFSTReader());
        fst.save(folder.resolve(NAME));
      }

      @Override
      public OpenIndex open(Path folder) throws IOException {
        // As lookups go, the heap: Lucene's off-heap store reads through a cloned input.
        PositiveIntOutputs outputs = PositiveIntOutputs.getSingleton();
        try (java.io.InputStream in =
            new java.io.BufferedInputStream(Files.newInputStream(folder.resolve(NAME)), 1 << 18)) {
          DataInput data = new InputStreamDataInput(in);
          FST<Long> fst = new FST<>(FST.readMetadata(data, outputs), data);
          return new FstIndex(
              fst, Files.size(folder.resolve(NAME)), SectionFile.map(folder.resolve("index")));
        }
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        Map<String, Long> lengths = SectionFile.lengths(folder.resolve("index"));
        lengths.put(NAME, Files.size(folder.resolve(NAME)));
        return lengths;
      }
    };
  }
}
