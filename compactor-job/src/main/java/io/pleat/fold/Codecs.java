package io.pleat.fold;

import io.pleat.format.PayloadCodec;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.Iterator;

/** Chooses the codec of one container, looking at its first files where that helps. */
interface Codecs {
  /** Payloads are stored as they are. */
  Codecs RAW = (choice, rows, source, throttle) -> new Choice(null, rows);

  /** @return the codec, and all of {@code rows} again */
  Choice choose(CodecChoice choice, Iterator<PlannedRow> rows, Store source, Throttle throttle) throws IOException;

  /**
   * A choice.
   *
   * @param codec null if payloads are stored as they are
   */
  record Choice(PayloadCodec codec, Iterator<PlannedRow> rows) {}
}
