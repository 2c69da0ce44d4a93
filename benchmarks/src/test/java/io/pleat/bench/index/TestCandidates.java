package io.pleat.bench.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pleat.format.SortKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestCandidates {
  private static final int ENTRIES = 2_000;
  private static final List<String> CORPORA = List.of("kernel", "images-1k", "images-100k", "hex");

  @TempDir
  static Path folder;

  @BeforeAll
  static void writeCorpora() throws IOException {
    Path tree = Files.write(
        folder.resolve("tree"),
        List.of(
            "100\tMakefile",
            "2000\tdrivers/net/ethernet/intel/Makefile",
            "17\tdrivers/net/ethernet/intel/hash_table_main.c",
            "16384\tdrivers/net/ethernet/intel/hash_table.h",
            "0\tdrivers/net-core/Kconfig",
            "70000\tdrivers/net.c",
            "5\tfs/ext/inode.c",
            "6\tfs/ext4/inode-test.c",
            "7\tfs/ext4/super.c",
            "3000000\tDocumentation/driver-api/sound.rst",
            "129\tDocumentation/index.rst"));
    for (String corpus : CORPORA) {
      Corpus made = Corpus.named(corpus, tree, Corpus.Mtimes.DIRECTORY, 7);
      CorpusFile.write(folder.resolve(corpus), made, ENTRIES);
      Queries.write(folder.resolve(corpus + ".queries"), folder.resolve(corpus), ENTRIES, 1);
    }
  }

  static Stream<Arguments> pairs() {
    return StreamSupport.stream(Candidates.names().spliterator(), false)
        .flatMap(name -> CORPORA.stream().map(corpus -> Arguments.of(name, corpus)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "images-1k", "images-100k", "hex"})
  void corpusIsInKeyOrderAndWhole(String corpus) throws IOException {
    List<byte[]> keys = new ArrayList<>();
    CorpusFile.read(folder.resolve(corpus), item -> keys.add(SortKey.ofFile(item.pathBytes())));
    assertThat(keys).hasSize(ENTRIES);
    for (int i = 1; i < keys.size(); i++) {
      assertThat(Arrays.compareUnsigned(keys.get(i - 1), keys.get(i))).isNegative();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void findsWhatIsThereAndNothingElse(String name, String corpus) throws Exception {
    try (OpenIndex index = open(name, corpus)) {
      int[] ordinal = {0};
      long[] end = {Item.FIRST_RECORD};
      Location found = new Location();
      CorpusFile.read(folder.resolve(corpus), item -> {
        String path = new String(item.path, 0, item.length, StandardCharsets.UTF_8);
        assertThat(index.find(item.pathBytes())).as(path).isEqualTo(ordinal[0]);
        assertThat(index.locate(item.pathBytes(), found)).as(path).isEqualTo(ordinal[0]++);
        int size = item.size;
        assertThat(found.size).as(path).isEqualTo(size);
        long offset = Item.offsetAfter(end[0], item.length);
        assertThat(found.offset).as(path).isIn(offset, -1L);
        if (index.hasChecksums()) {
          assertThat(found.crc).as(path).isEqualTo(item.crc);
        }
        end[0] = offset + size;
      });
      assertThat(ordinal[0]).isEqualTo(ENTRIES);
      for (Queries.Kind kind : List.of(Queries.Kind.ABSENT_NAME, Queries.Kind.ABSENT_DIRECTORY)) {
        Queries absent = Queries.read(folder.resolve(corpus + ".queries"), kind, ENTRIES);
        for (int i = 0; i < absent.count(); i++) {
          assertThat(index.find(absent.path(i))).isNegative();
        }
      }
      for (String odd : List.of("a", "~", "Makefil", "drivers", "drivers/", "/", "train/")) {
        assertThat(index.find(odd.getBytes(StandardCharsets.UTF_8))).as(odd).isNegative();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void listsInOrder(String name, String corpus) throws Exception {
    List<String> expected = new ArrayList<>();
    CorpusFile.read(
        folder.resolve(corpus),
        item -> expected.add(new String(item.path, 0, item.length, StandardCharsets.UTF_8)));
    try (OpenIndex index = open(name, corpus)) {
      assumeThat(index.isExact()).isTrue();
      List<String> listed = new ArrayList<>();
      index.list((path, length) -> listed.add(new String(path, 0, length, StandardCharsets.UTF_8)));
      if (index.listsInKeyOrder()) {
        assertThat(listed).isEqualTo(expected);
      } else {
        assertThat(listed).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void saysWhatItTakes(String name, String corpus) throws Exception {
    try (OpenIndex index = open(name, corpus)) {
      Path built = folder.resolve(name + "-" + corpus);
      assertThat(Candidates.named(name).atRest(built).values()).isNotEmpty();
      assertThat(index.resident().values()).allMatch(bytes -> bytes >= 0);
      assertThat(index.compressed().values()).allMatch(bytes -> bytes >= 0);
    }
  }

  private static OpenIndex open(String name, String corpus) throws Exception {
    Path built = folder.resolve(name + "-" + corpus);
    Candidate candidate = Candidates.named(name);
    if (!Files.exists(built)) {
      candidate.build(folder.resolve(corpus), Files.createDirectory(built));
    }
    return candidate.open(built);
  }
}
