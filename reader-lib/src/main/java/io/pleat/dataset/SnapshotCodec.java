package io.pleat.dataset;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.dataset.Snapshot.RowsReference;
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

  /** From here on a snapshot says what was reclaimed, removed and condemned. */
  static final int VERSION_WHOLE_LIFE = 1;

  static final int SUPPORTED_VERSION = VERSION_WHOLE_LIFE;
  static final long SUPPORTED_REQUIRED_FEATURES = 0;
  private static final Set<String> STATISTICS = Arrays.stream(
          SnapshotStatistics.class.getRecordComponents())
      .map(RecordComponent::getName)
      .collect(Collectors.toUnmodifiableSet());
  private static final long MAX_FEATURES = (1L << 53) - 1;

  private SnapshotCodec() {}

  static byte[] encode(Snapshot snapshot) throws IOException {
    return SealedJson.write(json -> {
      writeIdentity(json, SnapshotStub.of(snapshot));
      json.writeStringField("sourceRoot", snapshot.sourceRoot());
      writeManifests(json, snapshot.manifests());
      writeRows(json, "deletionVectors", snapshot.deletionVectors());
      writeRows(json, "reclaimed", snapshot.reclaimed());
      json.writeObjectFieldStart("tombstones");
      writeManifests(json, snapshot.tombstones().manifests());
      writeRows(json, "deletionVectors", snapshot.tombstones().deletionVectors());
      json.writeEndObject();
      writeRanges(json, "expiredSnapshots", snapshot.retention().expired());
      json.writeArrayFieldStart("condemned");
      for (Condemnation condemnation : snapshot.retention().condemned()) {
        json.writeStartObject();
        json.writeNumberField("version", condemnation.version());
        writeRanges(json, "snapshots", condemnation.snapshots());
        json.writeArrayFieldStart("lists");
        for (CondemnedListReference list : condemnation.lists()) {
          json.writeStartObject();
          writeReferenceMembers(json, list.file());
          json.writeNumberField("paths", list.paths());
          json.writeEndObject();
        }
        json.writeEndArray();
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

  static byte[] encode(SnapshotStub stub) throws IOException {
    return SealedJson.write(json -> {
      writeIdentity(json, stub);
      json.writeBooleanField("expired", true);
    });
  }

  private static void writeIdentity(JsonGenerator json, SnapshotStub snapshot) throws IOException {
    json.writeStringField("format", FORMAT);
    json.writeNumberField("formatVersion", VERSION_WHOLE_LIFE);
    json.writeNumberField("requiredFeatures", 0L);
    json.writeNumberField("optionalFeatures", 0L);
    json.writeNumberField("version", snapshot.version());
    json.writeStringField("commitId", snapshot.commitId().toString());
    json.writeStringField("runId", snapshot.runId().toString());
    json.writeStringField("committedAt", snapshot.committedAt().toString());
    json.writeStringField("operation", snapshot.operation());
  }

  private static void writeManifests(JsonGenerator json, List<ManifestReference> manifests)
      throws IOException {
    json.writeArrayFieldStart("manifests");
    for (ManifestReference manifest : manifests) {
      json.writeStartObject();
      writeReferenceMembers(json, manifest.file());
      json.writeNumberField("containers", manifest.containers());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeRows(
      JsonGenerator json, String name, List<? extends RowsReference> references)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (RowsReference rows : references) {
      json.writeStartObject();
      json.writeStringField("container", rows.container().toString());
      writeReferenceMembers(json, rows.file());
      json.writeNumberField("cardinality", rows.cardinality());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeRanges(JsonGenerator json, String name, VersionSet versions)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (VersionSet.Range range : versions.ranges()) {
      json.writeStartObject();
      json.writeNumberField("first", range.first());
      json.writeNumberField("last", range.last());
      json.writeEndObject();
    }
    json.writeEndArray();
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
   * The snapshot in a file that is no stub.
   *
   * @throws CorruptDataException if the bytes are damaged or make no sense, or it is a stub
   * @throws UnsupportedFormatException if the snapshot is of a later format version or requires an unknown feature
   */
  static Snapshot decode(StoredBytes file) throws IOException {
    if (decodeFile(file) instanceof Snapshot snapshot) {
      return snapshot;
    }
    throw new CorruptDataException(file.source(), 0, "snapshot has expired");
  }

  /** The inverse of both {@code encode}; throws as {@link #decode}. */
  static SnapshotFile decodeFile(StoredBytes file) throws IOException {
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
    private Optional<List<ReclaimedReference>> reclaimed = Optional.empty();
    private Optional<Tombstones> tombstones = Optional.empty();
    private Optional<VersionSet> expiredSnapshots = Optional.empty();
    private Optional<List<Condemnation>> condemned = Optional.empty();
    private boolean expired;
    private Optional<CatalogReferences> catalog = Optional.empty();
    private Optional<SnapshotStatistics> statistics = Optional.empty();

    Decoder(String source, JsonObjectReader json) {
      this.source = source;
      this.json = json;
    }

    SnapshotFile decode() throws IOException {
      json.readFile(this::readMember);
      json.require(format, "format");
      json.require(requiredFeatures, "requiredFeatures");
      if (json.require(formatVersion, "formatVersion") < VERSION_WHOLE_LIFE) {
        reclaimed = Optional.of(List.of());
        tombstones = Optional.of(Tombstones.NONE);
        expiredSnapshots = Optional.of(VersionSet.NONE);
        condemned = Optional.of(List.of());
      }
      if (expired) {
        return new SnapshotStub(
            json.require(version, "version"),
            json.require(commitId, "commitId"),
            json.require(runId, "runId"),
            json.require(committedAt, "committedAt"),
            json.require(operation, "operation"));
      }
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
            json.require(reclaimed, "reclaimed"),
            json.require(tombstones, "tombstones"),
            new Retention(
                json.require(expiredSnapshots, "expiredSnapshots"),
                json.require(condemned, "condemned")),
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
        case "reclaimed" -> reclaimed = Optional.of(reclaimed());
        case "tombstones" -> tombstones = Optional.of(tombstones());
        case "expiredSnapshots" -> expiredSnapshots = Optional.of(versions());
        case "condemned" -> condemned = Optional.of(condemned());
        case "expired" -> expired = json.flag();
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
      return rows(DatasetLayout.DELETION_VECTOR_DIRECTORY, DeletionVectorReference::new);
    }

    private List<ReclaimedReference> reclaimed() throws IOException {
      return rows(DatasetLayout.RECLAIMED_DIRECTORY, ReclaimedReference::new);
    }

    private interface RowsConstructor<T> {
      T make(ContainerId container, FileReference file, int cardinality);
    }

    private <T> List<T> rows(String directory, RowsConstructor<T> constructor) throws IOException {
      List<T> all = new ArrayList<>();
      json.readArray(() -> {
        Reference reference = new Reference(directory);
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
        all.add(constructor.make(container[0], reference.build(), Math.toIntExact(cardinality[0])));
      });
      return all;
    }

    private Tombstones tombstones() throws IOException {
      List<List<ManifestReference>> lists = new ArrayList<>();
      List<List<DeletionVectorReference>> vectors = new ArrayList<>();
      json.readObject(name -> {
        switch (name) {
          case "manifests" -> lists.add(manifests());
          case "deletionVectors" -> vectors.add(deletionVectors());
          default -> json.skip();
        }
      });
      if (lists.isEmpty() || vectors.isEmpty()) {
        throw json.corrupt(
            "member 'tombstones.manifests' or 'tombstones.deletionVectors' is missing");
      }
      try {
        return new Tombstones(lists.get(0), vectors.get(0));
      } catch (IllegalArgumentException e) {
        throw json.corrupt("impossible tombstones: %s", e.getMessage());
      }
    }

    private VersionSet versions() throws IOException {
      List<VersionSet.Range> ranges = new ArrayList<>();
      json.readArray(() -> {
        long[] ends = new long[2];
        json.readObject(name -> {
          switch (name) {
            case "first" -> ends[0] = json.number(1, Long.MAX_VALUE);
            case "last" -> ends[1] = json.number(1, Long.MAX_VALUE);
            default -> json.skip();
          }
        });
        try {
          ranges.add(new VersionSet.Range(ends[0], ends[1]));
        } catch (IllegalArgumentException e) {
          throw json.corrupt("%s", e.getMessage());
        }
      });
      try {
        return new VersionSet(ranges);
      } catch (IllegalArgumentException e) {
        throw json.corrupt("impossible versions: %s", e.getMessage());
      }
    }

    private List<Condemnation> condemned() throws IOException {
      List<Condemnation> all = new ArrayList<>();
      json.readArray(() -> {
        long[] by = {0};
        List<VersionSet> snapshots = new ArrayList<>();
        List<CondemnedListReference> lists = new ArrayList<>();
        json.readObject(name -> {
          switch (name) {
            case "version" -> by[0] = json.number(1, Long.MAX_VALUE);
            case "snapshots" -> snapshots.add(versions());
            case "lists" -> json.readArray(() -> lists.add(condemnedList()));
            default -> json.skip();
          }
        });
        if (by[0] == 0 || snapshots.isEmpty()) {
          throw json.corrupt("member 'version' or 'snapshots' of a condemnation is missing");
        }
        all.add(new Condemnation(by[0], snapshots.get(0), lists));
      });
      return all;
    }

    private CondemnedListReference condemnedList() throws IOException {
      Reference reference = new Reference(DatasetLayout.CONDEMNED_DIRECTORY);
      long[] paths = {-1};
      json.readObject(name -> {
        if (name.equals("paths")) {
          paths[0] = json.count();
        } else {
          reference.readMember(name);
        }
      });
      if (paths[0] < 0) {
        throw json.corrupt("member 'paths' is missing");
      }
      return new CondemnedListReference(reference.build(), paths[0]);
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
