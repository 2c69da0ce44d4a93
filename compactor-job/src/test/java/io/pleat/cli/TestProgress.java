package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TestProgress {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long now;

  private Progress on(Terminal terminal) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Progress(new Messages(stream, terminal), new RunMetrics(), () -> now);
  }

  private String shown() {
    String text = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return text;
  }

  private void pass(double seconds) {
    now += (long) (seconds * 1e9);
  }

  @Test
  void offATerminalALineIsSaidEveryTenSeconds() {
    Progress progress = on(Terminal.NONE);
    progress.phase("write", 1000, 1 << 20);
    pass(9);
    progress.progress(100, 1 << 17);
    assertThat(shown()).isEmpty();
    pass(1);
    progress.progress(500, 1 << 19);
    assertThat(shown())
        .isEqualTo(
            "pleat: write: 500 of 1,000 files, 512.0 KiB, 50 files/s, 51.2 KiB/s, 0:10 left\n");
    pass(9);
    progress.progress(900, 1 << 19);
    assertThat(shown()).isEmpty();
  }

  @Test
  void bytesAloneAreProgressToo() {
    Progress progress = on(Terminal.NONE);
    progress.phase("warm", 0, 1 << 20);
    pass(10);
    progress.progress(0, 1 << 19);
    assertThat(shown()).isEqualTo("pleat: warm: 512.0 KiB of 1.0 MiB, 51.2 KiB/s, 0:10 left\n");
  }

  @Test
  void onATerminalABarIsRedrawnInPlace() {
    Progress progress = on(new Terminal(false, true, 120));
    progress.phase("write", 1000, 0);
    pass(2);
    progress.progress(250, 0);
    String shown = shown();
    assertThat(shown)
        .contains(
            "\rwrite [######..................]  25 %  250 of 1,000 files, 125 files/s, 0:06 left");
    assertThat(shown).doesNotContain("\n");
    progress.message("one line");
    assertThat(shown()).endsWith("\rpleat: one line\n");
  }

  @Test
  void theBarFitsTheTerminal() {
    Progress progress = on(new Terminal(false, true, 40));
    progress.phase("write", 1000, 1L << 40);
    pass(2);
    progress.progress(250, 1 << 30);
    for (String line : shown().split("\r")) {
      assertThat(line.length()).isLessThan(40);
    }
  }

  @Test
  void narrowTerminalsKeepRateAndTimeLeft() {
    Progress progress = on(new Terminal(false, true, 60));
    progress.phase("write", 78_579, 1L << 30);
    pass(2);
    shown();
    progress.progress(25_000, 1 << 28);
    assertThat(shown()).startsWith("\rwrite [###.......]  25 %  12,500 files/s, 0:06 left");
  }

  @Test
  void whatCannotBeCountedShowsItsTime() {
    Progress progress = on(new Terminal(false, true, 60));
    progress.phase("plan", 0, 0);
    pass(65);
    shown();
    progress.progress(0, 0);
    assertThat(shown()).isEqualTo("\rplan  1:05");
  }

  @Test
  void anUnknownAmountHasNoShareAndNoTimeLeft() {
    Progress progress = on(Terminal.NONE);
    progress.phase("list", 0, 0);
    pass(10);
    progress.progress(12_345, 0);
    assertThat(shown()).isEqualTo("pleat: list: 12,345 files, 1,235 files/s\n");
  }
}
