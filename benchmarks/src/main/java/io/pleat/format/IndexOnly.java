package io.pleat.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What stands behind the records of a container that is never written: index block and footer, as {@link ContainerWriter} would write them
 * after records of these lengths. It stands in this package because only this package knows the bytes.
 */
public final class IndexOnly {
  private static final byte[] NOTHING = {};

  /** Of which a payload's length is taken, and nothing else. */
  private static final ByteBuffer PAYLOAD = ByteBuffer.allocateDirect(4 << 20);

  private final ContainerId id;
  private final IndexBuilder index;
  private long position = HeaderLayout.LENGTH;

  /** An empty one. */
  public IndexOnly(ContainerId id) {
    this.id = id;
    index = new IndexBuilder(id, IndexBuilder.MIN_COMPRESSED_LENGTH);
  }

  /** Adds a folded file of {@code length} bytes (up to 4 MiB); its key is above the last one. */
  public void add(byte[] path, Attributes attributes, int length, int crc) {
    LogicalPath logical = LogicalPath.trusted(path);
    index.checkNextFile(logical);
    index.enterDirectory();
    int headerLength = RecordLayout.MIN_LENGTH
        + path.length
        + utf8(attributes.owner()).length
        + utf8(attributes.group()).length;
    position += headerLength;
    Payload payload =
        new Payload(PAYLOAD.duplicate().limit(length), length, PayloadCodec.RAW, crc, crc);
    index.addFile(path, attributes, NOTHING, headerLength, payload, position, false);
    position += length;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Entries so far. */
  public int entryCount() {
    return index.entryCount();
  }

  /** Where the index block starts. */
  public long indexOffset() {
    return position;
  }

  /** Writes index block and footer. */
  public void writeTo(OutputStream target) throws IOException {
    long[] written = {0};
    int tableLength = index.writeTo(
        (bytes, from, length) -> {
          target.write(bytes, from, length);
          written[0] += length;
        },
        null);
    target.write(FooterLayout.encode(id, position, written[0], tableLength).array());
  }
}
