package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.CorruptDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A JSON object that ends in its own checksum: the last {@link #SEAL_LENGTH} bytes are a member {@code crc32c}, whose value covers
 * all bytes before them, and the end of the object.
 */
final class SealedJson {
  private static final String SEAL_START = ",\n  \"crc32c\" : \"";
  private static final String SEAL_END = "\"\n}\n";
  private static final int CRC_DIGITS = 8;
  static final int SEAL_LENGTH = SEAL_START.length() + CRC_DIGITS + SEAL_END.length();

  private static final String OBJECT_END = "\n}";
  private static final JsonFactory JSON = new ObjectMapper().getFactory();

  private SealedJson() {}

  /** Writes the members of an object that has at least one. */
  interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  static byte[] write(Members members) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(indenter);
    printer.indentArraysWith(indenter);
    try (JsonGenerator json = JSON.createGenerator(out, JsonEncoding.UTF8)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    }
    byte[] object = out.toByteArray();
    int sealAt = object.length - OBJECT_END.length();
    byte[] sealed = Arrays.copyOf(object, sealAt + SEAL_LENGTH);
    byte[] seal = seal(StoredBytes.crc32c(object, 0, sealAt));
    System.arraycopy(seal, 0, sealed, sealAt, SEAL_LENGTH);
    return sealed;
  }

  /** Proves that {@code bytes} are as they were written. */
  static void check(String source, byte[] bytes) throws CorruptDataException {
    int sealAt = bytes.length - SEAL_LENGTH;
    if (sealAt < 1) {
      throw new CorruptDataException(
          source, bytes.length, "file has %d bytes, too few for a checksum", bytes.length);
    }
    int crc = StoredBytes.crc32c(bytes, 0, sealAt);
    byte[] expected = seal(crc);
    int difference = Arrays.mismatch(bytes, sealAt, bytes.length, expected, 0, SEAL_LENGTH);
    if (difference < 0) {
      return;
    }
    int digitsAt = SEAL_START.length();
    boolean digitsDiffer = difference >= digitsAt && difference < digitsAt + CRC_DIGITS;
    throw new CorruptDataException(
        source,
        sealAt + (digitsDiffer ? digitsAt : difference),
        digitsDiffer
            ? "CRC32C of JSON object is 0x%s, stored 0x%s"
            : "JSON object with CRC32C 0x%s ends in '%s'",
        HexFormat.of().toHexDigits(crc),
        printable(
            digitsDiffer
                ? Arrays.copyOfRange(bytes, sealAt + digitsAt, sealAt + digitsAt + CRC_DIGITS)
                : Arrays.copyOfRange(bytes, sealAt, bytes.length)));
  }

  private static byte[] seal(int crc) {
    return (SEAL_START + HexFormat.of().toHexDigits(crc) + SEAL_END).getBytes(US_ASCII);
  }

  private static String printable(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append(
          b >= ' ' && b < 0x7f
              ? String.valueOf((char) b)
              : String.format(Locale.ROOT, "\\x%02x", b));
    }
    return text.toString();
  }
}
