package io.pleat.store;

/** How much a listing must tell of what it visits. */
public enum ListingDetail {
  /** Kinds, and lengths of files. */
  LENGTHS,
  /** Attributes, too. */
  ATTRIBUTES,
  /** Stamps, too: everything. */
  STAMPS
}
