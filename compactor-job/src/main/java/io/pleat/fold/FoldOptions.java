package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerWriter;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a tree is folded. Immutable.
 *
 * @param maxFileSize largest file that is folded, in bytes; larger ones pass through
 * @param containerSize original payload bytes at which a container closes
 * @param maxEntries entries at which a container closes, 1 to {@link ContainerWriter#MAX_ENTRIES}
 * @param codec how payloads are stored
 * @param includes globs; if there are any, only files that match one are folded
 * @param excludes globs; files and directories that match one are not folded
 * @param mirror whether what vanished from the source is marked dead
 * @param strict whether a loose file makes the fold fail before it commits
 * @param dryRun whether to stop after the plan, writing nothing
 * @param allowWiderAccess whether bytes may become readable by more people than before
 * @param parallelism tasks at once; 0 is what the engine offers
 * @param maxRequestsPerSecond bound on calls to the source, over all tasks; 0 is none
 * @param maxBytesPerSecond bound on bytes read from the source, over all tasks; 0 is none
 */
public record FoldOptions(
    long maxFileSize,
    long containerSize,
    int maxEntries,
    CodecChoice codec,
    List<String> includes,
    List<String> excludes,
    MirrorDeletes mirror,
    boolean strict,
    boolean dryRun,
    boolean allowWiderAccess,
    int parallelism,
    long maxRequestsPerSecond,
    long maxBytesPerSecond)
    implements Serializable {

  /** Largest allowed {@link #maxFileSize()}, in bytes: a payload is held in memory whole. */
  public static final long MAX_FILE_SIZE_LIMIT = 256L << 20;

  public FoldOptions {
    checkArgument(
        maxFileSize >= 0 && maxFileSize <= MAX_FILE_SIZE_LIMIT,
        "max file size is %s bytes, allowed are 0 to %s",
        maxFileSize,
        MAX_FILE_SIZE_LIMIT);
    checkArgument(
        containerSize >= 1, "container size is %s bytes, at least 1 is needed", containerSize);
    checkArgument(
        maxEntries >= 1 && maxEntries <= ContainerWriter.MAX_ENTRIES,
        "entry limit is %s, allowed are 1 to %s",
        maxEntries,
        ContainerWriter.MAX_ENTRIES);
    requireNonNull(codec, "codec is null");
    includes = List.copyOf(includes);
    excludes = List.copyOf(excludes);
    requireNonNull(mirror, "mirror is null");
    checkArgument(parallelism >= 0, "negative parallelism: %s", parallelism);
    checkArgument(maxRequestsPerSecond >= 0, "negative request rate: %s", maxRequestsPerSecond);
    checkArgument(maxBytesPerSecond >= 0, "negative bandwidth: %s", maxBytesPerSecond);
  }

  /** Files to 4 MiB into containers of 1 GiB or 2^20 entries, stored raw; everything else off. */
  public static FoldOptions defaults() {
    return new FoldOptions(
        4L << 20,
        1L << 30,
        ContainerWriter.MAX_ENTRIES,
        CodecChoice.NONE,
        List.of(),
        List.of(),
        MirrorDeletes.OFF,
        false,
        false,
        false,
        0,
        0,
        0);
  }

  /** The same with another largest file that is folded, in bytes. */
  public FoldOptions withMaxFileSize(long bytes) {
    return with(draft -> draft.maxFileSize = bytes);
  }

  /** The same with another size at which a container closes, in original payload bytes. */
  public FoldOptions withContainerSize(long bytes) {
    return with(draft -> draft.containerSize = bytes);
  }

  /** The same with another number of entries at which a container closes. */
  public FoldOptions withMaxEntries(int entries) {
    return with(draft -> draft.maxEntries = entries);
  }

  /** The same with payloads stored another way. */
  public FoldOptions withCodec(CodecChoice choice) {
    return with(draft -> draft.codec = choice);
  }

  /** The same, folding only files that match one of {@code globs}, if there are any. */
  public FoldOptions withIncludes(List<String> globs) {
    return with(draft -> draft.includes = globs);
  }

  /** The same, not folding what matches one of {@code globs}. */
  public FoldOptions withExcludes(List<String> globs) {
    return with(draft -> draft.excludes = globs);
  }

  /** The same, marking dead what vanished from the source or not. */
  public FoldOptions withMirror(MirrorDeletes choice) {
    return with(draft -> draft.mirror = choice);
  }

  /** The same; {@code fails} says whether a loose file makes the fold fail before it commits. */
  public FoldOptions withStrict(boolean fails) {
    return with(draft -> draft.strict = fails);
  }

  /** The same; {@code stops} says whether to stop after the plan, writing nothing. */
  public FoldOptions withDryRun(boolean stops) {
    return with(draft -> draft.dryRun = stops);
  }

  /** The same; {@code allowed} says whether bytes may become readable by more people than before. */
  public FoldOptions withAllowWiderAccess(boolean allowed) {
    return with(draft -> draft.allowWiderAccess = allowed);
  }

  /** The same with another number of tasks at once; 0 is what the engine offers. */
  public FoldOptions withParallelism(int tasks) {
    return with(draft -> draft.parallelism = tasks);
  }

  /** The same with another bound on calls to the source a second; 0 is none. */
  public FoldOptions withMaxRequestsPerSecond(long calls) {
    return with(draft -> draft.maxRequestsPerSecond = calls);
  }

  /** The same with another bound on bytes read from the source a second; 0 is none. */
  public FoldOptions withMaxBytesPerSecond(long bytes) {
    return with(draft -> draft.maxBytesPerSecond = bytes);
  }

  private FoldOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** The options as plain values, for the record of a run. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("maxFileSize", maxFileSize);
    map.put("containerSize", containerSize);
    map.put("maxEntries", maxEntries);
    map.put("codec", codec.toString());
    map.put("includes", includes);
    map.put("excludes", excludes);
    map.put("mirrorDeletes", mirror.name().toLowerCase(Locale.ROOT));
    map.put("strict", strict);
    map.put("allowWiderAccess", allowWiderAccess);
    map.put("parallelism", parallelism);
    map.put("maxRequestsPerSecond", maxRequestsPerSecond);
    map.put("maxBytesPerSecond", maxBytesPerSecond);
    return map;
  }

  /** Options while one of them changes. */
  private static final class Draft {
    private long maxFileSize;
    private long containerSize;
    private int maxEntries;
    private CodecChoice codec;
    private List<String> includes;
    private List<String> excludes;
    private MirrorDeletes mirror;
    private boolean strict;
    private boolean dryRun;
    private boolean allowWiderAccess;
    private int parallelism;
    private long maxRequestsPerSecond;
    private long maxBytesPerSecond;

    Draft(FoldOptions options) {
      maxFileSize = options.maxFileSize();
      containerSize = options.containerSize();
      maxEntries = options.maxEntries();
      codec = options.codec();
      includes = options.includes();
      excludes = options.excludes();
      mirror = options.mirror();
      strict = options.strict();
      dryRun = options.dryRun();
      allowWiderAccess = options.allowWiderAccess();
      parallelism = options.parallelism();
      maxRequestsPerSecond = options.maxRequestsPerSecond();
      maxBytesPerSecond = options.maxBytesPerSecond();
    }

    FoldOptions finish() {
      return new FoldOptions(
          maxFileSize,
          containerSize,
          maxEntries,
          codec,
          includes,
          excludes,
          mirror,
          strict,
          dryRun,
          allowWiderAccess,
          parallelism,
          maxRequestsPerSecond,
          maxBytesPerSecond);
    }
  }
}
