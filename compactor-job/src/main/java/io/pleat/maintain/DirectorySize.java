package io.pleat.maintain;

import static java.util.Objects.requireNonNull;

import io.pleat.format.LogicalPath;

/**
 * What a directory holds, its subdirectories included.
 *
 * @param files live files, pass-through ones included
 * @param bytes their original bytes
 */
public record DirectorySize(LogicalPath path, long files, long bytes) {
  public DirectorySize {
    requireNonNull(path, "path is null");
  }
}
