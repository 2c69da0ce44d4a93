package io.pleat.cli;

import io.pleat.read.cache.CacheOptions;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where the cache of remote containers is. */
final class CacheSettings {
  private static final String DEFAULT_SIZE = "10GiB";

  @Option(
      names = "--cache-dir",
      paramLabel = "DIR",
      description = "The folder of the cache; without it that of --conf pleat.cache.dir=DIR.")
  private String folder;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description =
          "How much all datasets together may take there; without it --conf pleat.cache.size, or "
              + DEFAULT_SIZE + ". Say what the readers say.")
  private Long size;

  @Option(
      names = "--cache-share",
      paramLabel = "PART",
      description =
          "What part of it this dataset may take, above 0 and at most 1; without it --conf pleat.cache.share, or all.")
  private Double share;

  /**
   * The folder.
   *
   * @throws IllegalArgumentException if none was said
   */
  Path folder(Settings settings) {
    String found = folder != null ? folder : settings.hadoop().get("pleat.cache.dir");
    if (found == null || found.isBlank()) {
      throw new IllegalArgumentException(
          "where is the cache? Say --cache-dir DIR, the folder that readers have as pleat.cache.dir");
    }
    return Path.of(found);
  }

  /**
   * All of it.
   *
   * @throws IllegalArgumentException if something is missing or impossible
   */
  CacheOptions options(Settings settings) {
    Map<String, String> conf = settings.hadoop();
    long bytes =
        size != null ? size : ByteSize.parse(conf.getOrDefault("pleat.cache.size", DEFAULT_SIZE));
    double part =
        share != null ? share : Double.parseDouble(conf.getOrDefault("pleat.cache.share", "1"));
    return new CacheOptions(folder(settings), bytes, part);
  }
}
