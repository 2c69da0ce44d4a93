package io.pleat.format;

import java.io.Serial;

/** A part of a mapped index block is damaged; the block then asks its {@link IndexBlock.Spare}. It leaves no method of a public type. */
final class DamagedPartException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  private final CorruptDataException damage;

  DamagedPartException(CorruptDataException damage) {
    super(damage);
    this.damage = damage;
  }

  CorruptDataException damage() {
    return damage;
  }
}
