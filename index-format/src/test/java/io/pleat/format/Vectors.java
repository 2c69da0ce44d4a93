package io.pleat.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pleat.format.zstd.ZstdCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The golden containers under {@code src/test/resources/vectors/v1}, and how each is written. After a deliberate change of the bytes:
 * {@code mvn -pl index-format test -Dtest=TestGoldenContainers -Dpleat.vectors.write=true}, then read the diff of the JSON twins.
 */
final class Vectors {
  static final Path DIRECTORY = Path.of("src/test/resources/vectors/v1");

  /** System property that has the golden files written anew. */
  static final String WRITE = "pleat.vectors.write";

  static final List<String> RAW = List.of(
      "empty",
      "one-entry",
      "one-directory",
      "directories-only",
      "three-files",
      "flags",
      "awkward-order",
      "deep-unicode",
      "pages",
      "filter",
      "long-paths",
      "equal-hashes",
      "unknown-optional-bits",
      "unknown-optional-section");

  /** Read for ever, but not written byte for byte: their bytes depend on zstd's version. */
  static final List<String> COMPRESSED = List.of("zstd-dictionary", "compressed-index");

  static final List<String> ALL =
      Stream.concat(RAW.stream(), COMPRESSED.stream()).toList();

  /** Readers of this version must refuse them; with the words that their twins give as the reason. Written byte for byte. */
  static final Map<String, String> REFUSED = Map.of(
      "unknown-required-bit", "required features 0x00000004",
      "unknown-required-bit-of-records", "required features 0x80000000",
      "unknown-required-section", "section of kind 0x0123");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final Attributes PLAIN = new Attributes(0, 0, 0644, "", "", "");

  private Vectors() {}

  static ContainerId id(String name) {
    return new ContainerId(0x0123456789abcdefL, PathHash.of(name.getBytes(StandardCharsets.UTF_8)));
  }

  static byte[] read(String name) throws IOException {
    return Files.readAllBytes(DIRECTORY.resolve(name + ".pleat"));
  }

  static JsonNode twin(String name) throws IOException {
    return JSON.readTree(DIRECTORY.resolve(name + ".json").toFile());
  }

