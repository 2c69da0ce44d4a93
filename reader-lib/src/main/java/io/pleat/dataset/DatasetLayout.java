package io.pleat.dataset;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.UUID;

/** Where things lie below a dataset's root. */
final class DatasetLayout {
  static final String METADATA = "_pleat";
  static final String CONTAINERS = "containers";
  static final String CATALOG = "catalog";

  static final String SNAPSHOT_DIRECTORY = METADATA + "/snapshots";
  static final String MANIFEST_DIRECTORY = METADATA + "/manifests";
  static final String DELETION_VECTOR_DIRECTORY = METADATA + "/deletes";
  static final String RECLAIMED_DIRECTORY = METADATA + "/reclaimed";
  static final String TOMBSTONE_DIRECTORY = METADATA + "/tombstones";
  static final String CONDEMNED_DIRECTORY = METADATA + "/condemned";
  static final String LEASE_DIRECTORY = METADATA + "/leases";
  static final String RUN_DIRECTORY = METADATA + "/runs";
  static final String PACK_DIRECTORY = METADATA + "/packs";
  static final String DAMAGE_DIRECTORY = METADATA + "/damage";

  private static final int VERSION_DIGITS = 20;
  private static final String SNAPSHOT_SUFFIX = ".json";

  private DatasetLayout() {}

  static LogicalPath snapshot(long version) {
    return LogicalPath.of(String.format(
        Locale.ROOT,
        "%s/%0" + VERSION_DIGITS + "d%s",
        SNAPSHOT_DIRECTORY,
        version,
        SNAPSHOT_SUFFIX));
  }

  /** The version that a name in the snapshot directory spells, or nothing for a temporary file and the like. */
  static OptionalLong versionOf(String name) {
    if (name.length() != VERSION_DIGITS + SNAPSHOT_SUFFIX.length()
        || !name.endsWith(SNAPSHOT_SUFFIX)) {
      return OptionalLong.empty();
    }
    long version = 0;
    for (int i = 0; i < VERSION_DIGITS; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9 || version > (Long.MAX_VALUE - digit) / 10) {
        return OptionalLong.empty();
      }
      version = version * 10 + digit;
    }
    return version == 0 ? OptionalLong.empty() : OptionalLong.of(version);
  }

  static LogicalPath damageNote(ContainerId container, String state) {
    return LogicalPath.of(DAMAGE_DIRECTORY + "/" + container + "-" + state + ".json");
  }

  static LogicalPath newManifest() {
    return LogicalPath.of(MANIFEST_DIRECTORY + "/" + UUID.randomUUID() + ".manifest");
  }

  static LogicalPath newDeletionVector(ContainerId container) {
    return LogicalPath.of(
        DELETION_VECTOR_DIRECTORY + "/" + container + "-" + UUID.randomUUID() + ".dv");
  }

  static LogicalPath newReclaimedRows(ContainerId container) {
    return LogicalPath.of(RECLAIMED_DIRECTORY + "/" + container + "-" + UUID.randomUUID() + ".dv");
  }

  static LogicalPath newCondemnedList() {
    return LogicalPath.of(CONDEMNED_DIRECTORY + "/" + UUID.randomUUID() + ".list");
  }

  /** Whether a file of this path may ever be deleted as garbage: below a dataset's own directories, and no snapshot. */
  static boolean mayBeCondemned(LogicalPath path) {
    String text = path.toString();
    return text.startsWith(CONTAINERS + "/")
        || text.startsWith(CATALOG + "/")
        || text.startsWith(METADATA + "/") && !text.startsWith(SNAPSHOT_DIRECTORY + "/");
  }

  static LogicalPath newProbe() {
    return LogicalPath.of(METADATA + "/probe-" + UUID.randomUUID());
  }
}
