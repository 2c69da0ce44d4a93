package io.pleat.store.hadoop;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An S3 server in this JVM, on loopback, with its objects in memory; stopped by {@link #close}. */
public final class LocalS3 implements AutoCloseable {
  private static final String ACCESS_KEY = "local";
  private static final String SECRET_KEY = "local-secret";

  private static LocalS3 shared;

  private final Objects objects;
  private final S3Proxy server;
  private final URI endpoint;
  private final S3Client client;
  private final AtomicInteger buckets = new AtomicInteger();

  private LocalS3(Objects objects) throws IOException {
    this.objects = objects;
    server = S3Proxy.builder()
        .blobStore(objects)
        .endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
        .ignoreUnknownHeaders(true)
        .build();
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException("S3 server does not start", e);
    }
    endpoint = URI.create("http://127.0.0.1:" + server.getPort());
    client = S3Client.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
        .build();
  }

  /** A server that does as S3 does. */
  public static LocalS3 start() throws IOException {
    return new LocalS3(new Objects(true));
  }

  /** A server that takes every put, whatever its If-None-Match says, as some S3-alikes do. */
  public static LocalS3 startIgnoringConditions() throws IOException {
    return new LocalS3(new Objects(false));
  }

  /** The server of this JVM; it runs as long as the JVM, and is not to be closed. */
  public static synchronized LocalS3 shared() throws IOException {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /** {@code http://127.0.0.1:port}. */
  public URI endpoint() {
    return endpoint;
  }

  /** Makes a new, empty bucket and gives its name. */
  public String freshBucket() {
    String bucket = "bucket-" + buckets.incrementAndGet();
    client.createBucket(request -> request.bucket(bucket));
    return bucket;
  }

  /** A client of the server's, for what goes round a store; not to be closed. */
  public S3Client client() {
    return client;
  }

  /** The settings that a store needs to reach this server. */
  public Map<String, String> configuration() {
    return Map.ofEntries(
        Map.entry("fs.s3a.endpoint", endpoint.toString()),
        Map.entry("fs.s3a.endpoint.region", "us-east-1"),
        Map.entry("fs.s3a.path.style.access", "true"),
        Map.entry("fs.s3a.connection.ssl.enabled", "false"),
        Map.entry("fs.s3a.access.key", ACCESS_KEY),
        Map.entry("fs.s3a.secret.key", SECRET_KEY),
        Map.entry(
            "fs.s3a.aws.credentials.provider",
            "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"),
        Map.entry("fs.s3a.fast.upload.buffer", "bytebuffer"),
        Map.entry("fs.s3a.multipart.size", "5M"),
        Map.entry("fs.s3a.attempts.maximum", "2"));
  }

  @Override
  public void close() throws IOException {
    client.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("S3 server does not stop", e);
    }
  }

  /**
   * Lists a key of {@code length} bytes that this server could not hold, because it keeps objects as files; it cannot be read.
   */
  public void listAlso(String bucket, String key, long length) {
    objects.listed.computeIfAbsent(bucket, name -> new TreeMap<>()).put(key, length);
  }

  private static final class Objects extends ForwardingBlobStore {
    private static final int MAX_KEY_BYTES = 1024;

    private static final String CONDITIONAL_DELETE = "conditionalDelete";
    private static final int CALLERS = 8;

    private final boolean heedsConditions;
    private final Map<String, Map<String, Long>> listed = new ConcurrentHashMap<>();
    private final Object[] locks = Stream.generate(Object::new).limit(64).toArray();

    /** What the server saw on this thread when it looked whether it may delete an object. */
    private final ThreadLocal<String> seenTag = new ThreadLocal<>();

    Objects(boolean heedsConditions) {
      super(new TransientNio2BlobStore());
      this.heedsConditions = heedsConditions;
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
      if (request.key().getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
        throw S3Exception.builder()
            .statusCode(400)
            .message("Your key is too long")
            .awsErrorDetails(AwsErrorDetails.builder()
                .errorCode("KeyTooLongError")
                .errorMessage("Your key is too long")
                .build())
            .build();
      }
      PutObjectRequest heeded =
          heedsConditions ? request : request.toBuilder().ifNoneMatch(null).build();
      synchronized (lock(request.key())) {
        return super.putBlob(heeded, content);
      }
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
      synchronized (lock(request.destinationKey())) {
        return super.copyBlob(request);
      }
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
        MultipartUpload upload, CompleteMultipartUploadRequest request) {
      synchronized (lock(request.key())) {
        return super.completeMultipartUpload(upload, request);
      }
    }

    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
      HeadObjectResponse found = super.blobMetadata(request);
      if (found != null && isForConditionalDelete()) {
        seenTag.set(found.eTag());
      }
      return found;
    }

    /** The server looks at a condition and then deletes: here the two become one, as they are in S3. */
    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
      String seen = isForConditionalDelete() ? seenTag.get() : null;
      seenTag.remove();
      synchronized (lock(request.key())) {
        HeadObjectResponse now =
            seen == null ? null : blobMetadataIfPresent(request.bucket(), request.key());
        if (now != null && !now.eTag().equals(seen)) {
          throw S3Exception.builder()
              .statusCode(412)
              .message("At least one of the preconditions you specified did not hold")
              .awsErrorDetails(AwsErrorDetails.builder()
                  .errorCode("PreconditionFailed")
                  .errorMessage("At least one of the preconditions you specified did not hold")
                  .build())
              .build();
        }
        return super.removeBlob(request);
      }
    }

    private static boolean isForConditionalDelete() {
      return StackWalker.getInstance()
          .walk(callers -> callers
              .limit(CALLERS)
              .anyMatch(caller -> caller.getMethodName().equals(CONDITIONAL_DELETE)));
    }

    private Object lock(String key) {
      return locks[Math.floorMod(key.hashCode(), locks.length)];
    }

    /** Of a bucket with additions, in one page. */
    @Override
    public ListObjectsV2Response list(ListObjectsV2Request request) {
      Map<String, Long> added = listed.get(request.bucket());
      if (added == null) {
        return super.list(request);
      }
      String prefix = request.prefix() == null ? "" : request.prefix();
      Map<String, S3Object> objects = new TreeMap<>();
      super.list(request.toBuilder().delimiter(null).prefix(null).build())
          .contents()
          .forEach(object -> objects.put(object.key(), object));
      added.forEach((key, length) -> objects.put(
          key,
          S3Object.builder()
              .key(key)
              .size(length)
              .eTag("\"00\"")
              .lastModified(Instant.EPOCH)
              .build()));
      List<S3Object> contents = new ArrayList<>();
      Set<String> prefixes = new TreeSet<>();
      objects.forEach((key, object) -> {
        int end =
            request.delimiter() == null ? -1 : key.indexOf(request.delimiter(), prefix.length());
        if (key.startsWith(prefix) && end >= 0) {
          prefixes.add(key.substring(0, end + 1));
        } else if (key.startsWith(prefix)) {
          contents.add(object);
        }
      });
      return ListObjectsV2Response.builder()
          .name(request.bucket())
          .contents(contents)
          .commonPrefixes(prefixes.stream()
              .map(key -> CommonPrefix.builder().prefix(key).build())
              .toList())
          .keyCount(contents.size() + prefixes.size())
          .isTruncated(false)
          .build();
    }
  }
}
