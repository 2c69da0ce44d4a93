package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.store.AsideName;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;

/** Whether an object store deletes an object only if it is still the one that was looked at, tried out on an object of our own. */
final class ConditionalDeletes {
  private static final String NO_TAG = "0".repeat(32);

  private ConditionalDeletes() {}

  /**
   * Tries it out.
   *
   * @throws IOException if it does not: whatever somebody writes between a look and a deletion would be lost
   */
  static void require(Store source) throws IOException {
    LogicalPath probe = AsideName.beside(LogicalPath.of("probe"), PendingList.freshId(), 0);
    source.createExclusively(probe, new byte[] {1});
    try {
      FileInfo found = source
          .stat(probe)
          .orElseThrow(
              () -> new IOException("what was written a moment ago is not there: " + probe));
      String why = "";
      try {
        if (found.attributes().etag().isEmpty()) {
          why = "it tells no etag";
        } else if (source.deleteUnchanged(withTag(found, NO_TAG))
            || source.stat(probe).isEmpty()) {
          why = "it deletes an object whatever If-Match says";
        } else if (!source.deleteUnchanged(found)) {
          why = "it refuses to delete an object that is what If-Match says";
        }
      } catch (IOException e) {
        why = Reason.of(e);
      }
      if (!why.isEmpty()) {
        throw new IOException(
            "originals at %s cannot be deleted safely, so none was: the store must support If-Match on DELETE (%s)"
                .formatted(source.location(), why));
      }
    } finally {
      source.delete(probe);
    }
  }

  private static FileInfo withTag(FileInfo file, String tag) {
    Attributes found = file.attributes();
    return new FileInfo(
        file.path(),
        file.kind(),
        file.length(),
        new Attributes(
            found.mtimeSeconds(),
            found.mtimeNanos(),
            found.mode(),
            found.owner(),
            found.group(),
            tag),
        tag);
  }
}
