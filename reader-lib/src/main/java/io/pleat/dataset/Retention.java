package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * Which snapshots are gone, and what is about to go.
 *
 * @param expired versions whose files are stubs
 * @param condemned what earlier commits condemned and nobody has deleted yet, in ascending order of versions
 */
public record Retention(VersionSet expired, List<Condemnation> condemned) {
  /** Nothing was ever condemned. */
  public static final Retention EVERYTHING = new Retention(VersionSet.NONE, List.of());

  public Retention {
    requireNonNull(expired, "expired is null");
    condemned = List.copyOf(condemned);
    for (int i = 0; i < condemned.size(); i++) {
      long before = i == 0 ? 0 : condemned.get(i - 1).version();
      checkArgument(
          condemned.get(i).version() > before,
          "condemnation by version %s follows that by version %s",
          condemned.get(i).version(),
          before);
    }
  }

  /** The versions that are condemned, but not expired yet. */
  public VersionSet condemnedSnapshots() {
    VersionSet all = VersionSet.NONE;
    for (Condemnation condemnation : condemned) {
      all = all.or(condemnation.snapshots());
    }
    return all.andNot(expired);
  }

  /** The version that condemned a snapshot; nothing if it is not condemned, or expired already. */
  public Optional<Long> condemnedBy(long version) {
    return condemned.stream()
        .filter(condemnation -> condemnation.snapshots().contains(version))
        .map(Condemnation::version)
        .findFirst();
  }

  /** The versions up to {@code newest} that are neither expired nor condemned. */
  public VersionSet kept(long newest) {
    return VersionSet.between(1, newest).andNot(expired).andNot(condemnedSnapshots());
  }

  Retention plus(Condemnation condemnation) {
    List<Condemnation> all = new java.util.ArrayList<>(condemned);
    all.add(condemnation);
    return new Retention(expired, all);
  }

  /** After what the versions {@code by} condemned was deleted. */
  Retention settled(VersionSet by) {
    VersionSet gone = expired;
    for (Condemnation condemnation : condemned) {
      if (by.contains(condemnation.version())) {
        gone = gone.or(condemnation.snapshots());
      }
    }
    return new Retention(
        gone,
        condemned.stream()
            .filter(condemnation -> !by.contains(condemnation.version()))
            .toList());
  }
}
