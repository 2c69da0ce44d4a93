package io.pleat.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * One part of the report: what there is to see in words, as a chart, and as a table.
 *
 * @param id letters and dashes
 * @param head of the table's columns
 * @param rows of the table, texts as they are to be read
 */
record ReportSection(
    String id,
    String title,
    String text,
    Optional<ReportChart> chart,
    List<String> head,
    List<List<String>> rows) {
  ReportSection {
    requireNonNull(id, "id is null");
    requireNonNull(title, "title is null");
    requireNonNull(text, "text is null");
    requireNonNull(chart, "chart is null");
    head = List.copyOf(head);
    rows = List.copyOf(rows);
  }
}
