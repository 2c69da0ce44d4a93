package io.pleat.fold;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;

/**
 * Values on their way between tasks and driver, as byte arrays: whatever serializer the engine's session was given (Kryo cannot make
 * records), it moves bytes.
 */
public final class FoldValues {
  private FoldValues() {}

  /** One value as an iterator over its one byte array. */
  public static Iterator<byte[]> freeze(Serializable value) {
    return List.of(bytes(value)).iterator();
  }

  /** Each value as a byte array. */
  public static Iterator<byte[]> freeze(List<? extends Serializable> values) {
    return values.stream().map(FoldValues::bytes).iterator();
  }

  /** The value as a byte array. */
  public static byte[] bytes(Serializable value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The value that {@link #bytes} was given. */
  public static <T> T thaw(byte[] bytes, Class<T> type) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return type.cast(in.readObject());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("a task's result cannot be read back", e);
    }
  }

  /** The values that {@link #bytes} was given. */
  public static <T> List<T> thawAll(List<byte[]> values, Class<T> type) {
    return values.stream().map(bytes -> thaw(bytes, type)).toList();
  }
}
