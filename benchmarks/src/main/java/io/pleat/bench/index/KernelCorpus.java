package io.pleat.bench.index;

import static io.pleat.bench.index.KernelTree.utf8;

import io.pleat.bench.index.KernelTree.Directory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel's tree, grown: each directory of its first level stands there many times, renamed, and so is everything below it.
 */
final class KernelCorpus implements Corpus {
  /*
   * A name is cut into words. In a renamed copy each word of three letters or more becomes another of the tree's words, as long; within
   * one copy the same word always becomes the same, so that names that had something in common still do. Names that the kernel repeats
   * everywhere (Makefile, Kconfig), short words, numbers and extensions stay. Copies thus share neither paths nor lists of names.
   */
  private static final Pattern WORD = Pattern.compile("[A-Za-z]{3,}");

  private static final Set<String> KEPT =
      Set.of("Makefile", "Kconfig", "Kbuild", "Build", "README", "index.rst", "config", "settings");

  private final KernelTree tree;
  private final Draws draws;
  private final long seed;
  private final Map<Integer, List<String>> wordsByLength = new HashMap<>();
  private long left;
  private ItemSink sink;
  private final Item item = new Item();

  KernelCorpus(KernelTree tree, Draws draws, long seed) {
    this.tree = tree;
    this.draws = draws;
    this.seed = seed;
    Map<Integer, Set<String>> words = new TreeMap<>();
    collect(tree.root, words);
    words.forEach((length, all) -> wordsByLength.put(length, List.copyOf(new TreeSet<>(all))));
  }

  private static void collect(Directory directory, Map<Integer, Set<String>> words) {
    List<String> names = new ArrayList<>(directory.children.keySet());
    directory.files.forEach(name -> names.add(stem(name)));
    for (String name : names) {
      for (Matcher word = WORD.matcher(name); word.find(); ) {
        words
            .computeIfAbsent(word.end() - word.start(), length -> new LinkedHashSet<>())
            .add(word.group());
      }
    }
    directory.children.values().forEach(child -> collect(child, words));
  }

  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** A directory of the grown tree: where its names come from, its own name, and the seed of its renaming. */
  private record Grown(Directory model, byte[] name, long seed) {}

  @Override
  public void generate(long entries, ItemSink sink) throws IOException {
    this.sink = sink;
    left = entries;
    long perCopy = (long) tree.root.fileCount() - tree.root.files.size();
    int copies = (int) Math.max(1, (entries - tree.root.files.size() + perCopy - 1) / perCopy);
    Map<String, Grown> top = new HashMap<>();
    for (Directory child : tree.root.children.values()) {
      top.put(child.name, new Grown(child, utf8(child.name), 0));
      for (int copy = 1; copy < copies; copy++) {
        long at = PathHash.mix(seed + copy * 31L + child.name.hashCode() * 0x100000001L);
        String name = fresh(renameTop(child.name, at), top.keySet(), at);
        top.put(name, new Grown(child, utf8(name), at));
      }
    }
    item.length = 0;
    files(tree.root, 0);
    top.keySet().removeAll(tree.root.files);
    directories(top.values());
    if (left > 0) {
      throw new IllegalStateException(left + " files are missing: the tree is empty");
    }
  }

  private Set<String> files(Directory model, long at) throws IOException {
    draws.enterDirectory();
    Set<String> names = new LinkedHashSet<>();
    for (String file : model.files) {
      names.add(at == 0 ? file : fresh(rename(file, at), names, at));
    }
    byte[][] sorted = new byte[names.size()][];
    int count = 0;
    for (String name : names) {
      sorted[count++] = utf8(name);
    }
    Arrays.sort(sorted, Arrays::compareUnsigned);
    int length = item.length;
    for (byte[] name : sorted) {
      if (left == 0) {
        break;
      }
      item.append(name);
      draws.complete(item, draws.pick(tree.sizes));
      sink.accept(item);
      left--;
      item.length = length;
    }
    return names;
  }

  private void directories(Iterable<Grown> unsorted) throws IOException {
    List<Grown> sorted = new ArrayList<>();
    unsorted.forEach(sorted::add);
    sorted.sort((a, b) -> Arrays.compareUnsigned(a.name, b.name));
    int length = item.length;
    for (Grown directory : sorted) {
      if (left == 0) {
        return;
      }
      item.append(directory.name);
      item.path[item.length++] = '/';
      Set<String> taken = files(directory.model, directory.seed);
      Map<String, Grown> children = new HashMap<>();
      for (Directory child : directory.model.children.values()) {
        long at = directory.seed;
        String name = at == 0 ? child.name : fresh(rename(child.name, at), taken, at);
        taken.add(name);
        children.put(name, new Grown(child, utf8(name), at));
      }
      directories(children.values());
      item.length = length;
    }
  }

  /* First-level names are few: two words of the tree make enough of them. */
  private String renameTop(String name, long at) {
    String second = pick(4 + (int) Long.remainderUnsigned(at, 5), PathHash.mix(at + 1));
    return rename(name, at) + "-" + second;
  }

  private String rename(String name, long at) {
    if (KEPT.contains(name)) {
      return name;
    }
    String stem = stem(name);
    StringBuilder renamed = new StringBuilder();
    Matcher word = WORD.matcher(stem);
    while (word.find()) {
      long drawn = PathHash.mix(at ^ word.group().hashCode() * 0x9E3779B97F4A7C15L);
      word.appendReplacement(renamed, pick(word.end() - word.start(), drawn));
    }
    return word.appendTail(renamed).append(name, stem.length(), name.length()).toString();
  }

  private String pick(int length, long drawn) {
    List<String> words = wordsByLength.getOrDefault(length, List.of());
    return words.isEmpty()
        ? "x".repeat(Math.max(1, length))
        : words.get((int) Long.remainderUnsigned(drawn, words.size()));
  }

  private static String fresh(String name, Set<String> taken, long at) {
    String stem = stem(name);
    String free = name;
    for (int number = 2 + (int) (at & 7); taken.contains(free); number++) {
      free = stem + number + name.substring(stem.length());
    }
    return free;
  }
}
