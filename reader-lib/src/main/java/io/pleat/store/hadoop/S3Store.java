package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Redundancy;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import io.pleat.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3AUtils;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.impl.PutObjectOptions;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An S3 bucket, or what lies below a prefix of one. */
final class S3Store implements Store {
  /*
   * S3A has the settings, the credentials and the multipart upload. Everything else goes straight to its client: S3A would show
   * keys as a tree that they need not be, look for directories before each call, and hide an object's tag.
   */
  private static final long CLOCK_NANOS = 2_000_000_000;
  private static final int PAGE_LENGTH = 1000;
  private static final int NOT_FOUND = 404;
  private static final int FORBIDDEN = 403;
  private static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;
  private static final int SERVER_ERROR = 500;
  private static final int NOT_IMPLEMENTED = 501;
  private static final int CONFLICT_ATTEMPTS = 8;
  private static final long CONFLICT_PAUSE_NANOS = 50_000_000;

  private static final Set<String> IN_ONE_PLACE =
      Set.of("ONEZONE_IA", "EXPRESS_ONEZONE", "REDUCED_REDUNDANCY");

  private static final StoreTraits TRAITS = new StoreTraits("s3", true, false, CLOCK_NANOS);

  private final HadoopLocation location;
  private final FileSystems.Lease lease;
  private final S3AFileSystem fileSystem;
  private final S3Client client;
  private final RequestFactory requests;
  private final String rootPrefix;

  private S3Store(HadoopLocation location, FileSystems.Lease lease) {
    this.location = location;
    this.lease = lease;
    this.fileSystem = (S3AFileSystem) lease.fileSystem();
    this.client = fileSystem.getS3AInternals().getAmazonS3Client("pleat");
    this.requests = fileSystem.getRequestFactory();
    this.rootPrefix = location.path().isEmpty() ? "" : location.path().substring(1) + "/";
  }

  static Store open(HadoopLocation location, Map<String, String> configuration) throws IOException {
    checkArgument(
        !location.authority().isEmpty() && location.authority().indexOf('@') < 0,
        "not s3a://bucket/path: %s",
        location);
    return new S3Store(location, FileSystems.lease(location, configuration));
  }

  @Override
  public String location() {
    return location.toString();
  }

  @Override
  public StoreTraits traits() {
    return TRAITS;
  }

  private String name(LogicalPath path) {
    return path.isRoot() ? location.toString() : location + "/" + path;
  }

  private String key(LogicalPath path) {
    return rootPrefix + path;
  }

  private String prefix(LogicalPath directory) {
    return directory.isRoot() ? rootPrefix : key(directory) + "/";
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    Optional<HeadObjectResponse> head = path.isRoot() ? Optional.empty() : head(path);
    if (head.isPresent()) {
      HeadObjectResponse found = head.get();
      return Optional.of(
          file(path, found.contentLength(), found.lastModified(), S3Tag.plain(found.eTag())));
    }
    ListObjectsV2Response below = page(path, listing(prefix(path), null, 1));
    return below.contents().isEmpty() && !prefix(path).isEmpty()
        ? Optional.empty()
        : Optional.of(directory(path));
  }

