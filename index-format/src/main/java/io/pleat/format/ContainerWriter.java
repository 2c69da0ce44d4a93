package io.pleat.format;

import java.io.Closeable;
import java.io.IOException;

/**
 * Writes one container: directories and files in ascending key order, then {@link #finish()}. {@code close()} alone abandons it. Not
 * thread-safe.
 */
public final class ContainerWriter implements Closeable {
  /** Most entries that a container can hold. */
  public static final int MAX_ENTRIES = 1 << 20;

  private ContainerWriter() {}

  /** Starts a container by writing its header. The sink stays the caller's to close. */
  public static ContainerWriter create(ByteSink sink, ContainerId id) throws IOException {
    throw new IOException("" + sink + id);
  }

  /** Writes the dictionary that the payloads to come may use; at most once, before the first that does. */
  public void setDictionary(byte[] dictionary) throws IOException {
    throw new IOException("" + dictionary.length);
  }

  /**
   * Records a directory's attributes.
   *
   * @throws IllegalArgumentException if its key is not above the last one
   */
  public void addDirectory(LogicalPath path, Attributes attributes) throws IOException {
    throw new IOException("" + path + attributes);
  }

  /**
   * Appends a file and returns its ordinal.
   *
   * @throws IllegalArgumentException if its key is not above the last one, or an earlier file is an ancestor of it
   */
  public int addFile(LogicalPath path, Attributes attributes, Payload payload, boolean racy)
      throws IOException {
    throw new IOException("" + path + attributes + payload + racy);
  }

  /** Appends a file whose {@code length} bytes stay where they are, and returns its ordinal. */
  public int addPassThrough(LogicalPath path, Attributes attributes, long length)
      throws IOException {
    throw new IOException("" + path + attributes + length);
  }

  /** Writes index block and footer, finishes the sink and describes what was written. */
  public ContainerStatistics finish() throws IOException {
    throw new IOException();
  }

  @Override
  public void close() throws IOException {}
}
