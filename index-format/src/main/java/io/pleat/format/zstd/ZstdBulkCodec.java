package io.pleat.format.zstd;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.pleat.format.BulkCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Compresses sections at one level, streaming through two small buffers. */
final class ZstdBulkCodec implements BulkCodec {
  /** Level 6 saves 3 % of an entries section and takes more than twice as long: docs/decisions/0007-index-block-version-1.md. */
  private static final int LEVEL = 3;

  private static final int BUFFER_LENGTH = 1 << 18;

  @Override
  public void encode(Iterable<ByteBuffer> pieces, long length, OutputStream target)
      throws IOException {
    ByteBuffer input = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    ByteBuffer output = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(LEVEL);
      context.setContentSize(true);
      context.setChecksum(false);
      context.setPledgedSrcSize(length);
      for (ByteBuffer piece : pieces) {
        ByteBuffer rest = piece.duplicate();
        while (rest.hasRemaining()) {
          int count = Math.min(rest.remaining(), input.remaining());
          input.put(rest.slice().limit(count));
          rest.position(rest.position() + count);
          if (!input.hasRemaining()) {
            compress(context, input.flip(), output, EndDirective.CONTINUE, target);
            input.clear();
          }
        }
      }
      compress(context, input.flip(), output, EndDirective.END, target);
    } catch (ZstdException e) {
      throw new IOException("zstd: " + e.getMessage(), e);
    }
  }

  private static void compress(
      ZstdCompressCtx context,
      ByteBuffer input,
      ByteBuffer output,
      EndDirective end,
      OutputStream target)
      throws IOException {
    boolean done;
    do {
      output.clear();
      done = context.compressDirectByteBufferStream(output, input, end);
      byte[] bytes = new byte[output.flip().remaining()];
      output.get(bytes);
      target.write(bytes);
    } while (input.hasRemaining() || end == EndDirective.END && !done);
  }

  @Override
  public void decode(ByteBuffer stored, ByteBuffer target) throws IOException {
    int length = target.remaining();
    long held =
        Zstd.getDirectByteBufferFrameContentSize(stored, stored.position(), stored.remaining());
    if (held != length) {
      throw new IOException("zstd frame holds " + held + " bytes, expected " + length);
    }
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      int written = context.decompressDirectByteBuffer(
          target, target.position(), length, stored, stored.position(), stored.remaining());
      if (written != length) {
        throw new IOException("zstd frame gave " + written + " bytes, expected " + length);
      }
    } catch (ZstdException e) {
      throw new IOException("zstd: " + e.getMessage(), e);
    }
  }
}
