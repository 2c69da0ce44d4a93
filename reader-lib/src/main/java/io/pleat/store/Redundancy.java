package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * How strongly a file is stored.
 *
 * @param losses copies or pieces of it that may be lost before bytes are
 * @param description for people: {@code 3 replicas}, {@code RS-6-3-1024k}
 */
public record Redundancy(int losses, String description) {
  public Redundancy {
    checkArgument(losses >= 0, "negative losses: %s", losses);
    requireNonNull(description, "description is null");
  }
}
