package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;

/**
 * What is kept of a file or directory beside its name and bytes.
 *
 * @param mtimeSeconds last modification, seconds since 1970-01-01T00:00:00Z, possibly negative
 * @param mtimeNanos nanoseconds within the second, 0 to 999,999,999
 * @param mode permission bits, 0 to 07777 octal, or {@link #UNKNOWN_MODE} where the store has none
 * @param owner owner's name, or decimal id where it has no name; empty where the store has none
 * @param group group's name or id, likewise
 * @param etag the store's own tag of the content; empty where it has none
 */
public record Attributes(
    long mtimeSeconds, int mtimeNanos, int mode, String owner, String group, String etag) {
  /** The mode of a file whose store has no permission bits. */
  public static final int UNKNOWN_MODE = 0xFFFF;

  /** Longest owner, group or etag, in bytes of UTF-8. */
  public static final int MAX_NAME_LENGTH = 255;

  public Attributes {
    checkArgument(
        mtimeNanos >= 0 && mtimeNanos < 1_000_000_000, "nanoseconds out of range: %s", mtimeNanos);
    checkArgument(
        mode >= 0 && mode <= 07777 || mode == UNKNOWN_MODE, "mode out of range: %o", mode);
    requireName("owner", owner);
    requireName("group", group);
    requireName("etag", etag);
  }

  private static void requireName(String what, String name) {
    requireNonNull(name, what + " is null");
    boolean ascii = true;
    for (int i = 0; i < name.length(); i++) {
      ascii &= name.charAt(i) < 0x80;
    }
    if (ascii && name.length() <= MAX_NAME_LENGTH) {
      return;
    }
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    checkArgument(
        utf8.length <= MAX_NAME_LENGTH,
        "%s has %s bytes, at most %s are allowed: '%s'",
        what,
        utf8.length,
        MAX_NAME_LENGTH,
        name);
    checkArgument(
        new String(utf8, StandardCharsets.UTF_8).equals(name),
        "%s has an unpaired surrogate: '%s'",
        what,
        name);
  }

  /** Whether the store had permission bits. */
  public boolean hasMode() {
    return mode != UNKNOWN_MODE;
  }
}
