package io.pleat.store;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Reads and sets a local file's attributes through java.nio's {@code unix} view; links are never followed. Thread-safe. */
final class LocalAttributes {
  /* One lstat per read. Names of owners are asked once per id: java.nio's own view asks the user database once per file. */
  private static final String WANTED_BUT_STAMP = "unix:mode,size,lastModifiedTime,uid,gid";
  private static final String WANTED = WANTED_BUT_STAMP + ",ino,dev,ctime";

  private static final Attributes UNKNOWN =
      new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");

  private static final int TYPE_MASK = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int LINK = 0120000;
  private static final int MODE_MASK = 07777;
  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;

  private final Map<Integer, String> owners = new ConcurrentHashMap<>();
  private final Map<Integer, String> groups = new ConcurrentHashMap<>();

  /** What stands at {@code file}, called {@code path} in the result. */
  Optional<FileInfo> read(Path file, LogicalPath path) throws IOException {
    return read(file, path, ListingDetail.STAMPS);
  }

  /** As much as {@code detail} of what stands at {@code file}, called {@code path} in the result. */
  Optional<FileInfo> read(Path file, LogicalPath path, ListingDetail detail) throws IOException {
    try {
      return Optional.of(
          detail == ListingDetail.LENGTHS
              ? readLength(file, path)
              : readAttributes(file, path, detail == ListingDetail.STAMPS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (Reasons.isNotDirectory(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /* The view by names makes a map for each file, which takes longer than all else of a listing of lengths: benchmarks/run pending. */
  private static FileInfo readLength(Path file, LogicalPath path) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    FileInfo.Kind kind = found.isRegularFile()
        ? FileInfo.Kind.FILE
        : found.isDirectory()
            ? FileInfo.Kind.DIRECTORY
            : found.isSymbolicLink() ? FileInfo.Kind.SYMBOLIC_LINK : FileInfo.Kind.SPECIAL;
    return new FileInfo(path, kind, kind == FileInfo.Kind.FILE ? found.size() : 0, UNKNOWN, "");
  }

  private FileInfo readAttributes(Path file, LogicalPath path, boolean stamped) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(file, stamped ? WANTED : WANTED_BUT_STAMP, LinkOption.NOFOLLOW_LINKS);
    int typeAndMode = (Integer) found.get("mode");
    FileInfo.Kind kind = switch (typeAndMode & TYPE_MASK) {
      case REGULAR -> FileInfo.Kind.FILE;
      case DIRECTORY -> FileInfo.Kind.DIRECTORY;
      case LINK -> FileInfo.Kind.SYMBOLIC_LINK;
      default -> FileInfo.Kind.SPECIAL;
    };
    FileTime mtime = (FileTime) found.get("lastModifiedTime");
    long nanos = mtime.to(TimeUnit.NANOSECONDS);
    boolean saturated = nanos == Long.MAX_VALUE || nanos == Long.MIN_VALUE;
    Instant instant = saturated ? mtime.toInstant() : null;
    Attributes attributes = new Attributes(
        saturated ? instant.getEpochSecond() : Math.floorDiv(nanos, 1_000_000_000L),
        saturated ? instant.getNano() : (int) Math.floorMod(nanos, 1_000_000_000L),
        typeAndMode & MODE_MASK,
        name(owners, (Integer) found.get("uid"), file, "uid", "owner"),
        name(groups, (Integer) found.get("gid"), file, "gid", "group"),
        "");
    long length = kind == FileInfo.Kind.FILE ? (Long) found.get("size") : 0;
    return new FileInfo(path, kind, length, attributes, stamped ? stamp(found) : "");
  }

  private static String stamp(Map<String, Object> found) {
    return Long.toString((Long) found.get("dev"), Character.MAX_RADIX)
        + '/'
        + Long.toString((Long) found.get("ino"), Character.MAX_RADIX)
        + '/'
        + Long.toString(
            ((FileTime) found.get("ctime")).to(TimeUnit.NANOSECONDS), Character.MAX_RADIX);
  }

  /** Hard links to {@code file}. */
  int links(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }

  private static String name(
      Map<Integer, String> known, Integer id, Path file, String idName, String attribute) {
    String name = known.get(id);
    if (name != null) {
      return name;
    }
    try {
      Map<String, Object> asked =
          Files.readAttributes(file, "unix:" + idName + "," + attribute, LinkOption.NOFOLLOW_LINKS);
      if (!id.equals(asked.get(idName))) {
        return Integer.toUnsignedString(
            id); // given away this instant; ask again with the next file
      }
      name = asked.get(attribute) instanceof UserPrincipal principal
          ? principal.getName()
          : Integer.toUnsignedString(id);
    } catch (IOException e) {
      return Integer.toUnsignedString(id);
    }
    known.put(id, name);
    return name;
  }

  /** Sets what {@code wanted} has; adds a line to {@code failed} for each that this user may not or the file system cannot set. */
  void set(Path file, FileInfo now, Attributes wanted, List<String> failed) {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    // Ownership first, because chown clears the set-id bits; the mode last, because it may take
    // away our own access.
    boolean groupSet = setGroup(view, file, now, wanted, failed);
    boolean ownerSet = setOwner(view, file, now, wanted, failed);
    setTime(file, wanted, failed);
    if (wanted.hasMode()) {
      int mode = wanted.mode();
      if (now.kind() == FileInfo.Kind.FILE) {
        // A program that runs as its owner must not run as someone else instead.
        mode &= ~((ownerSet ? 0 : SET_USER_ID) | (groupSet ? 0 : SET_GROUP_ID));
        if (mode != wanted.mode()) {
          failed.add(
              String.format("set-id bits of mode %04o: owner or group differs", wanted.mode()));
        }
      }
      try {
        Files.setAttribute(file, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
      } catch (IOException e) {
        failed.add(String.format("mode %04o: %s", wanted.mode(), Reasons.of(e)));
      }
    }
  }

  private static boolean setOwner(
      PosixFileAttributeView view,
      Path file,
      FileInfo now,
      Attributes wanted,
      List<String> failed) {
    if (wanted.owner().isEmpty() || wanted.owner().equals(now.attributes().owner())) {
      return true;
    }
    try {
      view.setOwner(lookup(file).lookupPrincipalByName(wanted.owner()));
      return true;
    } catch (UserPrincipalNotFoundException e) {
      failed.add("owner " + wanted.owner() + ": no such user");
    } catch (IOException e) {
      failed.add("owner " + wanted.owner() + ": " + Reasons.of(e));
    }
    return false;
  }

  private static boolean setGroup(
      PosixFileAttributeView view,
      Path file,
      FileInfo now,
      Attributes wanted,
      List<String> failed) {
    if (wanted.group().isEmpty() || wanted.group().equals(now.attributes().group())) {
      return true;
    }
    try {
      GroupPrincipal group = lookup(file).lookupPrincipalByGroupName(wanted.group());
      view.setGroup(group);
      return true;
    } catch (UserPrincipalNotFoundException e) {
      failed.add("group " + wanted.group() + ": no such group");
    } catch (IOException e) {
      failed.add("group " + wanted.group() + ": " + Reasons.of(e));
    }
    return false;
  }

  private static void setTime(Path file, Attributes wanted, List<String> failed) {
    Instant mtime = Instant.ofEpochSecond(wanted.mtimeSeconds(), wanted.mtimeNanos());
    try {
      BasicFileAttributeView view =
          Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      // Java 17 hands a time before 1970 on with a negative fraction, which the kernel refuses;
      // then Java makes it 1970.
      Instant settable =
          mtime.isBefore(Instant.EPOCH) ? mtime.truncatedTo(ChronoUnit.SECONDS) : mtime;
      view.setTimes(FileTime.from(settable), null, null);
      Instant set = view.readAttributes().lastModifiedTime().toInstant();
      if (!set.equals(mtime)) {
        failed.add("mtime " + mtime + ": the file system made it " + set);
      }
    } catch (IOException e) {
      failed.add("mtime " + mtime + ": " + Reasons.of(e));
    }
  }

  private static UserPrincipalLookupService lookup(Path file) {
    return file.getFileSystem().getUserPrincipalLookupService();
  }
}
