package io.pleat.read.hadoop;

import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.read.cache.CacheOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/**
 * What a Hadoop configuration says of one dataset; docs/filesystem.md is the reference of the keys.
 *
 * @param location of the dataset
 * @param version the snapshot to read; nothing for the newest
 * @param overlay whether loose files of the source tree are shown, and writes go there
 * @param refreshNanos how long the source's listings are kept
 */
public record PleatSettings(
    String location,
    OptionalLong version,
    ReaderOptions options,
    boolean overlay,
    long refreshNanos) {
  /** Where the dataset called NAME is: {@value}NAME. */
  static final String DATASET = "pleat.dataset.";

  /** With {@link #DATASET} and a name before it: the snapshot to read. */
  static final String VERSION = ".version";

  /** Whether to lay the source tree over the snapshot; by {@link #DATASET} and a name with this behind for one dataset. */
  static final String OVERLAY = "pleat.overlay";

  /** How long the source's listings are kept. */
  static final String REFRESH = "pleat.overlay.refresh";

  private static final long REFRESH_MINUTES = 10;

  /** Locations under which originals may be read. */
  static final String SOURCE_ROOTS = "pleat.source.roots";

  /** Bound on resident index blocks, in bytes. */
  static final String INDEX_CACHE = "pleat.index.cache.size";

  /** Containers kept open. */
  static final String OPEN_CONTAINERS = "pleat.open.containers";

  /** How often a read of a container that fails is repeated. */
  static final String READ_RETRIES = "pleat.read.retries";

  /** For how long a container that could not be read is not tried again. */
  static final String AVOIDANCE = "pleat.fallback.avoid";

  /** A local folder for chunks of remote containers. */
  static final String CACHE_FOLDER = "pleat.cache.dir";

  /** How many bytes may be there. */
  static final String CACHE_SIZE = "pleat.cache.size";

  private static final long DEFAULT_CACHE_SIZE = 10L << 30;

  /** What part of that one dataset may take; by {@link #DATASET} and a name with {@code .cache.share} behind for one dataset. */
  static final String CACHE_SHARE = "pleat.cache.share";

  /** A local folder for the index pack. */
  static final String INDEX_PACK = "pleat.index.pack.dir";

  /**
   * @throws IOException if the authority names no dataset, or a setting is no such thing; the message says which
   */
  public static PleatSettings of(String authority, Configuration conf) throws IOException {
    String location = location(authority, conf);
    ReaderOptions options = ReaderOptions.defaults()
        .withAllowedSourceRoots(Set.copyOf(conf.getTrimmedStringCollection(SOURCE_ROOTS)));
    String version = conf.getTrimmed(DATASET + authority + VERSION);
    String pack = conf.getTrimmed(INDEX_PACK);
    String cache = conf.getTrimmed(CACHE_FOLDER);
    try {
      options = options
          .withIndexCacheBytes(conf.getLongBytes(INDEX_CACHE, options.indexCacheBytes()))
          .withOpenContainers(conf.getInt(OPEN_CONTAINERS, options.openContainers()))
          .withReadRetries(conf.getInt(READ_RETRIES, options.readRetries()))
          .withAvoidance(Duration.ofNanos(conf.getTimeDuration(
              AVOIDANCE, options.avoidance().toNanos(), TimeUnit.NANOSECONDS)));
      if (pack != null && !pack.isEmpty()) {
        options = options.withIndexPackFolder(Path.of(pack));
      }
      if (cache != null && !cache.isEmpty()) {
        double share = conf.getDouble(CACHE_SHARE, 1);
        options = options.withCache(new CacheOptions(
            Path.of(cache),
            conf.getLongBytes(CACHE_SIZE, DEFAULT_CACHE_SIZE),
            conf.getDouble(DATASET + authority + ".cache.share", share)));
      }
      return new PleatSettings(
          location,
          version == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(version)),
          options,
          conf.getBoolean(DATASET + authority + ".overlay", conf.getBoolean(OVERLAY, false)),
          conf.getTimeDuration(
              REFRESH, TimeUnit.MINUTES.toNanos(REFRESH_MINUTES), TimeUnit.NANOSECONDS));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "a setting of pleat://" + authority + " is wrong: " + e.getMessage(), e);
    }
  }

  /** The same dataset at another snapshot. */
  public PleatSettings withVersion(long wanted) {
    return new PleatSettings(location, OptionalLong.of(wanted), options, overlay, refreshNanos);
  }

  /**
   * Opens the dataset at its newest snapshot, or at the one that is asked for.
   *
   * @param configuration for its store: what {@link #beyondDefaults} gives
   * @throws java.nio.file.NoSuchFileException if there is no dataset, or no such snapshot
   */
  public FoldedDataset open(Map<String, String> configuration) throws IOException {
    return version.isPresent()
        ? FoldedDataset.open(location, version.getAsLong(), configuration, options)
        : FoldedDataset.open(location, configuration, options);
  }

  private static String location(String authority, Configuration conf) throws IOException {
    if (authority == null || authority.isEmpty()) {
      throw new IOException(
          "a pleat: URI names its dataset: pleat://NAME/path with the setting pleat.dataset.NAME, or"
              + " pleat://ENCODED/path with what 'pleat uri LOCATION' prints" + known(conf));
    }
    String configured = conf.getTrimmed(DATASET + authority);
    if (configured != null && !configured.isEmpty()) {
      if (configured.startsWith(PleatFileSystem.SCHEME + ":")) {
        throw new IOException("setting " + DATASET + authority + " is " + configured
            + ", expected the location of a dataset, such as hdfs://nn/folded/images");
      }
      return configured;
    }
    if (!DatasetAuthority.isEncoded(authority)) {
      throw new IOException("pleat://" + authority + ": no dataset is called '" + authority
          + "': set " + DATASET + authority
          + " to its location, or write its location into the URI,"
          + " as 'pleat uri LOCATION' prints it" + known(conf));
    }
    try {
      return DatasetAuthority.locationOf(authority);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "pleat://" + authority + " encodes no location (" + e.getMessage()
              + "): 'pleat uri LOCATION' prints the right one, or set " + DATASET + authority,
          e);
    }
  }

  private static String known(Configuration conf) {
    Set<String> names = new TreeSet<>(conf.getPropsWithPrefix(DATASET).keySet());
    names.removeIf(name ->
        name.endsWith(VERSION) || name.endsWith(".overlay") || name.endsWith(".cache.share"));
    return names.isEmpty() ? "; none is set" : "; set are " + String.join(", ", names);
  }

  /** What {@code conf} says beyond Hadoop's own defaults, for the stores, which load those themselves. */
  public static Map<String, String> beyondDefaults(Configuration conf) {
    Map<String, String> settings = new HashMap<>();
    for (Map.Entry<String, String> setting : conf) {
      String[] sources = conf.getPropertySources(setting.getKey());
      boolean isDefault = sources != null
          && sources.length > 0
          && sources[sources.length - 1].endsWith("-default.xml");
      // Our own are no matter of the store's: with equal settings, datasets share its client.
      if (!isDefault && !setting.getKey().startsWith(PleatFileSystem.SCHEME + ".")) {
        String value = conf.get(setting.getKey());
        if (value != null) {
          settings.put(setting.getKey(), value);
        }
      }
    }
    return settings;
  }
}
