package io.pleat.read.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.MemoryStore;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestReaderMetrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ReaderMetrics metrics = new ReaderMetrics();

  private String openMetrics() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    OpenMetricsTextFormatWriter.create().write(text, registry.scrape());
    return text.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatAReaderDidIsOpenMetricsText() throws IOException {
    MemoryStore store = new MemoryStore();
    DatasetBuilder builder = DatasetBuilder.on(store, "memory:/source");
    Content content = new Content();
    content.file("a", new byte[10], DatasetBuilder.PLAIN);
    content.file("b", new byte[20], DatasetBuilder.PLAIN);
    builder.add(content);
    builder.commit();
    registry.register(metrics);
    assertThat(openMetrics()).isEqualTo("# EOF\n");
    try (FoldedDataset first = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults());
        FoldedDataset second = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults())) {
      metrics.add(first);
      metrics.add(second);
      first.read(LogicalPath.of("a"));
      first.read(LogicalPath.of("b"));
      second.read(LogicalPath.of("b"));
      assertThat(openMetrics())
          .contains("# TYPE pleat_reader_files counter\n")
          .containsPattern("pleat_reader_files_total\\{dataset=\".*\",reader=\"\\d+\"} 2.0\n")
          .containsPattern("pleat_reader_bytes_total\\{dataset=\".*\",reader=\"\\d+\"} 30.0\n")
          .containsPattern("pleat_reader_bytes_total\\{dataset=\".*\",reader=\"\\d+\"} 20.0\n")
          .containsPattern("pleat_reader_snapshot\\{.*} 1.0\n")
          .containsPattern("pleat_reader_read_seconds_count\\{.*} 2\n")
          .containsPattern("pleat_reader_read_seconds\\{.*,quantile=\"0.99\"} [0-9.E-]+\n")
          .endsWith("# EOF\n");
      metrics.remove(first);
      assertThat(openMetrics()).doesNotContain("} 30.0\n").contains("} 20.0\n");
    }
  }
}
