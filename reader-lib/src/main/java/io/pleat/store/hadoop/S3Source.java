package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Positional reads of one version of an object, each a request of its own. */
final class S3Source implements ByteSource {
  /** Looks at an answer's head before its body is read. */
  interface Check {
    void accept(GetObjectResponse answer) throws IOException;
  }

  /* The client repeats a request that fails; here, one whose answer breaks off is repeated. */
  private static final int ATTEMPTS = 3;

  private static final int PIECE_LENGTH = 64 << 10;

  private final String name;
  private final long length;
  private final S3Client client;
  private final Supplier<GetObjectRequest.Builder> request;

  /** @param request asks for the version that has {@code length} */
  S3Source(String name, long length, S3Client client, Supplier<GetObjectRequest.Builder> request) {
    this.name = name;
    this.length = length;
    this.client = client;
    this.request = request;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    checkArgument(position >= 0, "negative position: %s", position);
    int count = target.remaining();
    if (position > length - count) {
      throw new EOFException(
          name + " has " + length + " bytes, asked for " + count + " at " + position);
    }
    if (count > 0) {
      String range = "bytes=" + position + "-" + (position + count - 1);
      read(name, client, request.get().range(range).build(), target, answer -> {
        checkWhole(answer.contentRange());
        if (answer.contentLength() != count) {
          throw new IOException("asked for " + count + " bytes at " + position + ", got "
              + answer.contentLength() + ": " + name);
        }
      });
    }
  }

  /** @param range {@code bytes 0-9/100}, where the server says it */
  private void checkWhole(String range) throws CorruptDataException {
    String whole = range == null ? "" : range.substring(range.indexOf('/') + 1);
    if (!whole.isEmpty() && !whole.equals("*") && !whole.equals(Long.toString(length))) {
      throw new CorruptDataException(
          name, length, "object has %s bytes, %d were expected", whole, length);
    }
  }

  /** Fills {@code target} with the answer, which is exactly as long if {@code check} accepts it. */
  static void read(
      String name, S3Client client, GetObjectRequest request, ByteBuffer target, Check check)
      throws IOException {
    int start = target.position();
    for (int attempt = 1; ; attempt++) {
      try (ResponseInputStream<GetObjectResponse> in = client.getObject(request)) {
        try {
          check.accept(in.response());
        } catch (IOException e) {
          in.abort(); // or closing reads the rest
          throw new Refused(e);
        }
        fill(name, in, target);
        return;
      } catch (Refused e) {
        throw e.reason;
      } catch (SdkException e) {
        throw S3Store.translate("GET", name, e);
      } catch (IOException e) {
        if (attempt == ATTEMPTS || e instanceof InterruptedIOException) {
          throw e;
        }
        target.position(start);
      }
    }
  }

  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final IOException reason;

    Refused(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private static void fill(String name, InputStream in, ByteBuffer target) throws IOException {
    byte[] piece = target.hasArray() ? null : new byte[Math.min(target.remaining(), PIECE_LENGTH)];
    while (target.hasRemaining()) {
      int read;
      if (piece == null) {
        read =
            in.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
        target.position(target.position() + Math.max(read, 0));
      } else {
        read = in.read(piece, 0, Math.min(piece.length, target.remaining()));
        target.put(piece, 0, Math.max(read, 0));
      }
      if (read < 0) {
        throw new EOFException("answer ends before " + target.remaining() + " more bytes: " + name);
      }
    }
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return name;
  }
}
