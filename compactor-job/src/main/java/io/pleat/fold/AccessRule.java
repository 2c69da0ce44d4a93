package io.pleat.fold;

import io.pleat.format.Attributes;
import java.io.Serializable;

/**
 * Who will be able to read containers, so that a fold can tell which files it would show to more people than before.
 *
 * @param enforced whether the source has modes to compare and wider access was not asked for
 * @param others whether everybody can read the containers
 * @param members whether the members of {@code group} can
 * @param group the containers' group
 */
record AccessRule(boolean enforced, boolean others, boolean members, String group)
    implements Serializable {
  private static final int GROUP_READ = 040;
  private static final int GROUP_TRAVERSE = 010;
  private static final int OTHERS_READ = 04;
  private static final int OTHERS_TRAVERSE = 01;

  /** No file is refused. */
  static final AccessRule NONE = new AccessRule(false, false, false, "");

  /** The rule of containers with these attributes in a directory with those. */
  static AccessRule of(Attributes container, Attributes directory) {
    if (!container.hasMode() || !directory.hasMode()) {
      return NONE;
    }
    return new AccessRule(
        true,
        (container.mode() & OTHERS_READ) != 0 && (directory.mode() & OTHERS_TRAVERSE) != 0,
        (container.mode() & GROUP_READ) != 0 && (directory.mode() & GROUP_TRAVERSE) != 0,
        container.group());
  }

  /** Who can reach what is in a directory: set bits of {@link #OTHERS} and {@link #MEMBERS}. */
  static final int OTHERS = 1;

  static final int MEMBERS = 2;

  /** What is left of {@code reach} below a directory. */
  int reachBelow(int reach, Attributes directory) {
    if (!directory.hasMode()) {
      return reach;
    }
    int below = reach;
    if ((directory.mode() & OTHERS_TRAVERSE) == 0) {
      below &= ~OTHERS;
    }
    if ((directory.mode() & GROUP_TRAVERSE) == 0 || !directory.group().equals(group)) {
      below = (below & OTHERS) != 0 ? below : below & ~MEMBERS;
    }
    return below;
  }

  /** Whether folding a file that {@code reach} can get to would let more people read it. */
  boolean widens(Attributes file, int reach) {
    if (!enforced || !file.hasMode()) {
      return false;
    }
    boolean othersRead = (reach & OTHERS) != 0 && (file.mode() & OTHERS_READ) != 0;
    boolean membersRead = othersRead
        || ((reach & MEMBERS) != 0
            && (file.mode() & GROUP_READ) != 0
            && file.group().equals(group));
    return (others && !othersRead) || (members && !membersRead);
  }
}
