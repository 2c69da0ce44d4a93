package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Files and directories of a dataset as text. */
final class ItemText {
  private static final DateTimeFormatter TO_THE_SECOND =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private ItemText() {}

  /** What a long listing shows before the name, ending in a space. */
  static String longForm(ListedItem item) {
    Optional<Attributes> attributes = attributes(item);
    return String.format(
        Locale.ROOT,
        "%s%s %-8s %-8s %12d %20s ",
        item.isDirectory() ? "d" : "-",
        attributes.map(ItemText::modeLetters).orElse("?????????"),
        orDash(attributes.map(Attributes::owner).orElse("")),
        orDash(attributes.map(Attributes::group).orElse("")),
        item.file().map(Entry::length).orElse(0L),
        attributes.map(a -> TO_THE_SECOND.format(modified(a))).orElse("-"));
  }

  /** Writes one object: path, kind, attributes, and where the bytes of a file lie. */
  static void writeJson(JsonGenerator json, ListedItem item) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", item.path().toString());
    json.writeStringField("kind", kind(item));
    if (item.file().isPresent()) {
      Entry entry = item.file().get();
      json.writeNumberField("length", entry.length());
      writeAttributes(json, entry.attributes());
      json.writeStringField("container", entry.extent().container().toString());
      json.writeNumberField("ordinal", entry.ordinal());
      if (entry.kind() == Entry.Kind.FOLDED) {
        json.writeNumberField("offset", entry.extent().offset());
        json.writeNumberField("storedLength", entry.extent().length());
        json.writeStringField("codec", codecName(entry.codec()));
        json.writeStringField("crc32c", HexFormat.of().toHexDigits(entry.crc32c()));
      }
      if (entry.racy()) {
        json.writeBooleanField("racy", true);
      }
    } else if (item.directoryAttributes().isPresent()) {
      writeAttributes(json, item.directoryAttributes().get());
    }
    json.writeEndObject();
  }

  private static void writeAttributes(JsonGenerator json, Attributes attributes)
      throws IOException {
    json.writeStringField("mtime", modified(attributes).toString());
    if (attributes.hasMode()) {
      json.writeStringField("mode", String.format(Locale.ROOT, "%04o", attributes.mode()));
    }
    if (!attributes.owner().isEmpty()) {
      json.writeStringField("owner", attributes.owner());
    }
    if (!attributes.group().isEmpty()) {
      json.writeStringField("group", attributes.group());
    }
    if (!attributes.etag().isEmpty()) {
      json.writeStringField("etag", attributes.etag());
    }
  }

  /** {@code folded}, {@code pass-through} or {@code directory}. */
  static String kind(ListedItem item) {
    return item.file()
        .map(entry -> entry.kind() == Entry.Kind.FOLDED ? "folded" : "pass-through")
        .orElse("directory");
  }

  /** The codec's name on the command line. */
  static String codecName(int codec) {
    return switch (codec) {
      case 0 -> "none";
      case 1 -> "zstd";
      case 2 -> "zstd-dictionary";
      default -> "codec-" + codec;
    };
  }

  /** Attributes of a file, or of a directory if they are recorded. */
  static Optional<Attributes> attributes(ListedItem item) {
    return item.file().map(Entry::attributes).or(item::directoryAttributes);
  }

  /** The time of modification. */
  static Instant modified(Attributes attributes) {
    return Instant.ofEpochSecond(attributes.mtimeSeconds(), attributes.mtimeNanos());
  }

  /** The nine letters of {@code ls -l}, with s, S, t and T for the special bits. */
  static String modeLetters(Attributes attributes) {
    if (!attributes.hasMode()) {
      return "?????????";
    }
    int mode = attributes.mode();
    StringBuilder letters = new StringBuilder(9);
    for (int who = 2; who >= 0; who--) {
      int bits = mode >> 3 * who;
      boolean special = (mode >> 9 + who & 1) != 0;
      boolean executable = (bits & 1) != 0;
      letters.append((bits & 4) != 0 ? 'r' : '-').append((bits & 2) != 0 ? 'w' : '-');
      if (special) {
        char letter = who == 0 ? 't' : 's';
        letters.append(executable ? letter : Character.toUpperCase(letter));
      } else {
        letters.append(executable ? 'x' : '-');
      }
    }
    return letters.toString();
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : EscapedName.of(text);
  }
}
