package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The bytes of one file in direct memory that is used again once it is released. Close it when done, in any thread; closing it again does
 * nothing. Files that were read together share memory, which is free when the last of them was closed.
 *
 * <p>A buffer that was taken out of it must not be touched after that: it may then hold another file's bytes (but never memory that is not
 * there). One that is never closed is collected as garbage some time, like any direct buffer, and counted by
 * {@link ReadStatistics#pooledBuffersOut} for ever.
 */
public final class PooledBytes implements AutoCloseable {
  private static final VarHandle MEMORY;

  static {
    try {
      MEMORY = MethodHandles.lookup()
          .findVarHandle(PooledBytes.class, "memory", BufferPool.Memory.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ByteBuffer bytes;
  private volatile BufferPool.Memory memory;

  /** @param memory one hold on it is this object's to give up */
  PooledBytes(ByteBuffer bytes, BufferPool.Memory memory) {
    this.bytes = bytes;
    this.memory = memory;
  }

  /**
   * The file's bytes, from position 0 to the limit, big-endian unless it is told otherwise: always the same buffer, this caller's to move.
   *
   * @throws IllegalStateException if it was closed
   */
  public ByteBuffer buffer() {
    checkState(memory != null, "pooled bytes were released");
    return bytes;
  }

  /** How many bytes the file has; also after it was closed. */
  public int length() {
    return bytes.capacity();
  }

  /** Whether {@link #close} was called. */
  public boolean isReleased() {
    return memory == null;
  }

  /** A copy of all bytes on the heap, whatever the buffer's position. */
  byte[] toByteArray() {
    byte[] copy = new byte[length()];
    buffer().get(0, copy);
    return copy;
  }

  @Override
  public void close() {
    BufferPool.Memory held = (BufferPool.Memory) MEMORY.getAndSet(this, null);
    if (held != null) {
      held.release();
    }
  }
}
