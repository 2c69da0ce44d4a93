package io.pleat.format;

import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Walks the records of a container whose index block or footer cannot be used, and skips what is damaged. Only records with this
 * container's id, their own offset and a right CRC count, so payload bytes that look like records do not. Not thread-safe.
 */
public final class RecordScanner implements Closeable {
  private final ByteSource source;
  private final ContainerId id;
  private final RecordReader records;
  private final long end;
  private long position = HeaderLayout.LENGTH;
  private long skipped;
  private byte[] dictionary;

  private RecordScanner(ByteSource source, ContainerId id, long end) {
    this.source = source;
    this.id = id;
    this.end = end;
    records = new RecordReader(source, id, end, new ForwardWindow(source, end));
  }

  /** What a record holds: one of a file, of a pass-through, of a directory. */
  public sealed interface Salvaged permits SalvagedFile, SalvagedDirectory {}

  /**
   * A file or pass-through.
   *
   * @param entry as the lost index block had it; its stored bytes have not been read yet
   */
  public record SalvagedFile(Entry entry) implements Salvaged {}

  /**
   * A directory with recorded attributes.
   *
   * @param index its index in the lost directory table
   */
  public record SalvagedDirectory(LogicalPath path, int index, Attributes attributes)
      implements Salvaged {}

  /**
   * Starts a scan. Neither the file's header nor its footer need be whole.
   *
   * @param expected the id that whoever refers to the container recorded
   * @throws UnsupportedFormatException if header or footer is whole and says that the file is of another version or needs a feature
   *     that this reader lacks
   */
  public static RecordScanner open(ByteSource source, ContainerId expected) throws IOException {
    requireNonNull(expected, "id is null");
    checkHeader(source, expected);
    long end;
    try {
      end = FooterLayout.read(source, expected).indexOffset();
    } catch (CorruptDataException e) {
      end = source.length();
    }
    return new RecordScanner(source, expected, end);
  }

  private static void checkHeader(ByteSource source, ContainerId expected) throws IOException {
    if (source.length() < HeaderLayout.LENGTH) {
      return;
    }
    ByteBuffer header = Reads.buffer(HeaderLayout.LENGTH);
    Reads.readFully(source, 0, header);
    try {
      HeaderLayout.check(header, source.toString(), expected);
    } catch (CorruptDataException e) {
      return; // Records are sound or not by themselves.
    }
  }

  /** The next file or directory that can be made out, or nothing at the end of the file. */
  public Optional<Salvaged> next() throws IOException {
    while (position < end) {
      RecordLayout.Header header;
      try {
        header = records.read(position);
      } catch (CorruptDataException e) {
        if (e.getCause() instanceof EOFException) {
          throw e;
        }
        long next = records.resync(position + 1);
        skipped += next - position;
        position = next;
        continue;
      }
      position = header.end();
      switch (header.kind()) {
        case RecordLayout.DICTIONARY -> readDictionary(header);
        case RecordLayout.DIRECTORY -> {
          return Optional.of(
              new SalvagedDirectory(header.path(), header.ordinal(), header.attributes()));
        }
        default -> {
          return Optional.of(new SalvagedFile(header.toEntry(id)));
        }
      }
    }
    return Optional.empty();
  }

  private void readDictionary(RecordLayout.Header header) throws IOException {
    ByteBuffer stored = Reads.buffer(header.storedLength());
    Reads.readFully(source, header.payloadOffset(), stored);
    if (Checksums.crc32c(stored) == header.storedCrc()) {
      dictionary = stored.array();
    }
  }

  /** The dictionary, once the scan has passed it; it stands before the first file that needs it. */
  public Optional<byte[]> dictionary() {
    return Optional.ofNullable(dictionary).map(byte[]::clone);
  }

  /**
   * Bytes so far that belong to no sound record. Where the footer is damaged, the index block is among them at the end.
   */
  public long skippedBytes() {
    return skipped;
  }

  /** Lets go of the buffer; the source stays open. */
  @Override
  public void close() {
    records.close();
  }
}
