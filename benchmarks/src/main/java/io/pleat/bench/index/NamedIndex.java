package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Groups of names, and what finds a path's group. */
abstract class NamedIndex implements OpenIndex {
  final Groups groups;
  private final Map<String, Long> resident = new LinkedHashMap<>();

  NamedIndex(Map<String, ByteBuffer> sections, Groups groups) {
    this.groups = groups;
    sections.forEach((name, bytes) -> resident.put(name, bytes.capacity() - 16L));
  }

  /** What {@link Groups#search} finds, in which group: the group in the upper half, the rest in the lower; or -1. */
  abstract long search(byte[] path);

  static long inGroup(int group, long found) {
    return found < 0 ? -1 : (long) group << 32 | found;
  }

  @Override
  public final int find(byte[] path) {
    long found = search(path);
    return found < 0 ? -1 : (int) (found >>> 32) * groups.groupSize + ((int) found & 0xFF);
  }

  @Override
  public final int locate(byte[] path, Location location) {
    long found = search(path);
    return found < 0 ? -1 : groups.locate((int) (found >>> 32), found & 0xFFFFFFFFL, location);
  }

  @Override
  public void list(PathSink sink) {
    groups.list(sink);
  }

  @Override
  public Map<String, Long> resident() {
    return resident;
  }

  @Override
  public Map<String, Long> compressed() throws IOException {
    return groups.compressed();
  }

  @Override
  public boolean hasChecksums() {
    return groups.hasChecksums();
  }

  /** Builds into one file of sections. */
  abstract static class SectionCandidate implements Candidate {
    @Override
    public final void build(Path corpus, Path folder) throws Exception {
      try (SectionFile.Writer out = new SectionFile.Writer(folder.resolve("index"))) {
        build(corpus, (int) CorpusFile.entries(corpus), out);
      }
    }

    abstract void build(Path corpus, int entries, SectionFile.Writer out) throws IOException;

    @Override
    public final OpenIndex open(Path folder) throws IOException {
      return open(SectionFile.map(folder.resolve("index")));
    }

    abstract OpenIndex open(Map<String, ByteBuffer> sections);

    @Override
    public final Map<String, Long> atRest(Path folder) throws IOException {
      return SectionFile.lengths(folder.resolve("index"));
    }

    /** Writes the groups, and returns the hash of each path. */
    static long[] writeGroups(Path corpus, int entries, Groups.Builder groups) throws IOException {
      long[] hashes = new long[entries];
      int[] count = {0};
      CorpusFile.read(corpus, item -> {
        groups.add(item);
        hashes[count[0]++] = PathHash.of(item.path, item.length);
      });
      groups.finish();
      return hashes;
    }
  }
}
