package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/** The plain way: binary search over the groups' first names. */
final class FrontCodedIndex extends NamedIndex {
  private FrontCodedIndex(Map<String, ByteBuffer> sections) {
    super(sections, new Groups(sections, "groups"));
  }

  @Override
  long search(byte[] path) {
    int group = groups.floor(path);
    return inGroup(group, groups.search(group, groups.rows(group) - 1, path));
  }

  static Candidate candidate(int groupSize) {
    return new SectionCandidate() {
      @Override
      void build(Path corpus, int entries, SectionFile.Writer out) throws IOException {
        Groups.Builder groups = new Groups.Builder(out, "groups", groupSize, true);
        CorpusFile.read(corpus, groups::add);
        groups.finish();
      }

      @Override
      OpenIndex open(Map<String, ByteBuffer> sections) {
        return new FrontCodedIndex(sections);
      }
    };
  }
}
