package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.Set;

/**
 * How a dataset is read. Immutable.
 *
 * @param indexCacheBytes bound on resident index blocks, in bytes; at least one block stays whatever its size
 * @param allowedSourceRoots locations under which pass-through files may be read. A dataset whose source root is none of them
 *     gives its pass-through files no bytes, whatever it says
 */
public record ReaderOptions(long indexCacheBytes, Set<String> allowedSourceRoots) {
  public ReaderOptions {
    checkArgument(indexCacheBytes >= 0, "negative index cache size: %s", indexCacheBytes);
    allowedSourceRoots = Set.copyOf(allowedSourceRoots);
  }

  /** 256 MiB of index blocks; no source root is allowed. */
  public static ReaderOptions defaults() {
    return new ReaderOptions(256L << 20, Set.of());
  }

  /** The same with another bound on resident index blocks, in bytes. */
  public ReaderOptions withIndexCacheBytes(long bytes) {
    return new ReaderOptions(bytes, allowedSourceRoots);
  }

  /** The same with these source roots allowed. */
  public ReaderOptions withAllowedSourceRoots(Set<String> roots) {
    return new ReaderOptions(indexCacheBytes, roots);
  }
}
