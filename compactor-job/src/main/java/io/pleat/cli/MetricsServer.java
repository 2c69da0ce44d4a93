package io.pleat.cli;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Serves the metrics of a run while it goes on, for a scraper. */
final class MetricsServer implements AutoCloseable {
  private final HTTPServer server;
  private final String url;

  private MetricsServer(HTTPServer server, String url) {
    this.server = server;
    this.url = url;
  }

  /**
   * Listens from now on.
   *
   * @param listener an address of this machine
   * @throws IOException if one cannot listen there
   */
  static MetricsServer start(InetSocketAddress listener, RunMetrics metrics) throws IOException {
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(new MultiCollector() {
      @Override
      public MetricSnapshots collect() {
        return metrics.snapshotsOfRun();
      }
    });
    HTTPServer server = HTTPServer.builder()
        .inetAddress(InetAddress.getByName(listener.getHostString()))
        .port(listener.getPort())
        .registry(registry)
        .buildAndStart();
    return new MetricsServer(
        server, "http://" + listener.getHostString() + ":" + server.getPort() + "/metrics");
  }

  /** Where they are. */
  String url() {
    return url;
  }

  @Override
  public void close() {
    server.close();
  }
}
