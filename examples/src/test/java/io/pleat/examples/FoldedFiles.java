package io.pleat.examples;

import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A small dataset, and what is in it. */
final class FoldedFiles {
  private FoldedFiles() {}

  /** Writes it to {@code location}, in two containers; its files' bytes by path. */
  static Map<String, byte[]> at(String location, Map<String, String> configuration)
      throws IOException {
    Random random = new Random(12);
    Map<String, byte[]> files = new TreeMap<>();
    Content odd = new Content();
    Content even = new Content();
    for (int i = 0; i < 40; i++) {
      byte[] bytes = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(bytes);
      String path = "class-" + i % 4 + "/image " + i + ".jpg";
      files.put(path, bytes);
      (i % 2 == 0 ? even : odd).file(path, bytes, DatasetBuilder.PLAIN);
    }
    try (Store store = Stores.open(location, configuration)) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/nowhere");
      builder.add(odd);
      builder.add(even);
      builder.commit();
    }
    return files;
  }

  static long bytes(Map<String, byte[]> files) {
    return files.values().stream().mapToLong(bytes -> bytes.length).sum();
  }
}
