package io.pleat.read;

import io.pleat.dataset.Snapshot;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.LoggerFactory;

/**
 * Shows the statistics of an open dataset by JMX until it is closed, as {@code io.pleat:type=Reader,id=N,dataset="LOCATION"}. Thread-safe.
 */
public final class JmxStatistics implements AutoCloseable {
  private static final AtomicLong IDS = new AtomicLong();

  private final ObjectName name;

  private JmxStatistics(ObjectName name) {
    this.name = name;
  }

  /**
   * Shows a dataset's statistics in the platform's MBean server.
   *
   * @throws IllegalStateException if the server refuses
   */
  public static JmxStatistics show(FoldedDataset dataset) {
    try {
      ObjectName name = new ObjectName("io.pleat:type=Reader,id=" + IDS.incrementAndGet()
          + ",dataset=" + ObjectName.quote(dataset.location()));
      ManagementFactory.getPlatformMBeanServer()
          .registerMBean(
              new Bean(dataset.location(), dataset.snapshot(), dataset.statistics()), name);
      return new JmxStatistics(name);
    } catch (JMException e) {
      throw new IllegalStateException("cannot show the statistics by JMX", e);
    }
  }

  /** Its name in the server. */
  public ObjectName name() {
    return name;
  }

  @Override
  public void close() {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      if (server.isRegistered(name)) {
        server.unregisterMBean(name);
      }
    } catch (JMException e) {
      LoggerFactory.getLogger(JmxStatistics.class).debug("cannot take away {}", name, e);
    }
  }

  private record Bean(String location, Snapshot snapshot, ReadStatistics statistics)
      implements ReadStatisticsMXBean {
    private static double micros(Latencies latencies, double percentile) {
      return latencies.histogram().getValueAtPercentile(percentile) / 1e3;
    }

    @Override
    public String getLocation() {
      return location;
    }

    @Override
    public long getSnapshot() {
      return snapshot.version();
    }

    @Override
    public long getLookups() {
      return statistics.lookups();
    }

    @Override
    public long getIndexHits() {
      return statistics.indexHits();
    }

    @Override
    public long getIndexMisses() {
      return statistics.indexMisses();
    }

    @Override
    public long getFilesRead() {
      return statistics.filesRead();
    }

    @Override
    public long getBytesRead() {
      return statistics.bytesRead();
    }

    @Override
    public long getPassThroughReads() {
      return statistics.passThroughReads();
    }

    @Override
    public long getRetries() {
      return statistics.retries();
    }

    @Override
    public long getFallbackReads() {
      return statistics.fallbackReads();
    }

    @Override
    public long getFallbackBytes() {
      return statistics.fallbackBytes();
    }

    @Override
    public long getFailedFallbacks() {
      return statistics.failedFallbacks();
    }

    @Override
    public long getAvoidedContainers() {
      return statistics.avoidedContainers();
    }

    @Override
    public long getCacheHits() {
      return statistics.cache().hits();
    }

    @Override
    public long getCacheMisses() {
      return statistics.cache().misses();
    }

    @Override
    public long getCacheHitBytes() {
      return statistics.cache().hitBytes();
    }

    @Override
    public long getCacheStoredBytes() {
      return statistics.cache().storedBytes();
    }

    @Override
    public long getCacheDamagedChunks() {
      return statistics.cache().damagedChunks();
    }

    @Override
    public long getCacheEvictedChunks() {
      return statistics.cache().evictedChunks();
    }

    @Override
    public long getCacheUnstoredChunks() {
      return statistics.cache().unstoredChunks();
    }

    @Override
    public long getStoreReads() {
      return statistics.storeReads();
    }

    @Override
    public long getStoreBytes() {
      return statistics.storeBytes();
    }

    @Override
    public long getJoinedReads() {
      return statistics.joinedReads();
    }

    @Override
    public long getJoinedFiles() {
      return statistics.joinedFiles();
    }

    @Override
    public long getGapBytes() {
      return statistics.gapBytes();
    }

    @Override
    public long getPooledBuffersOut() {
      return statistics.pooledBuffersOut();
    }

    @Override
    public double getReadMedianMicros() {
      return micros(statistics.readLatency(), 50);
    }

    @Override
    public double getRead99PercentMicros() {
      return micros(statistics.readLatency(), 99);
    }

    @Override
    public double getStoreReadMedianMicros() {
      return micros(statistics.storeReadLatency(), 50);
    }

    @Override
    public double getStoreRead99PercentMicros() {
      return micros(statistics.storeReadLatency(), 99);
    }
  }
}
