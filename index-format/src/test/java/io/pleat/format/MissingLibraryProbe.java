package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;

/** Reads a payload that needs zstd; run by a class loader that has no zstd-jni. */
public final class MissingLibraryProbe implements Callable<String> {
  /** For the class loader. */
  public MissingLibraryProbe() {}

  @Override
  public String call() throws IOException {
    byte[] file = MissingLibraryProbe.class
        .getResourceAsStream("/vectors/v1/zstd-dictionary.pleat")
        .readAllBytes();
    ContainerId id = ContainerId.read(ByteBuffer.wrap(file), HeaderLayout.ID_AT);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      for (int ordinal = 0; ordinal < reader.index().entryCount(); ordinal++) {
        reader.read(reader.index().payload(ordinal)); // those that are raw can be read
      }
      return "read";
    } catch (UnsupportedFormatException e) {
      return e.getMessage();
    }
  }
}
