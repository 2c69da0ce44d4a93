package io.pleat.dataset;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** A snapshot as the JSON of its file; see docs/format-dataset.md. */
final class SnapshotCodec {
  static final String FORMAT = "pleat-snapshot";
  static final int VERSION_DRAFT = 0;
  static final int SUPPORTED_VERSION = VERSION_DRAFT;
  static final long SUPPORTED_REQUIRED_FEATURES = 0;
  private static final Set<String> STATISTICS = Arrays.stream(
          SnapshotStatistics.class.getRecordComponents())
      .map(RecordComponent::getName)
      .collect(Collectors.toUnmodifiableSet());
  private static final long MAX_FEATURES = (1L << 53) - 1;

  private SnapshotCodec() {}

  static byte[] encode(Snapshot snapshot) throws IOException {
    return SealedJson.write(json -> {
      json.writeStringField("format", FORMAT);
      json.writeNumberField("formatVersion", VERSION_DRAFT);
      json.writeNumberField("requiredFeatures", 0L);
      json.writeNumberField("optionalFeatures", 0L);
      json.writeNumberField("version", snapshot.version());
      json.writeStringField("commitId", snapshot.commitId().toString());
      json.writeStringField("runId", snapshot.runId().toString());
      json.writeStringField("committedAt", snapshot.committedAt().toString());
      json.writeStringField("operation", snapshot.operation());
      json.writeStringField("sourceRoot", snapshot.sourceRoot());
      json.writeArrayFieldStart("manifests");
      for (ManifestReference manifest : snapshot.manifests()) {
        json.writeStartObject();
        writeReferenceMembers(json, manifest.file());
        json.writeNumberField("containers", manifest.containers());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("deletionVectors");
      for (DeletionVectorReference vector : snapshot.deletionVectors()) {
        json.writeStartObject();
        json.writeStringField("container", vector.container().toString());
        writeReferenceMembers(json, vector.file());
        json.writeNumberField("cardinality", vector.cardinality());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeObjectFieldStart("catalog");
      json.writeObjectFieldStart("containers");
      writeReferenceMembers(json, snapshot.catalog().containers());
      json.writeEndObject();
      if (snapshot.catalog().deadRows().isPresent()) {
        json.writeObjectFieldStart("deadRows");
        writeReferenceMembers(json, snapshot.catalog().deadRows().get());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeObjectFieldStart("statistics");
      writeStatistics(json, snapshot.statistics());
      json.writeEndObject();
    });
  }

  private static void writeReferenceMembers(JsonGenerator json, FileReference file)
      throws IOException {
    json.writeStringField("path", file.path().toString());
    json.writeNumberField("length", file.length());
    json.writeStringField("crc32c", HexFormat.of().toHexDigits(file.crc32c()));
  }

  private static void writeStatistics(JsonGenerator json, SnapshotStatistics statistics)
      throws IOException {
    json.writeNumberField("files", statistics.files());
    json.writeNumberField("foldedFiles", statistics.foldedFiles());
    json.writeNumberField("passThroughFiles", statistics.passThroughFiles());
    json.writeNumberField("directories", statistics.directories());
    json.writeNumberField("payloadBytes", statistics.payloadBytes());
    json.writeNumberField("storedBytes", statistics.storedBytes());
    json.writeNumberField("passThroughBytes", statistics.passThroughBytes());
    json.writeNumberField("indexBytes", statistics.indexBytes());
    json.writeNumberField("looseFiles", statistics.looseFiles());
    json.writeNumberField("sourceFiles", statistics.sourceFiles());
    json.writeNumberField("sourceDirectories", statistics.sourceDirectories());
    json.writeNumberField("sourceBlocks", statistics.sourceBlocks());
  }

  /**
   * The inverse of {@link #encode}.
   *
   * @throws CorruptDataException if the bytes are damaged or make no sense
   * @throws UnsupportedFormatException if the snapshot is of a later format version or requires an unknown feature
   */
  static Snapshot decode(StoredBytes file) throws IOException {
    SealedJson.check(file.source(), file.bytes());
    try (JsonObjectReader json = new JsonObjectReader(file.source(), file.bytes())) {
      return new Decoder(file.source(), json).decode();
    }
  }

  private static final class Decoder {
    private final String source;
    private final JsonObjectReader json;

    private Optional<String> format = Optional.empty();
    private Optional<Long> formatVersion = Optional.empty();
    private Optional<Long> requiredFeatures = Optional.empty();
    private Optional<Long> version = Optional.empty();
    private Optional<UUID> commitId = Optional.empty();
    private Optional<UUID> runId = Optional.empty();
    private Optional<Instant> committedAt = Optional.empty();
    private Optional<String> operation = Optional.empty();
    private Optional<String> sourceRoot = Optional.empty();
    private Optional<List<ManifestReference>> manifests = Optional.empty();
    private Optional<List<DeletionVectorReference>> deletionVectors = Optional.empty();
    private Optional<CatalogReferences> catalog = Optional.empty();
    private Optional<SnapshotStatistics> statistics = Optional.empty();

    Decoder(String source, JsonObjectReader json) {
      this.source = source;
      this.json = json;
    }

    Snapshot decode() throws IOException {
      json.readFile(this::readMember);
      json.require(format, "format");
      json.require(formatVersion, "formatVersion");
      json.require(requiredFeatures, "requiredFeatures");
      try {
        return new Snapshot(
            json.require(version, "version"),
            json.require(commitId, "commitId"),
            json.require(runId, "runId"),
            json.require(sourceRoot, "sourceRoot"),
            json.require(committedAt, "committedAt"),
            json.require(operation, "operation"),
            json.require(manifests, "manifests"),
            json.require(deletionVectors, "deletionVectors"),
            json.require(catalog, "catalog"),
            json.require(statistics, "statistics"));
      } catch (IllegalArgumentException e) {
        throw json.corrupt("impossible snapshot: %s", e.getMessage());
      }
    }

    private void readMember(String name) throws IOException {
      switch (name) {
        case "format" -> format = Optional.of(checkFormat(json.text()));
        case "formatVersion" ->
          formatVersion = Optional.of(checkVersion(json.number(0, Integer.MAX_VALUE)));
        case "requiredFeatures" ->
          requiredFeatures = Optional.of(checkFeatures(json.number(0, MAX_FEATURES)));
        case "optionalFeatures" -> json.number(0, MAX_FEATURES);
        case "version" -> version = Optional.of(json.number(1, Long.MAX_VALUE));
        case "commitId" -> commitId = Optional.of(json.uuid());
        case "runId" -> runId = Optional.of(json.uuid());
        case "committedAt" -> committedAt = Optional.of(json.instant());
        case "operation" -> operation = Optional.of(json.text());
        case "sourceRoot" -> sourceRoot = Optional.of(json.text());
        case "manifests" -> manifests = Optional.of(manifests());
        case "deletionVectors" -> deletionVectors = Optional.of(deletionVectors());
        case "catalog" -> catalog = Optional.of(catalog());
        case "statistics" -> statistics = Optional.of(statistics());
        default -> json.skip();
      }
    }

    private String checkFormat(String found) throws IOException {
      if (!found.equals(FORMAT)) {
        throw json.corrupt("format is '%s', expected '%s'", found, FORMAT);
      }
      return found;
    }

    private long checkVersion(long found) throws IOException {
      if (found > SUPPORTED_VERSION) {
        throw new UnsupportedFormatException(
            source,
            "snapshot has format version %d, this reader knows up to %d",
            found,
            SUPPORTED_VERSION);
      }
      return found;
    }

    private long checkFeatures(long found) throws IOException {
      long unknown = found & ~SUPPORTED_REQUIRED_FEATURES;
      if (unknown != 0) {
        throw new UnsupportedFormatException(
            source, "snapshot requires the features 0x%x, which this reader lacks", unknown);
      }
      return found;
    }

    private List<ManifestReference> manifests() throws IOException {
      List<ManifestReference> all = new ArrayList<>();
      json.readArray(() -> {
        Reference reference = new Reference(DatasetLayout.MANIFEST_DIRECTORY);
        long[] containers = {-1};
        json.readObject(name -> {
          if (name.equals("containers")) {
            containers[0] = json.number(0, Integer.MAX_VALUE);
          } else {
            reference.readMember(name);
          }
        });
        if (containers[0] < 0) {
          throw json.corrupt("member 'containers' is missing");
        }
        all.add(new ManifestReference(reference.build(), Math.toIntExact(containers[0])));
      });
      return all;
    }

    private List<DeletionVectorReference> deletionVectors() throws IOException {
      List<DeletionVectorReference> all = new ArrayList<>();
      json.readArray(() -> {
        Reference reference = new Reference(DatasetLayout.DELETION_VECTOR_DIRECTORY);
        ContainerId[] container = new ContainerId[1];
        long[] cardinality = {-1};
        json.readObject(name -> {
          switch (name) {
            case "container" -> container[0] = json.parsed("container id", ContainerId::parse);
            case "cardinality" -> cardinality[0] = json.number(1, Integer.MAX_VALUE);
            default -> reference.readMember(name);
          }
        });
        if (container[0] == null || cardinality[0] < 0) {
          throw json.corrupt("member 'container' or 'cardinality' is missing");
        }
        all.add(new DeletionVectorReference(
            container[0], reference.build(), Math.toIntExact(cardinality[0])));
      });
      return all;
    }

    private CatalogReferences catalog() throws IOException {
      Map<String, FileReference> files = new TreeMap<>();
      json.readObject(name -> {
        if (name.equals("containers") || name.equals("deadRows")) {
          Reference reference = new Reference(DatasetLayout.CATALOG);
          json.readObject(reference::readMember);
          files.put(name, reference.build());
        } else {
          json.skip();
        }
      });
      return new CatalogReferences(
          json.require(Optional.ofNullable(files.get("containers")), "catalog.containers"),
          Optional.ofNullable(files.get("deadRows")));
    }

    private SnapshotStatistics statistics() throws IOException {
      Map<String, Long> values = new TreeMap<>();
      json.readObject(name -> {
        if (STATISTICS.contains(name)) {
          values.put(name, json.count());
        } else {
          json.skip();
        }
      });
      return new SnapshotStatistics(
          statistic(values, "files"),
          statistic(values, "foldedFiles"),
          statistic(values, "passThroughFiles"),
          statistic(values, "directories"),
          statistic(values, "payloadBytes"),
          statistic(values, "storedBytes"),
          statistic(values, "passThroughBytes"),
          statistic(values, "indexBytes"),
          statistic(values, "looseFiles"),
          statistic(values, "sourceFiles"),
          statistic(values, "sourceDirectories"),
          statistic(values, "sourceBlocks"));
    }

    private long statistic(Map<String, Long> values, String name) throws IOException {
      return json.require(Optional.ofNullable(values.get(name)), "statistics." + name);
    }

    /** The members that every reference to a file has. */
    private final class Reference {
      private final String directory;
      private LogicalPath path = LogicalPath.ROOT;
      private long length = -1;
      private Optional<Integer> crc32c = Optional.empty();

      Reference(String directory) {
        this.directory = directory;
      }

      void readMember(String name) throws IOException {
        switch (name) {
          case "path" ->
            path = json.parsed("path below " + directory, text -> {
              LogicalPath parsed = LogicalPath.of(text);
              if (!text.startsWith(directory + "/")) {
                throw new IllegalArgumentException(text);
              }
              return parsed;
            });
          case "length" -> length = json.count();
          case "crc32c" -> crc32c = Optional.of(json.crc32c());
          default -> json.skip();
        }
      }

      FileReference build() throws IOException {
        if (path.isRoot() || length < 0) {
          throw json.corrupt("member 'path' or 'length' of a reference is missing");
        }
        return new FileReference(path, length, json.require(crc32c, "crc32c"));
      }
    }
  }
}
