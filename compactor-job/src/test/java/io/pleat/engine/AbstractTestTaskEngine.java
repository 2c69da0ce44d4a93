package io.pleat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.CorruptDataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every engine does. */
@Timeout(120)
public abstract class AbstractTestTaskEngine {
  /** The engine under test, of which each call of this takes part. */
  protected abstract TaskEngine open() throws IOException;

  @Test
  void everyInputIsRunOnceAndItsResultHandedOutInTheCallersThread() throws IOException {
    List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
    List<String> results = new ArrayList<>();
    Thread caller = Thread.currentThread();
    try (TaskEngine engine = open()) {
      assertThat(engine.concurrentTasks()).isPositive();
      engine.run("square", inputs, input -> input + ":" + input * input, result -> {
        assertThat(Thread.currentThread()).isSameAs(caller);
        results.add(result);
      });
      engine.run("square", List.<Integer>of(), input -> "", results::add);
    }
    assertThat(results)
        .containsExactlyInAnyOrderElementsOf(
            inputs.stream().map(input -> input + ":" + input * input).toList());
  }

  @Test
  void failureOfATaskComesOutAsItself() throws IOException {
    try (TaskEngine engine = open()) {
      assertThatThrownBy(() -> engine.run(
              "fail",
              List.of(1, 2, 3),
              input -> {
                if (input == 2) {
                  throw new CorruptDataException("containers/x.pleat", 7, "magic is %s", "zz");
                }
                return input;
              },
              result -> {}))
          .isInstanceOf(IOException.class)
          .hasMessage("magic is zz: containers/x.pleat at offset 7");
      List<Integer> results = new ArrayList<>();
      engine.run("again", List.of(4), input -> input, results::add);
      assertThat(results).containsExactly(4);
    }
  }

  @Test
  void whoTakesResultsCanEndTheRun() throws IOException {
    List<Integer> inputs = IntStream.range(0, 1000).boxed().toList();
    int[] taken = {0};
    try (TaskEngine engine = open()) {
      assertThatThrownBy(() -> engine.run("end", inputs, input -> input, result -> {
            if (++taken[0] == 3) {
              throw new IOException("enough");
            }
          }))
          .isInstanceOf(IOException.class)
          .hasMessage("enough");
    }
    assertThat(taken[0]).isEqualTo(3);
  }
}
