package io.pleat.maintain;

import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.PayloadReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The live rows of a container that is gone, as its file of the catalogue has them: without bytes. */
final class CatalogRows implements RowSource {
  private final ContainerId container;
  private final String missing;
  private final Deque<LiveRow> rows;

  CatalogRows(ContainerId container, String missing, List<LiveRow> rows) {
    this.container = container;
    this.missing = missing;
    this.rows = new ArrayDeque<>(rows);
  }

  @Override
  public ContainerId container() {
    return container;
  }

  @Override
  public Optional<LiveRow> next() {
    return Optional.ofNullable(rows.poll());
  }

  @Override
  public ByteBuffer stored(LiveRow row) throws CorruptDataException {
    throw new CorruptDataException(
        missing, row.entry().orElseThrow().extent().offset(), "container is missing");
  }

  @Override
  public PayloadReader payloads() {
    return PayloadReader.withoutDictionary(container, missing);
  }

  @Override
  public Optional<byte[]> dictionary() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
