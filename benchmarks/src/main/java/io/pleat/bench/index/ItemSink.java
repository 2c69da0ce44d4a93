package io.pleat.bench.index;

import java.io.IOException;

/** Takes files in key order. */
interface ItemSink {
  /** @param item valid until this returns */
  void accept(Item item) throws IOException;
}
