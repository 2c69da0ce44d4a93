package io.pleat.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class TestMemoryStore extends AbstractTestStore {
  private MemoryStore memory;

  @Override
  protected Store open() {
    memory = new MemoryStore();
    return memory;
  }

  @Override
  protected void overwrite(LogicalPath path, byte[] content) throws IOException {
    memory.put(path.toString(), content);
  }

  @Test
  void aCrashTakesWhatWasNotFinished() throws IOException {
    memory.put("kept", new byte[] {1});
    try (ByteSink sink = memory.create(path("lost"))) {
      sink.write(ByteBuffer.wrap(new byte[3]));
      assertThat(stat("lost").orElseThrow().length()).isEqualTo(3);
      memory.crash();
    }
    assertThat(memory.files()).containsExactly(path("kept"));
  }
}
