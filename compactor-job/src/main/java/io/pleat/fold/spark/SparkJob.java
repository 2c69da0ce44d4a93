package io.pleat.fold.spark;

import java.io.IOException;
import org.apache.spark.SparkException;

/** Runs Spark jobs so that an error of ours in a task comes out as itself, not as Spark's report of it. */
final class SparkJob {
  private SparkJob() {}

  /** What may fail in many ways. */
  interface Call<T> {
    T run() throws Exception;
  }

  static <T> T run(Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (IOException | RuntimeException e) {
      throw cause(e);
    } catch (Exception e) {
      throw cause(e);
    }
  }

  /** The outermost error of ours: what caused it says less, and in another's words. */
  static IOException cause(Throwable failure) {
    Throwable deepest = failure;
    while (true) {
      if (deepest instanceof IOException io) {
        return io;
      }
      if (deepest.getCause() == null || deepest.getCause() == deepest) {
        break;
      }
      deepest = deepest.getCause();
    }
    String message = deepest instanceof SparkException || deepest.getMessage() == null
        ? deepest.toString()
        : deepest.getMessage();
    return new IOException(firstLine(message), failure);
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
