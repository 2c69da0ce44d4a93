package io.pleat.store.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeys;
import org.apache.hadoop.hdfs.DFSUtilClient;
import org.apache.hadoop.hdfs.HAUtilClient;
import org.apache.hadoop.net.NetUtils;

/**
 * Looks whether a name node can be reached at all, before Hadoop's client is asked, which tries a host that does not answer for a quarter of an hour, and
 * goes from one name node of a pair to the other for minutes.
 */
final class NameNodeReach {
  /** As long as Hadoop's client tries a port that refuses: a name node may be starting again. */
  private static final long REFUSED_MILLIS = 10_000;

  private static final long PAUSE_MILLIS = 500;

  private final URI uri;
  private final Configuration conf;

  private NameNodeReach(URI uri, Configuration conf) {
    this.uri = uri;
    this.conf = conf;
  }

  /**
   * Returns if one of the name nodes of {@code uri} takes a connection, or if it is no URI of one.
   *
   * @throws IOException if none does within {@code ipc.client.connect.timeout} each; the message names URI and addresses
   */
  static void require(URI uri, Configuration conf) throws IOException {
    if ("hdfs".equals(uri.getScheme()) && uri.getHost() != null) {
      new NameNodeReach(uri, conf).require();
    }
  }

  private void require() throws IOException {
    Collection<InetSocketAddress> addresses = addresses();
    long end = System.nanoTime() + REFUSED_MILLIS * 1_000_000;
    while (true) {
      List<String> failures = new ArrayList<>();
      boolean refused = false;
      for (InetSocketAddress address : addresses) {
        try {
          connect(address);
          return;
        } catch (IOException e) {
          refused |= e instanceof ConnectException && !(e instanceof SocketTimeoutException);
          failures.add(name(address) + " (" + reason(address, e) + ")");
        }
      }
      if (!refused || System.nanoTime() - end > 0) {
        throw new IOException("no name node of " + uri.getScheme() + "://" + uri.getAuthority()
            + " answers: " + String.join(", ", failures)
            + "; check host and port, that of RPC, and that it is running");
      }
      pause();
    }
  }

  private Collection<InetSocketAddress> addresses() {
    if (HAUtilClient.isLogicalUri(conf, uri)) {
      Map<String, InetSocketAddress> pair =
          DFSUtilClient.getHaNnRpcAddresses(conf).get(uri.getHost());
      if (pair != null && !pair.isEmpty()) {
        return pair.values();
      }
    }
    return List.of(DFSUtilClient.getNNAddress(uri));
  }

  private void connect(InetSocketAddress address) throws IOException {
    try (Socket socket = NetUtils.getDefaultSocketFactory(conf).createSocket()) {
      NetUtils.connect(
          socket,
          address,
          conf.getInt(
              CommonConfigurationKeys.IPC_CLIENT_CONNECT_TIMEOUT_KEY,
              CommonConfigurationKeys.IPC_CLIENT_CONNECT_TIMEOUT_DEFAULT));
    }
  }

  private static String name(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String reason(InetSocketAddress address, IOException e) {
    if (address.isUnresolved()) {
      return "no such host";
    }
    return e instanceof SocketTimeoutException ? "no answer in time" : Failures.firstLine(e);
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a name node");
    }
  }
}
