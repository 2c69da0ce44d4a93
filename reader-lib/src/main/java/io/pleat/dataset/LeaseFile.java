package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of a lease, by which a reader pins a snapshot. It holds until {@code duration} after the store's own time of the file. A lease is
 * renewed by the next file, {@link #renewed()}, and then the deletion of this one.
 *
 * @param version the pinned snapshot
 * @param id random: all files of one lease have it
 * @param number from 0; of the files of one lease the highest speaks
 * @param holder who has it, for people
 */
public record LeaseFile(long version, UUID id, long number, String holder, Duration duration) {
  /** Where the files of all leases lie. */
  public static final LogicalPath DIRECTORY = LogicalPath.of(DatasetLayout.LEASE_DIRECTORY);

  static final String FORMAT = "pleat-lease";
  static final int VERSION_ONE = 1;
  private static final Duration MAX_DURATION = Duration.ofDays(3650);
  private static final int VERSION_DIGITS = 20;

  private static final Pattern NAME = Pattern.compile(
      "([0-9]{20})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([0-9]{1,18})[.]json");

  public LeaseFile {
    checkArgument(version > 0, "version is %s, the first is 1", version);
    requireNonNull(id, "id is null");
    checkArgument(number >= 0, "negative number: %s", number);
    requireNonNull(holder, "holder is null");
    checkArgument(
        !duration.isNegative() && !duration.isZero() && duration.compareTo(MAX_DURATION) <= 0,
        "impossible duration of a lease: %s",
        duration);
  }

  /** What a file's name says. */
  public record Name(long version, UUID id, long number) {}

  /** What the name of a file in {@link #DIRECTORY} says; nothing if it is no lease's. */
  public static Optional<Name> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      long version = Long.parseLong(matcher.group(1));
      return version == 0
          ? Optional.empty()
          : Optional.of(new Name(
              version, UUID.fromString(matcher.group(2)), Long.parseLong(matcher.group(3))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Where the file lies. */
  public LogicalPath path() {
    return LogicalPath.of(String.format(
        Locale.ROOT,
        "%s/%0" + VERSION_DIGITS + "d-%s-%d.json",
        DatasetLayout.LEASE_DIRECTORY,
        version,
        id,
        number));
  }

  /** The next file of the same lease. */
  public LeaseFile renewed() {
    return new LeaseFile(version, id, number + 1, holder, duration);
  }

  /** Writes the file, durable; whole or not at all: half a lease could not say when it ends. */
  public void write(Store dataset) throws IOException {
    dataset.createExclusively(path(), encode());
  }

  /**
   * Reads a lease's file.
   *
   * @throws CorruptDataException if it is damaged, or its name says something else
   * @throws UnsupportedFormatException if it is of a later format version
   * @throws java.nio.file.NoSuchFileException if it was renewed or ended meanwhile
   */
  public static LeaseFile read(Store dataset, LogicalPath path) throws IOException {
    StoredBytes file = StoredBytes.read(dataset, path);
    LeaseFile lease = decode(file);
    if (!lease.path().equals(path)) {
      throw new CorruptDataException(file.source(), 0, "lease says that it is %s", lease.path());
    }
    return lease;
  }

  byte[] encode() throws IOException {
    return SealedJson.write(json -> {
      json.writeStringField("format", FORMAT);
      json.writeNumberField("formatVersion", VERSION_ONE);
      json.writeNumberField("version", version);
      json.writeStringField("id", id.toString());
      json.writeNumberField("number", number);
      json.writeStringField("holder", holder);
      json.writeNumberField("durationMillis", duration.toMillis());
    });
  }

  static LeaseFile decode(StoredBytes file) throws IOException {
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
    private Optional<Long> version = Optional.empty();
    private Optional<UUID> id = Optional.empty();
    private Optional<Long> number = Optional.empty();
    private Optional<String> holder = Optional.empty();
    private Optional<Long> millis = Optional.empty();

    Decoder(String source, JsonObjectReader json) {
      this.source = source;
      this.json = json;
    }

    LeaseFile decode() throws IOException {
      json.readFile(this::readMember);
      if (!json.require(format, "format").equals(FORMAT)) {
        throw json.corrupt("format is '%s', expected '%s'", format.get(), FORMAT);
      }
      if (json.require(formatVersion, "formatVersion") > VERSION_ONE) {
        throw new UnsupportedFormatException(
            source,
            "lease has format version %d, this reader knows up to %d",
            formatVersion.get(),
            VERSION_ONE);
      }
      try {
        return new LeaseFile(
            json.require(version, "version"),
            json.require(id, "id"),
            json.require(number, "number"),
            json.require(holder, "holder"),
            Duration.ofMillis(json.require(millis, "durationMillis")));
      } catch (IllegalArgumentException e) {
        throw json.corrupt("impossible lease: %s", e.getMessage());
      }
    }

    private void readMember(String name) throws IOException {
      switch (name) {
        case "format" -> format = Optional.of(json.text());
        case "formatVersion" -> formatVersion = Optional.of(json.number(0, Integer.MAX_VALUE));
        case "version" -> version = Optional.of(json.number(1, Long.MAX_VALUE));
        case "id" -> id = Optional.of(json.uuid());
        case "number" -> number = Optional.of(json.count());
        case "holder" -> holder = Optional.of(json.text());
        case "durationMillis" -> millis = Optional.of(json.count());
        default -> json.skip();
      }
    }
  }
}
