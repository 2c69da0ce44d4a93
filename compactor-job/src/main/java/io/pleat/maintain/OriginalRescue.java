package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.Payload;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Takes the bytes of a damaged file from its original, if that is unchanged: of the recorded length and time, and of the recorded checksum. */
final class OriginalRescue implements Rescue {
  /** Times from the catalogue are rounded down to this. */
  private static final int MICRO = 1000;

  private final Store source;

  OriginalRescue(Store source) {
    this.source = source;
  }

  @Override
  public Optional<Payload> payload(LiveRow row) {
    Entry entry = row.entry().orElseThrow();
    try {
      Optional<FileInfo> original = source.stat(row.path());
      if (original.isEmpty()
          || original.get().kind() != FileInfo.Kind.FILE
          || original.get().length() != entry.length()
          || entry.length() > Integer.MAX_VALUE
          || !sameTime(original.get().attributes(), entry.attributes())) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) entry.length());
      source.readUnchanged(original.get(), bytes);
      Payload payload = Payload.raw(bytes.flip());
      return payload.crc32c() == entry.crc32c() ? Optional.of(payload) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // The original cannot be read: it helps nobody.
    }
  }

  private static boolean sameTime(Attributes original, Attributes recorded) {
    return original.mtimeSeconds() == recorded.mtimeSeconds()
        && original.mtimeNanos() / MICRO == recorded.mtimeNanos() / MICRO;
  }
}
