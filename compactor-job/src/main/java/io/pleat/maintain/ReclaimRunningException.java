package io.pleat.maintain;

import java.io.IOException;

/** Another reclaim of the same dataset is under way: nothing was done. */
public class ReclaimRunningException extends IOException {
  private static final long serialVersionUID = 1;

  ReclaimRunningException(String dataset, String holder) {
    super("another reclaim of %s is running (%s); run this one when it has ended"
        .formatted(dataset, holder));
  }
}
