package io.pleat.read;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** An iterator over items of which each is made when it is asked for. Failures are UncheckedIOExceptions. */
abstract class LazyItems implements Iterator<ListedItem> {
  private ListedItem next;
  private boolean ended;

  /** The next item, or null at the end. */
  abstract ListedItem advance() throws IOException;

  @Override
  public final boolean hasNext() {
    if (next == null && !ended) {
      try {
        next = advance();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      ended = next == null;
    }
    return next != null;
  }

  @Override
  public final ListedItem next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ListedItem item = next;
    next = null;
    return item;
  }
}
