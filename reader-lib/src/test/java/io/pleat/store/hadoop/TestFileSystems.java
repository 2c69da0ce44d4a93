package io.pleat.store.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class TestFileSystems {
  private static final String CONTEXT = "dfs.client.context";
  private static final String IDLE_CONNECTIONS = "dfs.client.socketcache.capacity";

  @Test
  void connectionsOfAllReadsInFlightAreKept() {
    Configuration conf = FileSystems.configuration(Map.of());
    assertThat(conf.get(CONTEXT)).isEqualTo("pleat");
    assertThat(conf.getInt(IDLE_CONNECTIONS, 0)).isEqualTo(128);
  }

  @Test
  void whatWasConfiguredStands() {
    Configuration capacity = FileSystems.configuration(Map.of(IDLE_CONNECTIONS, "16"));
    assertThat(capacity.get(CONTEXT)).isEqualTo("default");
    assertThat(capacity.getInt(IDLE_CONNECTIONS, 0)).isEqualTo(16);

    Configuration context = FileSystems.configuration(Map.of(CONTEXT, "mine"));
    assertThat(context.get(CONTEXT)).isEqualTo("mine");
    assertThat(context.getInt(IDLE_CONNECTIONS, 0)).isEqualTo(16);
  }
}