  private Optional<HeadObjectResponse> head(LogicalPath path) throws IOException {
    try {
      return Optional.of(
          client.headObject(requests.newHeadObjectRequestBuilder(key(path)).build()));
    } catch (AwsServiceException e) {
      if (e.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw translate("HEAD", name(path), e);
    } catch (SdkException e) {
      throw translate("HEAD", name(path), e);
    }
  }

  /** To the second: a listing tells more than the answer to a HEAD. */
  private static FileInfo file(LogicalPath path, long length, Instant modified, String tag) {
    Attributes attributes = new Attributes(
        modified == null ? 0 : modified.getEpochSecond(), 0, Attributes.UNKNOWN_MODE, "", "", tag);
    return new FileInfo(path, FileInfo.Kind.FILE, length, attributes, tag);
  }

  private static FileInfo directory(LogicalPath path) {
    Attributes attributes = new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");
    return new FileInfo(path, FileInfo.Kind.DIRECTORY, 0, attributes, "");
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    visit(directory, "/", visitor);
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    visit(directory, null, visitor);
  }

  private void visit(LogicalPath directory, String delimiter, ListingVisitor visitor)
      throws IOException {
    String prefix = prefix(directory);
    boolean empty = true;
    String token = null;
    do {
      ListObjectsV2Request request =
          listing(prefix, delimiter, PAGE_LENGTH).continuationToken(token).build();
      ListObjectsV2Response page = page(directory, request);
      empty &= page.contents().isEmpty() && page.commonPrefixes().isEmpty();
      for (S3Object object : page.contents()) {
        visitObject(directory, prefix, object, visitor);
      }
      for (CommonPrefix below : page.commonPrefixes()) {
        visitDirectory(directory, below.prefix(), visitor);
      }
      token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
    } while (token != null);
    if (empty && !prefix.isEmpty()) {
      if (!directory.isRoot() && head(directory).isPresent()) {
        throw new NotDirectoryException(name(directory));
      }
      throw new NoSuchFileException(name(directory));
    }
  }

  private ListObjectsV2Request.Builder listing(String prefix, String delimiter, int length) {
    return requests
        .newListObjectsV2RequestBuilder(prefix, delimiter, length)
        .encodingType(EncodingType.URL); // or control characters in keys break the XML
  }

  private ListObjectsV2Response page(LogicalPath directory, ListObjectsV2Request.Builder request)
      throws IOException {
    return page(directory, request.build());
  }

  private ListObjectsV2Response page(LogicalPath directory, ListObjectsV2Request request)
      throws IOException {
    try {
      return client.listObjectsV2(request);
    } catch (SdkException e) {
      throw translate("LIST", name(directory), e);
    }
  }

  private void visitObject(
      LogicalPath directory, String prefix, S3Object object, ListingVisitor visitor)
      throws IOException {
    String key = object.key();
    boolean marker = key.endsWith("/");
    if (marker && object.size() > 0) {
      visitor.unlistable(
          directory, display(key), "key ends in '/', but holds " + object.size() + " bytes");
    } else if (marker) {
      if (!key.equals(prefix)) {
        visitDirectory(directory, key, visitor);
      }
    } else {
      Optional<LogicalPath> path = path(directory, key, visitor);
      if (path.isPresent()) {
        visitor.visit(
            file(path.get(), object.size(), object.lastModified(), S3Tag.plain(object.eTag())));
      }
    }
  }

  private void visitDirectory(LogicalPath directory, String key, ListingVisitor visitor)
      throws IOException {
    Optional<LogicalPath> path = path(directory, key.substring(0, key.length() - 1), visitor);
    if (path.isPresent()) {
      visitor.visit(directory(path.get()));
    }
  }

  private Optional<LogicalPath> path(LogicalPath directory, String key, ListingVisitor visitor)
      throws IOException {
    byte[] utf8 = (key.length() < rootPrefix.length() ? "" : key.substring(rootPrefix.length()))
        .getBytes(StandardCharsets.UTF_8);
    Optional<String> illegal = utf8.length == 0
        ? Optional.of("path has an empty component")
        : LogicalPath.whyIllegal(utf8);
    if (illegal.isPresent()) {
      visitor.unlistable(directory, display(key), illegal.get());
      return Optional.empty();
    }
    return Optional.of(LogicalPath.ofUtf8(utf8));
  }

  private String display(String key) {
    return key.length() < rootPrefix.length() ? "" : key.substring(rootPrefix.length());
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    HeadObjectResponse head = (path.isRoot() ? Optional.<HeadObjectResponse>empty() : head(path))
        .orElseThrow(() -> new NoSuchFileException(name(path)));
    return new S3Source(
        name(path), head.contentLength(), client, () -> get(path, S3Tag.plain(head.eTag())));
  }

  /* No HEAD: each answer says how long the object is. */
  @Override
  public ByteSource open(LogicalPath path, long length) {
    return new S3Source(name(path), length, client, () -> get(path, ""));
  }

  private GetObjectRequest.Builder get(LogicalPath path, String tag) {
    GetObjectRequest.Builder request = requests.newGetObjectRequestBuilder(key(path));
    return tag.isEmpty() ? request : request.ifMatch(S3Tag.quoted(tag));
  }

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    checkArgument(listed.kind() == FileInfo.Kind.FILE, "not a file: %s", listed.path());
    checkArgument(
        listed.length() <= target.remaining(),
        "%s bytes do not fit into %s: %s",
        listed.length(),
        target.remaining(),
        listed.path());
    String name = name(listed.path());
    String tag = listed.attributes().etag();
    int limit = target.limit();
    target.limit(target.position() + (int) listed.length());
    try {
      // One answer is one version of the object, so that nothing needs to be looked at again.
      S3Source.read(name, client, get(listed.path(), tag).build(), target, answer -> {
        boolean same = answer.contentLength() == listed.length()
            && (tag.isEmpty()
                ? answer.lastModified().getEpochSecond() == listed.attributes().mtimeSeconds()
                : tag.equals(S3Tag.plain(answer.eTag())));
        if (!same) {
          throw new SourceChangedException("changed since it was listed: " + name);
        }
      });
    } catch (NoSuchFileException e) {
      throw new SourceChangedException("vanished since it was listed: " + name);
    } finally {
      target.limit(limit);
    }
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    if (head(path).isPresent()) {
      throw new FileAlreadyExistsException(name(path));
    }
    FSDataOutputStream out;
    try {
      // One HEAD is enough: S3A would look for a directory, too, and trips over control characters
      // in what it lists.
      FSDataOutputStreamBuilder<?, ?> builder =
          fileSystem.createFile(location.resolve(path)).create().recursive().overwrite(true);
      builder.opt("fs.s3a.create.performance", true);
      out = builder.build();
    } catch (IOException e) {
      throw Failures.translate(name(path), e);
    } catch (IllegalArgumentException e) {
      throw Failures.translate(name(path), e);
    }
    return new HadoopSink(name(path), out, false, unfinished -> {
      unfinished.abort();
      unfinished.close();
    });
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    PutObjectRequest request = requests
        .newPutObjectRequestBuilder(
            key(path), PutObjectOptions.defaultOptions(), content.length, false)
        .ifNoneMatch("*")
        .build();
    for (int attempt = 1; ; attempt++) {
      try {
        client.putObject(request, RequestBody.fromBytes(content));
        return;
      } catch (AwsServiceException e) {
        int status = e.statusCode();
        if (status == PRECONDITION_FAILED) {
          throw new FileAlreadyExistsException(name(path));
        }
        if (status == CONFLICT && attempt < CONFLICT_ATTEMPTS) {
          // Another writer is at it: this put was not done, and whether that one was is not known
          // yet.
          LockSupport.parkNanos(CONFLICT_PAUSE_NANOS * attempt);
        } else if (status >= SERVER_ERROR && status != NOT_IMPLEMENTED) {
          throw new CommitStateUnknownException("answer lost: " + name(path), e);
        } else {
          throw translate("PUT", name(path), e);
        }
      } catch (SdkException e) {
        throw new CommitStateUnknownException("answer lost: " + name(path), e);
      }
    }
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    try {
      client.putObject(
          requests
              .newPutObjectRequestBuilder(
                  key(path), PutObjectOptions.defaultOptions(), content.length, false)
              .build(),
          RequestBody.fromBytes(content));
    } catch (SdkException e) {
      throw translate("PUT", name(path), e);
    }
  }

