package io.pleat.dataset;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.pleat.format.CorruptDataException;
import java.io.Closeable;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Pulls typed values out of a JSON file; whatever it does not like is a {@link CorruptDataException} at its offset. */
final class JsonObjectReader implements Closeable {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_STRING_LENGTH = 1 << 20;

  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxStringLength(MAX_STRING_LENGTH)
          .build())
      .build();

  private final String source;
  private final JsonParser parser;
  private boolean pushedBack;

  JsonObjectReader(String source, byte[] bytes) throws IOException {
    this.source = source;
    this.parser = JSON.createParser(bytes);
  }

  /** Reads the value of the member {@code name}, or calls {@link #skip()}. */
  interface MemberReader {
    void read(String name) throws IOException;
  }

  /** Reads one element of an array. */
  interface ElementReader {
    void read() throws IOException;
  }

  /** Reads the file's only value, an object. */
  void readFile(MemberReader members) throws IOException {
    readObject(members);
    if (nextToken() != null) {
      throw corrupt("unexpected %s after the object", parser.currentToken());
    }
  }

  void readObject(MemberReader members) throws IOException {
    expect(JsonToken.START_OBJECT);
    while (nextToken() != JsonToken.END_OBJECT) {
      if (parser.currentToken() != JsonToken.FIELD_NAME) {
        throw corrupt("found %s, expected a member", parser.currentToken());
      }
      members.read(parser.currentName());
    }
  }

  void readArray(ElementReader element) throws IOException {
    expect(JsonToken.START_ARRAY);
    while (nextToken() != JsonToken.END_ARRAY) {
      pushedBack = true;
      element.read();
    }
  }

  String text() throws IOException {
    expect(JsonToken.VALUE_STRING);
    try {
      return parser.getText();
    } catch (JacksonException e) {
      throw wrap(e);
    }
  }

  /** A string that {@code parse} accepts. */
  <T> T parsed(String what, Function<String, T> parse) throws IOException {
    String text = text();
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw corrupt("'%s' is no %s", text, what);
    }
  }

  UUID uuid() throws IOException {
    return parsed("UUID", text -> {
      UUID uuid = UUID.fromString(text);
      if (!uuid.toString().equals(text)) {
        throw new IllegalArgumentException(text);
      }
      return uuid;
    });
  }

  Instant instant() throws IOException {
    return parsed("instant", Instant::parse);
  }

  int crc32c() throws IOException {
    return parsed("CRC32C of 8 hexadecimal digits", text -> {
      if (text.length() != 8) {
        throw new IllegalArgumentException(text);
      }
      return HexFormat.fromHexDigits(text);
    });
  }

  long number(long min, long max) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT);
    try {
      if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        long value = parser.getLongValue();
        if (value >= min && value <= max) {
          return value;
        }
      }
      throw corrupt("number %s is outside %d..%d", parser.getText(), min, max);
    } catch (JacksonException e) {
      throw wrap(e);
    }
  }

  boolean flag() throws IOException {
    JsonToken found = nextToken();
    if (found != JsonToken.VALUE_TRUE && found != JsonToken.VALUE_FALSE) {
      throw corrupt("found %s, expected true or false", found);
    }
    return found == JsonToken.VALUE_TRUE;
  }

  /** A count or length: not negative. */
  long count() throws IOException {
    return number(0, Long.MAX_VALUE);
  }

  void skip() throws IOException {
    nextToken();
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw wrap(e);
    }
  }

  /** The value of a member that must have been there. */
  <T> T require(Optional<T> value, String name) throws CorruptDataException {
    return value.orElseThrow(() -> corrupt("member '%s' is missing", name));
  }

  CorruptDataException corrupt(String format, Object... arguments) {
    return new CorruptDataException(source, offset(), format, arguments);
  }

  private long offset() {
    return Math.max(parser.currentTokenLocation().getByteOffset(), 0);
  }

  private void expect(JsonToken token) throws IOException {
    JsonToken found = nextToken();
    if (found != token) {
      throw corrupt("found %s, expected %s", found, token);
    }
  }

  private JsonToken nextToken() throws IOException {
    if (pushedBack) {
      pushedBack = false;
      return parser.currentToken();
    }
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw wrap(e);
    }
  }

  private CorruptDataException wrap(JacksonException e) {
    long at = e.getLocation() == null ? offset() : Math.max(e.getLocation().getByteOffset(), 0);
    CorruptDataException corrupt = new CorruptDataException(
        source, at, "not the JSON of a snapshot: %s", e.getOriginalMessage());
    corrupt.initCause(e);
    return corrupt;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
