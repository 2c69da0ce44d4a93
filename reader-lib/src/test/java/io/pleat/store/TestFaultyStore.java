package io.pleat.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TestFaultyStore {
  private static final LogicalPath A = LogicalPath.of("a");
  private final MemoryStore memory = new MemoryStore();

  private static void write(Store store) throws IOException {
    try (ByteSink sink = store.create(A)) {
      sink.write(ByteBuffer.wrap(new byte[10]));
      sink.finish();
    }
  }

  @Test
  void countsOperations() throws IOException {
    FaultyStore store = FaultyStore.counting(memory);
    write(store);
    assertThat(store.stat(A)).isPresent();
    assertThat(store.operations()).isEqualTo(4);
    assertThat(store.mutations()).isEqualTo(3);
    assertThat(store.log()).containsExactly("create a", "write a", "finish a", "stat a");
  }

  @Test
  void theDeadCleanNothingUp() {
    FaultyStore store = FaultyStore.faultyAt(memory, FaultyStore.Fault.DIE_AFTER, 1);
    assertThatThrownBy(() -> write(store))
        .isInstanceOf(FaultyStore.Dead.class)
        .hasMessage("died at operation 1");
    assertThat(store.isDead()).isTrue();
    assertThat(memory.stat(A).orElseThrow().length()).isEqualTo(5);
    assertThatThrownBy(() -> store.delete(A)).isInstanceOf(FaultyStore.Dead.class);
    assertThat(memory.stat(A)).isPresent();
  }

  @Test
  void dyingBeforeAnOperationLeavesItUndone() {
    FaultyStore store = FaultyStore.faultyAt(memory, FaultyStore.Fault.DIE_BEFORE, 0);
    assertThatThrownBy(() -> write(store)).isInstanceOf(FaultyStore.Dead.class);
    assertThat(memory.files()).isEmpty();
  }

  @Test
  void aLostAnswerOfAnExclusiveCreationIsUnknown() throws IOException {
    FaultyStore store = FaultyStore.faultyAt(memory, FaultyStore.Fault.LOSE_ANSWER, 0);
    assertThatThrownBy(() -> store.createExclusively(A, new byte[] {7}))
        .isInstanceOf(CommitStateUnknownException.class);
    assertThat(memory.get("a")).containsExactly(7);
  }

  @Test
  void aFailureIsNotDoneAndPasses() throws IOException {
    FaultyStore store = FaultyStore.faultyAt(memory, FaultyStore.Fault.FAIL, 0);
    assertThatThrownBy(() -> store.createExclusively(A, new byte[] {7}))
        .isInstanceOf(IOException.class)
        .hasMessage("failed at operation 0");
    assertThat(memory.files()).isEmpty();
    store.createExclusively(A, new byte[] {7});
    assertThat(memory.files()).containsExactly(A);
  }

  @Test
  void opensTakeTheirLatency() throws IOException {
    memory.put("a", new byte[1]);
    FaultyStore store = FaultyStore.slow(memory, Duration.ofMillis(20));
    long start = System.nanoTime();
    store.open(A).close();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
  }
}
