package io.pleat.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads one container. Thread-safe. */
public final class ContainerReader implements Closeable {
  private ContainerReader() {}

  /**
   * Checks header and footer and loads the index block.
   *
   * @param expected the id that whoever refers to the container recorded
   * @throws CorruptDataException if the bytes are damaged or another container's
   * @throws UnsupportedFormatException if the file is of a later version or needs a feature that this reader lacks
   */
  public static ContainerReader open(ByteSource source, ContainerId expected) throws IOException {
    throw new IOException("" + source + expected);
  }

  /** The index block; it lives as long as this reader. */
  public IndexBlock index() {
    throw new IllegalStateException();
  }

  /**
   * The original bytes of a folded entry, both checksums verified.
   *
   * @throws IllegalArgumentException if the entry is pass-through or another container's
   */
  public ByteBuffer read(Entry entry) throws IOException {
    throw new IOException("" + entry);
  }

  /**
   * The original bytes of a folded entry whose stored bytes, {@code stored} from position to limit, were read already; both checksums
   * verified. A raw payload's are a view of {@code stored}.
   *
   * @throws IllegalArgumentException if the entry is pass-through or another container's
   */
  public ByteBuffer decode(Entry entry, ByteBuffer stored) throws IOException {
    throw new IOException("" + entry + stored);
  }

  /**
   * Reads all of the container and checks every byte: header, each record against the index block, payload checksums, decoding, index
   * block, footer. Calls {@code damage} for each finding and goes on where it can.
   *
   * @return the CRC32C of the whole file
   */
  public int verify(DamageListener damage) throws IOException {
    throw new IOException("" + damage);
  }

  /** Receives findings. */
  public interface DamageListener {
    /** @param finding what is wrong and where */
    void damaged(CorruptDataException finding);
  }

  @Override
  public void close() throws IOException {}
}
