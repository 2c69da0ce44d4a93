package io.pleat.read;

import io.pleat.format.LogicalPath;

/** The filter that leaves nothing out. */
enum Everything implements ListingFilter {
  FILTER;

  @Override
  public boolean matches(LogicalPath path) {
    return true;
  }

  @Override
  public boolean canMatchBelow(LogicalPath directory) {
    return true;
  }
}
