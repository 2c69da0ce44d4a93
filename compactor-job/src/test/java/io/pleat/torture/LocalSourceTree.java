package io.pleat.torture;

import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;

/** A source on a local disk: a file is written beside the tree and moved into it. Hadoop's client would start a process for each file, to set its mode. */
final class LocalSourceTree implements SourceTree {
  private static final int ATTEMPTS = 10;

  private final Path root;
  private final Path written;
  private final AtomicLong temporaries = new AtomicLong();

  /** @param location of the root; {@code <location>.tmp} beside it is used, too */
  LocalSourceTree(String location) throws IOException {
    root = Files.createDirectories(Path.of(location));
    written = Files.createDirectories(Path.of(location + ".tmp"));
  }

  @Override
  public void put(LogicalPath path, byte[] content) throws IOException {
    Path target = resolve(path);
    Path temporary = Files.write(written.resolve("" + temporaries.incrementAndGet()), content);
    for (int attempt = 1; ; attempt++) {
      try {
        Files.createDirectories(target.getParent());
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (NoSuchFileException e) {
        // Who removes an empty directory at that instant is no surprise to a user.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    Files.deleteIfExists(resolve(path));
  }

  @Override
  public boolean exists(LogicalPath path) {
    return Files.exists(resolve(path));
  }

  private Path resolve(LogicalPath path) {
    return root.resolve(path.toString());
  }
}
