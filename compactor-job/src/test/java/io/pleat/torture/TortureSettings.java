package io.pleat.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What the driver and its workers share.
 *
 * @param stores settings of the file systems that both lie in
 */
record TortureSettings(
    String source, String dataset, Map<String, String> stores, TortureFiles files) {
  private static final String STORE = "store.";

  void save(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("source", source);
    properties.setProperty("dataset", dataset);
    properties.setProperty("seed", Long.toString(files.seed()));
    properties.setProperty("count", Integer.toString(files.count()));
    properties.setProperty("largest", Integer.toString(files.largest()));
    stores.forEach((key, value) -> properties.setProperty(STORE + key, value));
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
  }

  static TortureSettings load(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    Map<String, String> stores = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(STORE)) {
        stores.put(key.substring(STORE.length()), properties.getProperty(key));
      }
    }
    return new TortureSettings(
        properties.getProperty("source"),
        properties.getProperty("dataset"),
        stores,
        new TortureFiles(
            Long.parseLong(properties.getProperty("seed")),
            Integer.parseInt(properties.getProperty("count")),
            Integer.parseInt(properties.getProperty("largest"))));
  }
}
