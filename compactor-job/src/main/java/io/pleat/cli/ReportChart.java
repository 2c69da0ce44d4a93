package io.pleat.cli;

import static io.pleat.format.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/**
 * What one chart of the report shows; the page's script hands it to the chart library.
 *
 * @param unit {@code bytes}, {@code seconds}, or what is counted
 * @param labels of the categories, in order
 */
record ReportChart(Kind kind, String unit, List<String> labels, List<Series> series) {
  ReportChart {
    labels = List.copyOf(labels);
    series = List.copyOf(series);
    for (Series each : series) {
      checkArgument(
          each.values().size() == labels.size(),
          "%s values of %s for %s labels",
          each.values().size(),
          each.name(),
          labels.size());
    }
  }

  /** How it is drawn. */
  enum Kind {
    COLUMNS,
    /** Columns on a logarithmic scale. */
    LOG_COLUMNS,
    /** Horizontal. */
    BARS,
    /** Horizontal, one on top of the other. */
    STACKED_BARS,
    /** Columns, one on top of the other. */
    STACKED_COLUMNS,
    LINES
  }

  /** @param tone names one of the page's colors */
  record Series(String name, String tone, List<? extends Number> values) {
    Series {
      values = List.copyOf(values);
    }
  }

  /** One series. */
  static ReportChart of(
      Kind kind, String unit, List<String> labels, String name, List<? extends Number> values) {
    return new ReportChart(kind, unit, labels, List.of(new Series(name, "first", values)));
  }

  void writeJson(JsonGenerator json, String id) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", id);
    json.writeStringField("kind", kind == Kind.LINES ? "line" : "bar");
    json.writeBooleanField("horizontal", kind == Kind.BARS || kind == Kind.STACKED_BARS);
    json.writeBooleanField("stacked", kind == Kind.STACKED_BARS || kind == Kind.STACKED_COLUMNS);
    json.writeBooleanField("logarithmic", kind == Kind.LOG_COLUMNS);
    json.writeStringField("unit", unit);
    json.writeArrayFieldStart("labels");
    for (String label : labels) {
      json.writeString(label);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("series");
    for (Series each : series) {
      json.writeStartObject();
      json.writeStringField("name", each.name());
      json.writeStringField("tone", each.tone());
      json.writeFieldName("values");
      Json.writeValue(json, each.values());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
