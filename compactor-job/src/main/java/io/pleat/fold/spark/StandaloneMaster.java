package io.pleat.fold.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;

/**
 * Looks whether a standalone cluster's master is there. Spark itself goes on for a minute without one, and then stops its context under whoever uses it.
 */
final class StandaloneMaster {
  private static final String SCHEME = "spark://";
  private static final int TIMEOUT_MILLIS = 10_000;

  /** How Spark calls an application that no master has given a name to. */
  private static final String NAMELESS = "spark-application-";

  private StandaloneMaster() {}

  /**
   * Returns if one of the masters takes a connection, or if the URL is not that of a standalone cluster.
   *
   * @throws IOException if none does within ten seconds each; the message names them
   */
  static void requireReachable(String master) throws IOException {
    requireReachable(master, TIMEOUT_MILLIS);
  }

  static void requireReachable(String master, int timeoutMillis) throws IOException {
    if (!master.startsWith(SCHEME)) {
      return;
    }
    List<String> failures = new ArrayList<>();
    for (String address : master.substring(SCHEME.length()).split(",")) {
      int colon = address.lastIndexOf(':');
      try (Socket socket = new Socket()) {
        int port = Integer.parseInt(address.substring(colon + 1));
        InetSocketAddress found =
            new InetSocketAddress(address.substring(0, Math.max(0, colon)), port);
        if (found.isUnresolved()) {
          failures.add(address + " (no such host)");
          continue;
        }
        socket.connect(found, timeoutMillis);
        return;
      } catch (SocketTimeoutException e) {
        failures.add(address + " (no answer in time)");
      } catch (IOException e) {
        failures.add(address + " (" + e.getMessage() + ")");
      } catch (IllegalArgumentException e) {
        return; // Spark says itself what is wrong with the URL
      }
    }
    throw new IOException("no master of Spark answers: " + String.join(", ", failures)
        + "; check host and port, and that it is running");
  }

  /**
   * Returns if the application is known to its cluster.
   *
   * @throws IOException if a standalone master did not take it in, which Spark tries for a minute
   */
  static void requireRegistered(String master, SparkContext context) throws IOException {
    if (master.startsWith(SCHEME) && context.applicationId().startsWith(NAMELESS)) {
      context.stop();
      throw new IOException(
          "Spark's master at " + master.substring(SCHEME.length())
              + " takes connections, but did not take this application in: check that it is a master of this version of Spark, and its log");
    }
  }
}
