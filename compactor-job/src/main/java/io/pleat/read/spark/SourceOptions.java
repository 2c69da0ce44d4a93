package io.pleat.read.spark;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.LogicalPath;
import io.pleat.read.FileChoice.PassThroughs;
import io.pleat.read.FoldedDataset;
import io.pleat.read.hadoop.DatasetAuthority;
import io.pleat.read.hadoop.PleatFileSystem;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.hadoop.fs.Path;

/**
 * What {@code option(...)} and {@code load(...)} say.
 *
 * @param authority of the dataset, as in a {@code pleat://} URI
 * @param directory the text of the directory in it that is read; empty for all
 * @param snapshot negative for the newest
 * @param settings Hadoop's and Pleat's, by their full keys
 */
record SourceOptions(
    String authority,
    String directory,
    long snapshot,
    PassThroughs passThroughs,
    Map<String, String> settings)
    implements Serializable {
  private static final String PATH = "path";
  private static final String SNAPSHOT = "snapshot";
  private static final String PASS_THROUGHS = "passThroughs";

  /**
   * @param options names without a dot in them are ours, in any case; others are settings
   * @throws IllegalArgumentException if an option is unknown or wrong; the message names it
   */
  static SourceOptions parse(Map<String, String> options) {
    String location = "";
    long snapshot = -1;
    PassThroughs passThroughs = PassThroughs.INCLUDED;
    Map<String, String> settings = new HashMap<>();
    for (Map.Entry<String, String> option : options.entrySet()) {
      String name = option.getKey();
      String value = option.getValue().trim();
      if (name.indexOf('.') >= 0) {
        settings.put(name, value);
      } else if (name.equalsIgnoreCase(PATH)) {
        location = value;
      } else if (name.equalsIgnoreCase(SNAPSHOT)) {
        snapshot = snapshot(value);
      } else if (name.equalsIgnoreCase(PASS_THROUGHS)) {
        passThroughs = passThroughs(value);
      } else {
        checkArgument(
            !name.equalsIgnoreCase("paths"),
            "format(\"pleat\") reads one dataset at a time: load each and union them, of one filter by path");
        throw new IllegalArgumentException("format(\"pleat\") has no option '" + name + "'; it has "
            + SNAPSHOT + " and " + PASS_THROUGHS
            + ", and takes settings by their full keys, such as pleat.source.roots");
      }
    }
    checkArgument(
        !location.isEmpty(),
        "format(\"pleat\") wants a dataset: load(LOCATION), or load(\"pleat://NAME/directory\")");
    return new SourceOptions(
        authority(location), directory(location), snapshot, passThroughs, settings);
  }

  private static long snapshot(String value) {
    try {
      long version = Long.parseLong(value);
      checkArgument(version > 0, "option %s is %s, expected a version from 1 on", SNAPSHOT, value);
      return version;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "option " + SNAPSHOT + " is '" + value + "', expected the version of a snapshot", e);
    }
  }

  private static PassThroughs passThroughs(String value) {
    if (value.equalsIgnoreCase("include")) {
      return PassThroughs.INCLUDED;
    }
    checkArgument(
        value.equalsIgnoreCase("skip"),
        "option %s is '%s', expected include or skip",
        PASS_THROUGHS,
        value);
    return PassThroughs.LEFT_OUT;
  }

  private static String authority(String location) {
    if (!isUri(location)) {
      return DatasetAuthority.of(location);
    }
    String authority = new Path(location).toUri().getAuthority();
    return authority == null ? "" : authority;
  }

  private static String directory(String location) {
    if (!isUri(location)) {
      return "";
    }
    String path = new Path(location).toUri().getPath();
    return path.length() <= 1 ? "" : LogicalPath.of(path.substring(1)).toString();
  }

  private static boolean isUri(String location) {
    return location.startsWith(PleatFileSystem.SCHEME + "://");
  }

  /** @throws NoSuchFileException if neither directory nor file is at the path of the URI */
  void requireFoundIn(FoldedDataset dataset) throws IOException {
    if (dataset.find(LogicalPath.of(directory)).isEmpty()) {
      throw new NoSuchFileException(
          "pleat://" + authority + "/" + directory,
          null,
          "no such file or directory in snapshot " + dataset.snapshot().version());
    }
  }

  OptionalLong version() {
    return snapshot < 0 ? OptionalLong.empty() : OptionalLong.of(snapshot);
  }
}
