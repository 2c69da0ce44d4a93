package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReferencedFile;
import io.pleat.fold.EntryCatalog;
import io.pleat.format.ContainerId;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A catalogue's rows as text, for tests that don't care. */
final class TextEntryCatalog implements EntryCatalog {
  @Override
  public FileReference write(Store dataset, ContainerId container, IndexBlock index)
      throws IOException {
    LogicalPath path = LogicalPath.of("catalog/files/" + UUID.randomUUID() + ".parquet");
    try (ReferencedFile file = ReferencedFile.create(dataset, path)) {
      file.write(ByteBuffer.wrap((container + " " + index.entryCount()).getBytes(UTF_8)));
      return file.finish();
    }
  }
}
