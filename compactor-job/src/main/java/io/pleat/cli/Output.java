package io.pleat.cli;

import io.pleat.format.LogicalPath;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Standard output: buffered, UTF-8 whatever the locale, and failing where a {@code PrintStream} would go on in silence. Not
 * thread-safe.
 */
final class Output extends FilterOutputStream {
  private static final int BUFFER_LENGTH = 1 << 16;

  private final byte[] buffer = new byte[BUFFER_LENGTH];
  private final boolean terminal;
  private int used;

  Output(OutputStream stream, Terminal terminal) {
    super(stream);
    this.terminal = terminal.outIsTerminal();
  }

  /** Writes one line. */
  void line(String text) throws IOException {
    print(text);
    write('\n');
  }

  /** Writes text as it is. */
  void print(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a name: escaped for a terminal, else byte for byte. */
  void name(LogicalPath path) throws IOException {
    if (terminal) {
      print(EscapedName.of(path.toString()));
    } else {
      write(path.utf8());
    }
  }

  /** Writes a name: escaped for a terminal, else as it is. */
  void name(String name) throws IOException {
    print(terminal ? EscapedName.of(name) : name);
  }

  /** Writes the remaining bytes, and consumes them. */
  void bytes(ByteBuffer bytes) throws IOException {
    if (bytes.hasArray()) {
      write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      bytes.position(bytes.limit());
      return;
    }
    byte[] chunk = new byte[Math.min(bytes.remaining(), BUFFER_LENGTH)];
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), chunk.length);
      bytes.get(chunk, 0, length);
      write(chunk, 0, length);
    }
  }

  @Override
  public void write(int b) throws IOException {
    if (used == buffer.length) {
      drain();
    }
    buffer[used++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    write(bytes, 0, bytes.length);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > buffer.length - used) {
      drain();
    }
    if (length >= buffer.length) {
      send(bytes, offset, length);
      return;
    }
    System.arraycopy(bytes, offset, buffer, used, length);
    used += length;
  }

  @Override
  public void flush() throws IOException {
    drain();
    out.flush();
  }

  private void drain() throws IOException {
    int length = used;
    used = 0;
    if (length > 0) {
      send(buffer, 0, length);
    }
  }

  private void send(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("Broken pipe")) {
        throw new OutputClosedException(e);
      }
      throw new IOException("standard output: " + e.getMessage(), e);
    }
  }

  /** Flushes; the stream itself is not ours to close. */
  @Override
  public void close() throws IOException {
    flush();
  }
}
