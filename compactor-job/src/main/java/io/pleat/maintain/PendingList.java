package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The originals that a run is about to delete, on storage before the commit that marks them: so whatever a killed run has set aside, or left, is
 * found by the next one. All numbers are little-endian.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>bytes</th><th>what</th></tr>
 * <tr><td>8</td><td>magic</td></tr>
 * <tr><td>4</td><td>format version</td></tr>
 * <tr><td>4</td><td>of each row: length of its path, at least 1</td></tr>
 * <tr><td></td><td>of each row: path, in UTF-8</td></tr>
 * <tr><td>16</td><td>of each row: container id, big-endian</td></tr>
 * <tr><td>4</td><td>of each row: ordinal</td></tr>
 * <tr><td>8, 8, 4</td><td>of each row: length, seconds and nanoseconds of the modification time</td></tr>
 * <tr><td>4</td><td>of each row: CRC32C of the original bytes</td></tr>
 * <tr><td>2</td><td>of each row: length of its etag</td></tr>
 * <tr><td></td><td>of each row: etag, in UTF-8</td></tr>
 * <tr><td>4</td><td>number of rows</td></tr>
 * <tr><td>4</td><td>CRC32C of all bytes before</td></tr>
 * <tr><td>8</td><td>end mark: a list without it was never finished</td></tr>
 * </table>
 */
final class PendingList {
  static final String MAGIC = "PLEATPND";
  static final String END_MARK = "PLEATEND";
  static final int VERSION_ONE = 1;

  static final int VERSION_AT = 8;
  static final int ROWS_AT = VERSION_AT + Integer.BYTES;

  /** Of what stands between path and etag, both lengths included. */
  static final int FIXED_LENGTH = 16 + Integer.BYTES + 2 * Long.BYTES + 2 * Integer.BYTES;

  static final int END_LENGTH = 2 * Integer.BYTES + 8;

  private static final LogicalPath DIRECTORY = LogicalPath.of("_pleat/reclaims");
  private static final String SUFFIX = ".pending";

  private PendingList() {}

  /** A name that no other list has: 32 hexadecimal digits. */
  static String freshId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  static LogicalPath pathOf(String id) {
    return LogicalPath.of(DIRECTORY + "/" + id + SUFFIX);
  }

  /** The ids of all lists in a dataset. */
  static List<String> all(Store dataset) throws IOException {
    List<String> ids = new ArrayList<>();
    try {
      dataset.list(DIRECTORY, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          String name = file.path().name();
          if (name.endsWith(SUFFIX)) {
            ids.add(name.substring(0, name.length() - SUFFIX.length()));
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return ids;
  }
}
