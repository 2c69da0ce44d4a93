package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Who may read a pass-through file: whoever may read its original now. What the dataset recorded does not decide it, or a dataset made for the purpose could have a
 * copy of any file that the user can read handed to whom it names. Thread-safe.
 */
final class OriginalAccess implements Closeable {
  private final String sourceRoot;
  private final Map<String, String> configuration;
  private Store source;

  OriginalAccess(String sourceRoot, Map<String, String> configuration) {
    this.sourceRoot = sourceRoot;
    this.configuration = configuration;
  }

  /** The entry's attributes, but mode, owner and group of the original as it is now; of one that is gone, those recorded. */
  Attributes of(Entry entry) throws IOException {
    Optional<FileInfo> original = source().stat(entry.path());
    if (original.isEmpty()) {
      return entry.attributes();
    }
    Attributes now = original.get().attributes();
    Attributes then = entry.attributes();
    return new Attributes(
        then.mtimeSeconds(), then.mtimeNanos(), now.mode(), now.owner(), now.group(), then.etag());
  }

  private synchronized Store source() throws IOException {
    if (source == null) {
      source = Stores.open(sourceRoot, configuration);
    }
    return source;
  }

  @Override
  public synchronized void close() throws IOException {
    if (source != null) {
      source.close();
    }
  }
}
