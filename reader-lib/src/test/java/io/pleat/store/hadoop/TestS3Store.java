package io.pleat.store.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.AbstractTestStore;
import io.pleat.store.FileInfo;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

final class TestS3Store extends AbstractTestStore {
  private LocalS3 server;
  private String bucket;

  @Override
  protected Store open() throws IOException {
    server = LocalS3.shared();
    bucket = server.freshBucket();
    put("root of it/other", new byte[1]);
    put("root of it/", new byte[0]);
    server.client().deleteObject(request -> request.bucket(bucket).key("root of it/other"));
    put("root of it beside/x", new byte[1]);
    return Stores.open("s3a://" + bucket + "/root of it", server.configuration());
  }

  @Override
  protected void overwrite(LogicalPath path, byte[] content) {
    put("root of it/" + path, content);
  }

  private void put(String key, byte[] content) {
    server
        .client()
        .putObject(request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content));
  }

  @Override
  protected int manyChildren() {
    return 1100; // a page is 1000
  }

  @Test
  void oldUploadsBelowTheRootAreAborted() throws IOException {
    server
        .client()
        .createMultipartUpload(request -> request.bucket(bucket).key("root of it/containers/x"));
    server.client().createMultipartUpload(request -> request.bucket(bucket).key("elsewhere"));
    Instant now = Instant.now();
    assertThat(store().abortUploads(now.minusSeconds(3_600))).isZero();
    assertThat(store().abortUploads(now.plusSeconds(3_600))).isEqualTo(1);
    assertThat(server
            .client()
            .listMultipartUploads(request -> request.bucket(bucket))
            .uploads())
        .extracting(MultipartUpload::key)
        .containsExactly("elsewhere");
  }

  @Test
  void keysThatAreNoTreeAreReported() throws IOException {
    List<String> legal = List.of("a", "a/b", "c/d", "e.f", "marked/");
    List<String> illegal =
        List.of("/x", "a//b", "./x", "../x", "c/./x", "c/../x", "c//", "c/d/..", "full/");
    for (String key : legal) {
      server.listAlso(bucket, "root of it/" + key, key.endsWith("/") ? 0 : 1);
    }
    for (String key : illegal) {
      server.listAlso(bucket, "root of it/" + key, 1);
    }
    Collected all = new Collected();
    store().listRecursively(LogicalPath.ROOT, all);
    assertThat(all.visited)
        .extracting(info -> info.kind() + " " + info.path())
        .containsExactly("FILE a", "FILE a/b", "FILE c/d", "FILE e.f", "DIRECTORY marked");
    assertThat(all.unlistable)
        .containsExactlyInAnyOrder(
            "/x: path has an empty component",
            "a//b: path has an empty component",
            "./x: path has the component '.'",
            "../x: path has the component '..'",
            "c/./x: path has the component '.'",
            "c/../x: path has the component '..'",
            "c//: key ends in '/', but holds 1 bytes",
            "c/d/..: path has the component '..'",
            "full/: key ends in '/', but holds 1 bytes");
    Collected direct = new Collected();
    store().list(LogicalPath.ROOT, direct);
    assertThat(direct.visited)
        .extracting(info -> info.kind() + " " + info.path())
        .containsExactlyInAnyOrder(
            "FILE a",
            "DIRECTORY a",
            "DIRECTORY c",
            "FILE e.f",
            "DIRECTORY full",
            "DIRECTORY marked");
    assertThat(direct.unlistable).hasSize(3);
    Collected full = new Collected();
    store().list(path("full"), full);
    assertThat(full.visited).isEmpty();
    assertThat(full.unlistable).containsExactly("full/: key ends in '/', but holds 1 bytes");
  }

  @Test
  void aListingIsInByteOrder() throws IOException {
    List<String> keys = List.of("a b", "a!", "a-b", "a.b", "a/b", "a0", "a\u00e9", "a\uD83D\uDE00");
    for (String key : keys) {
      write(key, new byte[1]);
    }
    Collected all = new Collected();
    store().listRecursively(LogicalPath.ROOT, all);
    assertThat(all.visited)
        .extracting(info -> info.path().toString())
        .containsExactlyElementsOf(keys);
  }

  @Test
  void theTagIsKept() throws IOException {
    write("f", new byte[] {1});
    FileInfo listed = listed("f");
    assertThat(listed.attributes().etag()).matches("[0-9a-f]{32}").isEqualTo(listed.stamp());
    assertThat(listed.attributes().mtimeSeconds()).isPositive();
  }

  @Test
  void largeFilesAreUploadedInParts() throws IOException {
    byte[] content = bytes(12_000_000, 1);
    write("large", content);
    FileInfo listed = listed("large");
    assertThat(listed.length()).isEqualTo(12_000_000);
    assertThat(readUnchanged(listed)).isEqualTo(content);
    try (ByteSink abandoned = store().create(path("abandoned"))) {
      abandoned.write(ByteBuffer.wrap(content));
    }
    assertThat(stat("abandoned")).isEmpty();
  }

  @Test
  void anOpenObjectThatIsReplacedFails() throws IOException {
    write("f", bytes(1000, 1));
    try (ByteSource source = store().open(path("f"))) {
      overwrite(path("f"), bytes(1000, 2));
      assertThatThrownBy(() -> source.readFully(0, ByteBuffer.allocate(10)))
          .isInstanceOf(SourceChangedException.class)
          .hasMessageContaining("changed since it was opened")
          .hasMessageContaining("/f");
    }
  }

  @Test
  void aWholeBucketIsARoot() throws IOException {
    try (Store whole = Stores.open("s3a://" + bucket + "/", server.configuration())) {
      assertThat(whole.location()).isEqualTo("s3a://" + bucket);
      whole.createExclusively(path("top"), new byte[1]);
      assertThat(whole.stat(path("root of it beside/x"))).isPresent();
      assertThat(whole.stat(LogicalPath.ROOT)).isPresent();
      Collected all = new Collected();
      whole.list(LogicalPath.ROOT, all);
      assertThat(all.visited).hasSize(3);
    }
  }

  @Test
  void aMissingBucketOrPrefixIsMissing() throws IOException {
    try (Store missing = Stores.open("s3a://no-such-bucket/x", server.configuration());
        Store empty = Stores.open("s3a://" + bucket + "/nothing", server.configuration())) {
      assertThatThrownBy(() -> missing.list(LogicalPath.ROOT, new Collected()))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageContaining("NoSuchBucket");
      assertThatThrownBy(() -> missing.createExclusively(path("f"), new byte[1]))
          .isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> empty.list(LogicalPath.ROOT, new Collected()))
          .isInstanceOf(NoSuchFileException.class);
      assertThat(empty.stat(LogicalPath.ROOT)).isEmpty();
    }
    assertThatThrownBy(() -> Stores.open("s3a:///x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Stores.open("s3a://key:secret@bucket/x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void aServerThatIgnoresTheConditionIsSeenByASecondPut() throws IOException {
    try (LocalS3 careless = LocalS3.startIgnoringConditions();
        Store store =
            Stores.open("s3a://" + careless.freshBucket() + "/d", careless.configuration())) {
      store.createExclusively(path("probe"), new byte[] {1});
      store.createExclusively(path("probe"), new byte[] {2});
    }
    store().createExclusively(path("probe"), new byte[] {1});
    assertThatThrownBy(() -> store().createExclusively(path("probe"), new byte[] {2}))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void knownLengthNeedsNoLookBeforeTheFirstRead() throws IOException {
    put("root of it/known", "0123456789".getBytes(StandardCharsets.UTF_8));
    try (ByteSource file = store().open(path("known"), 10)) {
      ByteBuffer target = ByteBuffer.allocate(4);
      file.readFully(6, target);
      assertThat(new String(target.array(), StandardCharsets.UTF_8)).isEqualTo("6789");
    }
    try (ByteSource longer = store().open(path("known"), 9)) {
      assertThatThrownBy(() -> longer.readFully(0, ByteBuffer.allocate(4)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("object has 10 bytes, 9 were expected");
    }
    try (ByteSource missing = store().open(path("missing"), 9)) {
      assertThatThrownBy(() -> missing.readFully(0, ByteBuffer.allocate(4)))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void aServerThatIsGoneLeavesTheCommitUnknown() throws IOException {
    LocalS3 leaving = LocalS3.start();
    Map<String, String> configuration = new java.util.HashMap<>(leaving.configuration());
    configuration.put("fs.s3a.attempts.maximum", "1");
    configuration.put("fs.s3a.connection.establish.timeout", "2s");
    try (Store store = Stores.open("s3a://" + leaving.freshBucket() + "/d", configuration)) {
      leaving.close();
      assertThatThrownBy(() -> store.createExclusively(path("f"), new byte[1]))
          .isInstanceOf(io.pleat.store.CommitStateUnknownException.class);
    }
  }
}
