package io.pleat.maintain;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the damage of one file of a dataset costs until it is mended.
 *
 * @param part what is damaged
 * @param where the damaged file, below the dataset
 * @param container the container that it is, or belongs to: 32 digits; empty if it is of none
 * @param files live files that cannot be read because of it, or may be; of a snapshot 0, as nobody can count them
 * @param unnamed how many of them nobody knows the paths of
 */
public record DamageCost(Part part, String where, String container, long files, long unnamed) {
  /** What is damaged. */
  public enum Part {
    /** The dataset does not open: no file can be read. */
    SNAPSHOT(false),
    /** The dataset does not open; the files are those of the containers that the manifest lists. */
    MANIFEST(false),
    /** The dataset does not open; the files are those of its container, live or dead, which nobody can tell. */
    DELETION_VECTOR(false),
    /** Only these files cannot be read. */
    CONTAINER(true);

    private final boolean opens;

    Part(boolean opens) {
      this.opens = opens;
    }

    /** Whether the dataset opens all the same. */
    public boolean opens() {
      return opens;
    }
  }

  public DamageCost {
    requireNonNull(part, "part is null");
    requireNonNull(where, "where is null");
    requireNonNull(container, "container is null");
  }

  /** The same by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("part", part.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    map.put("where", where);
    if (!container.isEmpty()) {
      map.put("container", container);
    }
    if (part != Part.SNAPSHOT) {
      map.put("files", files);
      map.put("unnamed", unnamed);
    }
    map.put("opens", part.opens());
    return map;
  }
}
