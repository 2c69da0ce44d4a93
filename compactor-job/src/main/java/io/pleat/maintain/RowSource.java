package io.pleat.maintain;

import io.pleat.format.ContainerId;
import io.pleat.format.PayloadReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The live rows of one container in ascending key order, and the bytes that its files are stored as. Not thread-safe. */
interface RowSource extends Closeable {
  ContainerId container();

  /** The next live row; nothing after the last. */
  Optional<LiveRow> next() throws IOException;

  /**
   * The stored bytes of a folded row that {@link #next} gave, good until the next call; nothing of them was checked.
   *
   * @throws io.pleat.format.CorruptDataException if the container ends before them
   * @throws IOException if they cannot be read
   */
  ByteBuffer stored(LiveRow row) throws IOException;

  /** Turns stored bytes into original ones. */
  PayloadReader payloads() throws IOException;

  /** The dictionary of its payloads, if it has one. */
  Optional<byte[]> dictionary() throws IOException;
}
