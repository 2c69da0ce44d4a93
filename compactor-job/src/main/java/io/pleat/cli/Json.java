package io.pleat.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Generators of JSON on standard output. */
final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private Json() {}

  /** For one object, indented; ends with a line feed that the caller writes. */
  static JsonGenerator object(OutputStream out) throws IOException {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    return FACTORY
        .createGenerator(out)
        .setPrettyPrinter(
            new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines));
  }

  /** For many objects, one a line; the caller writes the line feeds. */
  static JsonGenerator lines(OutputStream out) throws IOException {
    return FACTORY.createGenerator(out).setRootValueSeparator(null);
  }

  /** Writes a text, number, truth value, or a map or list of such. */
  static void writeValue(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.writeFieldName(member.getKey().toString());
        writeValue(json, member.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof Iterable<?> values) {
      json.writeStartArray();
      for (Object each : values) {
        writeValue(json, each);
      }
      json.writeEndArray();
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Double || value instanceof Float) {
      json.writeNumber(((Number) value).doubleValue());
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(String.valueOf(value));
    }
  }
}