  @Override
  public void createDirectory(LogicalPath path) {}

  @Override
  public void delete(LogicalPath path) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    try {
      client.deleteObject(requests.newDeleteObjectRequestBuilder(key(path)).build());
    } catch (SdkException e) {
      throw translate("DELETE", name(path), e);
    }
  }

  @Override
  public boolean deleteUnchanged(FileInfo listed) throws IOException {
    String tag = listed.attributes().etag();
    checkArgument(!tag.isEmpty(), "has no etag: %s", listed.path());
    for (int attempt = 1; ; attempt++) {
      try {
        client.deleteObject(requests
            .newDeleteObjectRequestBuilder(key(listed.path()))
            .ifMatch(S3Tag.quoted(tag))
            .build());
        return true;
      } catch (AwsServiceException e) {
        int status = e.statusCode();
        if (status == PRECONDITION_FAILED || status == NOT_FOUND) {
          return false;
        }
        if (status != CONFLICT || attempt == CONFLICT_ATTEMPTS) {
          throw translate("DELETE", name(listed.path()), e);
        }
        LockSupport.parkNanos(CONFLICT_PAUSE_NANOS * attempt); // somebody is writing it
      } catch (SdkException e) {
        throw translate("DELETE", name(listed.path()), e);
      }
    }
  }

  /** By its storage class: whether the loss of one data centre is survived. */
  @Override
  public Optional<Redundancy> redundancy(LogicalPath path) throws IOException {
    String storageClass =
        head(path).orElseThrow(() -> new NoSuchFileException(name(path))).storageClassAsString();
    String named = storageClass == null ? "STANDARD" : storageClass;
    return Optional.of(
        new Redundancy(IN_ONE_PLACE.contains(named) ? 0 : 1, "storage class " + named));
  }

  @Override
  public long abortUploads(Instant before) throws IOException {
    String bucket = fileSystem.getBucket();
    long aborted = 0;
    try {
      for (MultipartUpload upload : client
          .listMultipartUploadsPaginator(request -> request.bucket(bucket).prefix(rootPrefix))
          .uploads()) {
        if (upload.initiated() != null && upload.initiated().isBefore(before)) {
          client.abortMultipartUpload(requests
              .newAbortMultipartUploadRequestBuilder(upload.key(), upload.uploadId())
              .build());
          aborted++;
        }
      }
    } catch (SdkException e) {
      throw translate("ABORT", location.toString(), e);
    }
    return aborted;
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes attributes) {
    return List.of("mtime, mode, owner and group: not kept in S3");
  }

  @Override
  public OptionalLong usableSpace() {
    return OptionalLong.empty();
  }

  @Override
  public void close() throws IOException {
    lease.close();
  }

  @Override
  public String toString() {
    return location.toString();
  }

  static IOException translate(String operation, String name, SdkException e) {
    IOException translated = null;
    if (e instanceof AwsServiceException answer) {
      String code =
          answer.awsErrorDetails() == null ? "" : answer.awsErrorDetails().errorCode();
      switch (answer.statusCode()) {
        case NOT_FOUND -> translated = new NoSuchFileException(name, null, code);
        case FORBIDDEN -> translated = new AccessDeniedException(name, null, code);
        case PRECONDITION_FAILED ->
          translated = new SourceChangedException("changed since it was opened: " + name);
        default -> {
          return S3AUtils.translateException(operation, name, e);
        }
      }
      translated.initCause(e);
      return translated;
    }
    return S3AUtils.translateException(operation, name, e);
  }
}
