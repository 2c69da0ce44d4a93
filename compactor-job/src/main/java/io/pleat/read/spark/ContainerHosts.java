package io.pleat.read.spark;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.store.hadoop.HadoopLocation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hosts that have a container's blocks, from one listing of all containers when they are first asked for. They are advice: a store that
 * does not answer costs locality, no error.
 */
final class ContainerHosts {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerHosts.class);

  private final HadoopLocation dataset;
  private final Configuration conf;
  private Map<String, BlockLocation[]> blocks;

  private ContainerHosts(HadoopLocation dataset, Configuration conf) {
    this.dataset = dataset;
    this.conf = conf;
  }

  static ContainerHosts of(String location, Configuration conf) {
    return new ContainerHosts(HadoopLocation.ofStore(location), conf);
  }

  /** Hosts that have the byte at {@code offset} of a container; none if every host is as near. */
  List<String> at(ContainerId container, long offset) {
    if (blocks == null) {
      blocks = ask(container);
    }
    Path path = dataset.resolve(ContainerSummary.pathOf(container));
    for (BlockLocation block : blocks.getOrDefault(path.getName(), new BlockLocation[0])) {
      if (offset < block.getOffset() + block.getLength()) {
        return hosts(block);
      }
    }
    return List.of();
  }

  private Map<String, BlockLocation[]> ask(ContainerId one) {
    Map<String, BlockLocation[]> found = new HashMap<>();
    Path path = dataset.resolve(ContainerSummary.pathOf(one));
    try {
      FileSystem store = path.getFileSystem(conf);
      BlockLocation[] first = store.getFileBlockLocations(path, 0, 1);
      if (first != null && first.length > 0 && !hosts(first[0]).isEmpty()) {
        RemoteIterator<LocatedFileStatus> files = store.listLocatedStatus(path.getParent());
        while (files.hasNext()) {
          LocatedFileStatus file = files.next();
          found.put(file.getPath().getName(), file.getBlockLocations());
        }
      }
    } catch (IOException e) {
      LOG.debug("no block locations of {}", dataset, e);
    }
    return found;
  }

  /** A store without places says localhost of everything. */
  private static List<String> hosts(BlockLocation block) {
    try {
      List<String> hosts = List.of(block.getHosts());
      return hosts.equals(List.of("localhost")) ? List.of() : hosts;
    } catch (IOException e) {
      return List.of();
    }
  }
}
