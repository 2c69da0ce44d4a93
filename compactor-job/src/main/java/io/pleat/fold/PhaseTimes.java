package io.pleat.fold;

import java.util.LinkedHashMap;
import java.util.Map;

/** Wall time by phase. Thread-safe. */
final class PhaseTimes {
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final long begun = System.nanoTime();
  private String current = "";
  private long since = begun;
  private double total;

  synchronized void start(String phase) {
    stop();
    current = phase;
    since = System.nanoTime();
  }

  synchronized void stop() {
    long now = System.nanoTime();
    if (!current.isEmpty()) {
      seconds.merge(current, (now - since) / 1e9, Double::sum);
    }
    current = "";
    total = (now - begun) / 1e9;
  }

  synchronized double total() {
    return total;
  }

  synchronized Map<String, Double> seconds() {
    return new LinkedHashMap<>(seconds);
  }
}
