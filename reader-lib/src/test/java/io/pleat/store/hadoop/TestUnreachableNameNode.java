package io.pleat.store.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.store.Stores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where no name node answers, that is said in bounded time, with the host. */
@Timeout(60)
class TestUnreachableNameNode {
  private static final Map<String, String> IMPATIENT = Map.of("ipc.client.connect.timeout", "300");

  @Test
  void aPortThatRefuses() {
    assertThatThrownBy(() -> Stores.open("hdfs://127.0.0.1:1/dataset", IMPATIENT))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "no name node of hdfs://127.0.0.1:1 answers: 127.0.0.1:1 (Connection refused)");
  }

  @Test
  void aHostThatNobodyKnows() {
    assertThatThrownBy(() -> Stores.open("hdfs://no-such-host.invalid/dataset", IMPATIENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-host.invalid:8020 (no such host)");
  }

  @Test
  void aHostThatDoesNotAnswer() throws IOException {
    try (Silence silence = new Silence()) {
      assertThatThrownBy(
              () -> Stores.open("hdfs://127.0.0.1:" + silence.port() + "/dataset", IMPATIENT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + silence.port() + " (no answer in time)");
    }
  }

  @Test
  void aPairOfNameNodesIsNamedInFullAndOneIsEnough() throws IOException {
    try (Silence first = new Silence();
        Silence second = new Silence();
        ServerSocket good = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> Stores.open("hdfs://pair/dataset", pair(first.port(), second.port())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no name node of hdfs://pair answers: ")
          .hasMessageContaining("127.0.0.1:" + first.port() + " (no answer in time)")
          .hasMessageContaining("127.0.0.1:" + second.port() + " (no answer in time)");
      Stores.open("hdfs://pair/dataset", pair(first.port(), good.getLocalPort()))
          .close();
    }
  }

  private static Map<String, String> pair(int first, int second) {
    Map<String, String> settings = new HashMap<>(IMPATIENT);
    settings.put("dfs.nameservices", "pair");
    settings.put("dfs.ha.namenodes.pair", "a,b");
    settings.put("dfs.namenode.rpc-address.pair.a", "127.0.0.1:" + first);
    settings.put("dfs.namenode.rpc-address.pair.b", "127.0.0.1:" + second);
    settings.put(
        "dfs.client.failover.proxy.provider.pair",
        "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider");
    return settings;
  }

  /** A port that answers no more: its queue of connections is full. */
  private static final class Silence implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    private final List<Socket> queue = new ArrayList<>();

    Silence() throws IOException {
      boolean full = false;
      while (!full) {
        assertThat(queue).hasSizeLessThan(20);
        Socket socket = new Socket();
        queue.add(socket);
        try {
          socket.connect(new InetSocketAddress("127.0.0.1", port()), 200);
        } catch (SocketTimeoutException e) {
          full = true;
        }
      }
    }

    int port() {
      return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : queue) {
        socket.close();
      }
      server.close();
    }
  }
}
