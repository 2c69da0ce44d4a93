package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real file system of a few MiB, in memory; mounting one takes root, without which the test is skipped. */
public final class SmallDisk implements AutoCloseable {
  private final Path root;

  private SmallDisk(Path root) {
    this.root = root;
  }

  /** Mounts one at {@code root}, a new directory. */
  public static SmallDisk mount(Path root, int mebibytes) throws Exception {
    Files.createDirectory(root);
    Process mount = new ProcessBuilder(
            "sh",
            "-c",
            "exec mount -t tmpfs -o size=\"$1m\" pleat-test \"$0\"",
            root.toString(),
            String.valueOf(mebibytes))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    assumeThat(mount.waitFor()).as("exit code of mount: are we root?").isZero();
    return new SmallDisk(root);
  }

  public Path root() {
    return root;
  }

  /** Writes {@code name} until nothing more fits. */
  public Path fill(String name) throws IOException {
    Path file = root.resolve(name);
    byte[] block = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    try {
      assertThat(new ProcessBuilder("umount", root.toString()).start().waitFor())
          .isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
