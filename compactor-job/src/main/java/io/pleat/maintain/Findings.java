package io.pleat.maintain;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.maintain.Finding.Kind;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a check looked at and found, and passes findings on. Thread-safe. */
final class Findings {
  private final VerifyListener listener;
  private final AtomicLongArray counts = new AtomicLongArray(Kind.values().length);
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  Findings(VerifyListener listener) {
    this.listener = listener;
  }

  void phase(String name, long toDo, long bytesToDo) {
    listener.phase(name, toDo, bytesToDo);
  }

  void add(Kind kind, Object where, String what) {
    counts.incrementAndGet(kind.ordinal());
    listener.found(new Finding(kind, where.toString(), what));
  }

  /** Damage that made something throw. */
  void addDamage(Object where, Exception damage) {
    String what =
        damage instanceof CorruptDataException || damage instanceof UnsupportedFormatException
            ? damage.getMessage()
            : Reason.of(damage);
    add(Kind.DAMAGED, where, what);
  }

  /** How much damage was found so far. */
  long damaged() {
    return counts.get(Kind.DAMAGED.ordinal());
  }

  void sawFiles(long count) {
    files.add(count);
  }

  void read(long length) {
    bytes.add(length);
  }

  void tellProgress() {
    listener.progress(files.sum(), bytes.sum());
  }

  VerifyReport report(long version, int containers, double seconds) {
    Map<Kind, Long> found = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      found.put(kind, counts.get(kind.ordinal()));
    }
    return new VerifyReport(version, containers, files.sum(), bytes.sum(), found, seconds);
  }
}
