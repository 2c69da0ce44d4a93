package io.pleat.maintain;

import java.util.ArrayList;
import java.util.List;

/**
 * What came up while a head was made anew, in words: one line each, for the report.
 *
 * @param damaged files of the head that are damaged or missing
 * @param unknown what nobody can tell
 * @param leftOut containers and files that the new head does not have
 */
record HeadFindings(List<String> damaged, List<String> unknown, List<String> leftOut) {
  HeadFindings() {
    this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }
}
