package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The header that a writer puts before an entry's stored bytes, from what the index block says of it. Not thread-safe. */
final class ExpectedRecord {
  private final RecordLayout.Encoder encoder;
  private final ByteBuffer bytes;
  private final Name owner = new Name();
  private final Name group = new Name();
  private final Name etag = new Name();

  ExpectedRecord(ContainerId container) {
    encoder = new RecordLayout.Encoder(container);
    bytes = ByteBuffer.wrap(encoder.array());
  }

  /** Remembers the last of values that seldom change from entry to entry. */
  private static final class Name {
    private String text = "";
    private byte[] utf8 = {};

    byte[] of(String value) {
      if (!value.equals(text)) {
        text = value;
        utf8 = value.getBytes(StandardCharsets.UTF_8);
      }
      return utf8;
    }
  }

  /** Encodes the header of a record at {@code position}, and gives its length. */
  int encode(Entry entry, long position) {
    boolean folded = entry.kind() == Entry.Kind.FOLDED;
    Attributes attributes = entry.attributes();
    int length = encoder.encode(
        position,
        folded ? RecordLayout.FILE : RecordLayout.PASS_THROUGH,
        entry.ordinal(),
        entry.racy() ? RecordLayout.RACY : 0,
        entry.path().bytes(),
        attributes,
        owner.of(attributes.owner()),
        group.of(attributes.group()),
        etag.of(attributes.etag()),
        entry.length(),
        entry.codec(),
        (int) entry.extent().length(),
        entry.storedCrc32c(),
        entry.crc32c());
    bytes.limit(length).position(0);
    return length;
  }

  /** What was encoded last; not to be consumed. */
  ByteBuffer bytes() {
    return bytes;
  }
}
