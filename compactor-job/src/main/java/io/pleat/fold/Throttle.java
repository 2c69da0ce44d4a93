package io.pleat.fold;

import com.google.common.util.concurrent.RateLimiter;

/** One task's share of the bounds on calls and bytes. Thread-safe. */
@SuppressWarnings("UnstableApiUsage")
final class Throttle {
  private final RateLimiter requests;
  private final RateLimiter kibibytes;

  private Throttle(RateLimiter requests, RateLimiter kibibytes) {
    this.requests = requests;
    this.kibibytes = kibibytes;
  }

  /** An equal share of the options' bounds for each of {@code tasks} that run at once. */
  static Throttle share(FoldOptions options, int tasks) {
    double share = 1.0 / Math.max(1, tasks);
    return new Throttle(
        options.maxRequestsPerSecond() == 0
            ? null
            : RateLimiter.create(options.maxRequestsPerSecond() * share),
        options.maxBytesPerSecond() == 0
            ? null
            : RateLimiter.create(Math.max(options.maxBytesPerSecond() * share / 1024, 0.001)));
  }

  /** Waits until one more call is allowed. */
  void request() {
    if (requests != null) {
      requests.acquire();
    }
  }

  /** Waits until so many more bytes are allowed. */
  void bytes(long count) {
    if (kibibytes != null && count > 0) {
      kibibytes.acquire((int) Math.min(Integer.MAX_VALUE, (count + 1023) / 1024));
    }
  }
}
