package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestOutput {
  @Test
  void bytesOfAnyAmountComeOutInOrder() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    Random random = new Random(1);
    Output out = new Output(stream, Terminal.NONE);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[random.nextInt(i % 10 == 0 ? 200_000 : 2000)];
      random.nextBytes(bytes);
      expected.writeBytes(bytes);
      switch (i % 3) {
        case 0 -> out.write(bytes);
        case 1 -> out.bytes(ByteBuffer.wrap(bytes));
        default -> out.bytes(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
      }
    }
    out.flush();
    assertThat(stream.toByteArray()).isEqualTo(expected.toByteArray());
  }

  @Test
  void namesAreEscapedForATerminalOnly() throws IOException {
    LogicalPath path = LogicalPath.of("a\nb");
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try (Output out = new Output(stream, Terminal.NONE)) {
      out.name(path);
    }
    try (Output out = new Output(stream, new Terminal(true, false, 80))) {
      out.name(path);
    }
    assertThat(stream.toString(StandardCharsets.UTF_8)).isEqualTo("a\nba\\nb");
  }

  @Test
  void aClosedPipeIsToldFromAFullDisk() {
    assertThatThrownBy(() -> failing("Broken pipe").flush())
        .isInstanceOf(OutputClosedException.class);
    assertThatThrownBy(() -> failing("No space left on device").flush())
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("standard output: No space left on device");
  }

  private static Output failing(String message) throws IOException {
    Output out = new Output(
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(message);
          }
        },
        Terminal.NONE);
    out.print("text");
    return out;
  }
}
