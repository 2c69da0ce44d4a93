package io.pleat.bench.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A real tree's names and sizes. */
final class KernelTree {
  /** A directory: its own name, the names of its files, its subdirectories. */
  static final class Directory {
    final String name;
    final List<String> files = new ArrayList<>();
    final Map<String, Directory> children = new TreeMap<>();

    Directory(String name) {
      this.name = name;
    }

    int fileCount() {
      int count = files.size();
      for (Directory child : children.values()) {
        count += child.fileCount();
      }
      return count;
    }
  }

  final Directory root = new Directory("");
  int[] sizes;

  private KernelTree() {}

  /** Walks a folder, or reads a list: a path a line, or size, tab, path. */
  static KernelTree read(Path tree) throws IOException {
    KernelTree read = new KernelTree();
    List<String> lines = Files.isDirectory(tree) ? walk(tree) : Files.readAllLines(tree);
    read.sizes = new int[lines.size()];
    SplittableRandom random = new SplittableRandom(1);
    Corpus.Draws draws = new Corpus.Draws(random, Corpus.Mtimes.DIRECTORY);
    int count = 0;
    for (String line : lines) {
      int tab = line.indexOf('\t');
      read.sizes[count++] =
          tab < 0 ? draws.size(16_000) : (int) Long.parseLong(line.substring(0, tab));
      read.add(line.substring(tab + 1));
    }
    Arrays.sort(read.sizes);
    return read;
  }

  /** Lines of size, tab, path, sorted. */
  static List<String> walk(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      List<String> lines = new ArrayList<>();
      for (Path path : (Iterable<Path>) all::iterator) {
        if (Files.isRegularFile(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          lines.add(Math.min(Files.size(path), 1 << 22) + "\t" + tree.relativize(path));
        }
      }
      lines.sort(null);
      return lines;
    }
  }

  private void add(String path) {
    Directory at = root;
    String[] names = path.split("/");
    for (int i = 0; i < names.length - 1; i++) {
      at = at.children.computeIfAbsent(names[i], Directory::new);
    }
    at.files.add(names[names.length - 1]);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