  static byte[] write(String name) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, id(name))) {
      switch (name) {
        case "empty" -> {}
        case "three-files",
            "unknown-optional-bits",
            "unknown-optional-section",
            "unknown-required-bit",
            "unknown-required-bit-of-records",
            "unknown-required-section" -> writeThreeFiles(writer);
        case "one-directory" -> writer.addDirectory(LogicalPath.of("d"), PLAIN);
        case "flags" -> writeFlags(writer);
        case "equal-hashes" -> writeEqualHashes(writer);
        case "deep-unicode" -> writeDeepUnicode(writer);
        case "directories-only" -> writeDirectoriesOnly(writer);
        case "one-entry" -> writer.addFile(LogicalPath.of("a"), PLAIN, raw("1"), false);
        case "awkward-order" -> writeAwkwardOrder(writer);
        case "pages" -> writeNumbered(writer, 120);
        case "filter" -> {
          writer.addFilter();
          writeNumbered(writer, 40);
        }
        case "long-paths" -> writeLongPaths(writer);
        case "zstd-dictionary" -> writeCompressed(writer);
        case "compressed-index" -> writeNumbered(writer, 400);
        default -> throw new IllegalArgumentException(name);
      }
      writer.finish();
    }
    return changed(name, sink.bytes());
  }

  /** What a later version may have done to a container. */
  private static byte[] changed(String name, byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int footerAt = file.length - FooterLayout.LENGTH;
    switch (name) {
      case "unknown-optional-bits" -> {
        bytes.putInt(HeaderLayout.OPTIONAL_AT, 0x80000001);
        bytes.putInt(footerAt + FooterLayout.OPTIONAL_AT, 0x40000002);
      }
      case "unknown-required-bit" -> bytes.putInt(footerAt + FooterLayout.REQUIRED_AT, 4);
      case "unknown-required-bit-of-records" -> bytes.putInt(HeaderLayout.REQUIRED_AT, 1 << 31);
      case "unknown-optional-section" -> {
        return Resigned.withSection(file, id(name), 0x8123, new byte[] {1, 2, 3});
      }
      case "unknown-required-section" -> {
        return Resigned.withSection(file, id(name), 0x0123, new byte[] {1, 2, 3});
      }
      default -> {
        return file;
      }
    }
    Resigned.header(file);
    Resigned.footer(file);
    return file;
  }

  /** Every kind of row beside every other, and attributes at their limits. */
  private static void writeFlags(ContainerWriter writer) throws IOException {
    Attributes unknown = new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");
    List<Attributes> all = List.of(
        PLAIN,
        unknown,
        new Attributes(Long.MIN_VALUE, 999_999_999, 0, "o".repeat(255), "", ""),
        new Attributes(Long.MAX_VALUE, 1, 07777, "", "g".repeat(255), "e".repeat(255)),
        new Attributes(-1, 0, Attributes.UNKNOWN_MODE, "Zo\u00eb", "1000", "\"\uD83D\uDE00\""));
    writer.addDirectory(LogicalPath.ROOT, unknown);
    int number = 0;
    for (Attributes attributes : all) {
      for (int kind = 0; kind < 3; kind++, number++) {
        LogicalPath path = LogicalPath.of(String.format("f%02d", number));
        if (kind == 2) {
          writer.addPassThrough(path, attributes, (1L << 56) - 1 >>> 4 * number);
        } else {
          writer.addFile(path, attributes, raw("x".repeat(number)), kind == 1);
        }
      }
    }
  }

  /** The locator leads to one of the paths of equal hash, and is not complete. */
  private static void writeEqualHashes(ContainerWriter writer) throws IOException {
    TreeSet<LogicalPath> paths = new TreeSet<>();
    CollidingPaths.of(16).forEach(path -> paths.add(LogicalPath.of(path)));
    for (int i = 0; i < 50; i++) {
      paths.add(LogicalPath.of("u/" + i));
    }
    for (LogicalPath path : paths) {
      writer.addFile(path, PLAIN, raw(""), false);
    }
  }

  private static void writeAwkwardOrder(ContainerWriter writer) throws IOException {
    TreeSet<LogicalPath> paths = new TreeSet<>();
    for (String path : List.of(
        "a",
        "a b",
        "a-b",
        "a.b",
        "b/a",
        "b/a-b/c",
        "b/a.b",
        "b/a c/d",
        "b-a/b",
        "b.a/b",
        "b a/b",
        "b/\u0001/z",
        "b/\u0001a",
        "b/b/b/b",
        "b/bb",
        "\u0001",
        "c/\uD83D\uDE00",
        "c/\uFFFD")) {
      paths.add(LogicalPath.of(path));
    }
    for (LogicalPath path : paths) {
      writer.addFile(path, PLAIN, raw(path.toString()), false);
    }
  }

  /** Several pages and a locator; lengths, gaps, flags and owners vary from page to page. */
  private static void writeNumbered(ContainerWriter writer, int count) throws IOException {
    Random random = new Random(count);
    for (int i = 0; i < count; i++) {
      LogicalPath path = LogicalPath.of(String.format("d%d/%04x.jpg", i / 100, i));
      Attributes attributes = new Attributes(
          1_700_000_000 + i % 5, i % 3, 0644, i % 50 == 49 ? "someone" : "u", "g", "");
      if (i % 100 == 0) {
        writer.addDirectory(path.parent(), attributes);
      }
      byte[] content = new byte[random.nextInt(i / 60 + 1)];
      random.nextBytes(content);
      if (i > 60 && i % 71 == 0) {
        writer.addPassThrough(path, attributes, 1L << i % 50);
      } else {
        writer.addFile(
            path, attributes, Payload.raw(ByteBuffer.wrap(content)), i > 60 && i % 37 == 0);
      }
    }
  }

  private static void writeLongPaths(ContainerWriter writer) throws IOException {
    String component = "x".repeat(200);
    for (String path : List.of(
        "a",
        "y".repeat(254),
        "y".repeat(255),
        component + "/" + "w".repeat(200),
        component + "/" + "w".repeat(202),
        (component + "/").repeat(3) + "far",
        (component + "/").repeat(3) + "far-2",
        "z/short")) {
      writer.addFile(LogicalPath.of(path), PLAIN, raw("content of " + path.length()), false);
    }
  }

  private static void writeThreeFiles(ContainerWriter writer) throws IOException {
    writer.addDirectory(
        LogicalPath.ROOT, new Attributes(1_700_000_000, 0, 0755, "ann", "staff", ""));
    writer.addFile(
        LogicalPath.of("empty"),
        new Attributes(1_700_000_001, 0, 0644, "ann", "staff", ""),
        raw(""),
        false);
    writer.addFile(
        LogicalPath.of("hello.txt"),
        new Attributes(1_700_000_002, 500_000_000, 0600, "bob", "staff", "\"e1\""),
        raw("Hello, world!\n"),
        true);
    writer.addPassThrough(
        LogicalPath.of("big/video.bin"),
        new Attributes(1_600_000_000, 0, 0444, "ann", "staff", ""),
        5_000_000_000L);
  }

  private static void writeDeepUnicode(ContainerWriter writer) throws IOException {
    List<String> names = List.of(
        "a",
        "a-b",
        "a.b",
        "a b",
        "a\nb",
        "%41",
        "#",
        ":",
        "*",
        "\\",
        "é",
        "e\u0301",
        "😀",
        "\u0001",
        "\uFFFD",
        ".x",
        "_y",
        "...",
        "日本語",
        "n".repeat(255));
    TreeMap<LogicalPath, byte[]> files = new TreeMap<>();
    for (String name : names) {
      if (files.size() % 2 == 0 && name.length() < 9) {
        files.put(LogicalPath.of(name + "/" + name), new byte[0]);
      } else {
        files.put(LogicalPath.of(name), name.getBytes(StandardCharsets.UTF_8));
      }
    }
    files.put(LogicalPath.of("d/".repeat(12) + "deep"), new byte[100]);
    int number = 0;
    for (var file : files.entrySet()) {
      number++;
      writer.addFile(
          file.getKey(),
          new Attributes(
              number % 3 == 0 ? -1 : 0,
              number % 2,
              number % 5 == 0 ? Attributes.UNKNOWN_MODE : 0,
              "",
              "",
              ""),
          Payload.raw(ByteBuffer.wrap(file.getValue())),
          number % 7 == 0);
    }
  }

  private static void writeDirectoriesOnly(ContainerWriter writer) throws IOException {
    Attributes attributes = new Attributes(5, 6, 01777, "0", "0", "");
    for (String path : List.of("a", "a/b", "a/b/c", "a-b", "z/y/x")) {
      writer.addDirectory(LogicalPath.of(path), attributes);
    }
  }

  private static void writeCompressed(ContainerWriter writer) throws IOException {
    byte[] dictionary = text(new Random(1), 400).getBytes(StandardCharsets.UTF_8);
    writer.setDictionary(dictionary);
    try (ZstdCodec plain = ZstdCodec.of(3);
        ZstdCodec withDictionary = ZstdCodec.withDictionary(3, dictionary)) {
      for (int i = 0; i < 16; i++) {
        Random random = new Random(i);
        byte[] content =
            text(new Random(1), 400).substring(i, 60 + 20 * i).getBytes(StandardCharsets.UTF_8);
        if (i % 10 == 9) {
          random.nextBytes(content);
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        writer.addFile(
            LogicalPath.of(String.format("t/%02d", i)),
            new Attributes(
                random.nextInt(),
                random.nextInt(1000),
                0640,
                "o" + i % 3,
                "g",
                "etag-" + i + "-" + Integer.toString(i * 7919, 2).repeat(3)),
            i % 3 == 0 ? plain.encode(bytes) : withDictionary.encode(bytes),
            false);
      }
    }
  }

  /** Words drawn from a small set: compresses well. */
  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(Integer.toString(random.nextInt(400), 36))
          .append(random.nextInt(9) == 0 ? '\n' : ' ');
    }
    return text.substring(0, length);
  }

  private static Payload raw(String text) {
    return Payload.raw(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** What a reader finds in a container, as its JSON twin states it. */
  static JsonNode describe(byte[] file, ContainerId id) throws IOException {
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      IndexBlock index = reader.index();
      ObjectNode root = JSON.createObjectNode();
      root.put("id", id.toString());
      root.put("version", 1);
      root.put("length", file.length);
      root.put("crc32c", Checksums.hex(Checksums.crc32c(file, 0, file.length)));
      root.put("indexOffset", index.indexOffset());
      root.put(
          "dictionarySha256",
          index.dictionary().map(bytes -> sha256(ByteBuffer.wrap(bytes))).orElse(null));
      ArrayNode entries = root.putArray("entries");
      for (int ordinal = 0; ordinal < index.entryCount(); ordinal++) {
        Entry entry = index.entry(ordinal);
        ObjectNode node = entries.addObject();
        node.put("path", entry.path().toString());
        node.put("ordinal", entry.ordinal());
        node.put("kind", entry.kind().name());
        node.put("length", entry.length());
        node.put("offset", entry.extent().offset());
        node.put("storedLength", entry.extent().length());
        node.put("codec", entry.codec());
        node.put("storedCrc32c", Checksums.hex(entry.storedCrc32c()));
        node.put("crc32c", Checksums.hex(entry.crc32c()));
        node.put("racy", entry.racy());
        node.set("attributes", describe(entry.attributes()));
        node.put("sha256", entry.kind() == Entry.Kind.FOLDED ? sha256(reader.read(entry)) : null);
      }
      ArrayNode directories = root.putArray("directories");
      for (int number = 0; number < index.directoryCount(); number++) {
        DirectoryEntry directory = index.directory(number);
        ObjectNode node = directories.addObject();
        node.put("path", directory.path().toString());
        node.put("index", directory.index());
        node.put("firstEntry", directory.firstEntry());
        node.put("endEntry", directory.endEntry());
        node.put("subtreeEndEntry", directory.subtreeEndEntry());
        node.put("subtreeEndIndex", directory.subtreeEndIndex());
        node.set("attributes", directory.attributes().map(Vectors::describe).orElse(null));
      }
      return root;
    }
  }

  private static ObjectNode describe(Attributes attributes) {
    ObjectNode node = JSON.createObjectNode();
    node.put("mtimeSeconds", attributes.mtimeSeconds());
    node.put("mtimeNanos", attributes.mtimeNanos());
    node.put("mode", attributes.mode());
    node.put("owner", attributes.owner());
    node.put("group", attributes.group());
    node.put("etag", attributes.etag());
    return node;
  }

  static String sha256(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a golden file and its twin, if its bytes are not there already. */
  static void store(String name, byte[] file) throws IOException {
    Files.createDirectories(DIRECTORY);
    Path path = DIRECTORY.resolve(name + ".pleat");
    if (!Files.exists(path) || !Arrays.equals(Files.readAllBytes(path), file)) {
      Files.write(path, file);
    }
    JsonNode twin = REFUSED.containsKey(name)
        ? JSON.createObjectNode().put("refused", REFUSED.get(name))
        : describe(file, id(name));
    Files.writeString(DIRECTORY.resolve(name + ".json"), JSON.writeValueAsString(twin) + "\n");
  }
}
