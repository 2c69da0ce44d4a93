package io.pleat.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * Puts a local tree, or a part of it, into HDFS or S3 with many threads. Arguments: {@code SOURCE DESTINATION FILES [CONFIGURATION]}, the last a JSON
 * object of Hadoop settings: directories are taken
 * whole, in an order shuffled with a fixed seed, until there are FILES files; 0 takes all. Links are left out.
 */
public final class LoadTree {
  private static final int THREADS = 8;

  private LoadTree() {}

  /** Loads, and prints files and bytes loaded. */
  public static void main(String[] args) throws Exception {
    Path source = Path.of(args[0]);
    org.apache.hadoop.fs.Path destination = new org.apache.hadoop.fs.Path(args[1]);
    List<Path> files = choose(source, Integer.parseInt(args[2]));
    Configuration configuration = new Configuration();
    configuration.setInt("dfs.replication", 1);
    configuration.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 1);
    configuration.setInt("dfs.client.block.write.locateFollowingBlock.retries", 12);
    if (args.length > 3) {
      new ObjectMapper()
          .readValue(args[3], new TypeReference<Map<String, String>>() {})
          .forEach(configuration::set);
    }
    FileSystem hdfs = FileSystem.get(destination.toUri(), configuration);
    List<Callable<Long>> loads = new ArrayList<>();
    for (Path file : files) {
      loads.add(() -> {
        byte[] content = Files.readAllBytes(file);
        org.apache.hadoop.fs.Path target =
            new org.apache.hadoop.fs.Path(destination, source.relativize(file).toString());
        try (OutputStream out = hdfs.create(target)) {
          out.write(content);
        }
        return (long) content.length;
      });
    }
    long bytes = 0;
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<Long> load : pool.invokeAll(loads)) {
        bytes += load.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("could not load " + source, e);
    } finally {
      pool.shutdownNow();
    }
    System.out.printf("{\"files\": %d, \"bytes\": %d}%n", files.size(), bytes);
  }

  private static List<Path> choose(Path source, int wanted) throws IOException {
    Map<Path, List<Path>> byDirectory = new TreeMap<>();
    try (Stream<Path> all = Files.walk(source)) {
      all.filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
          .forEach(p ->
              byDirectory.computeIfAbsent(p.getParent(), d -> new ArrayList<>()).add(p));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<Path> directories = new ArrayList<>(byDirectory.keySet());
    Collections.shuffle(directories, new Random(1));
    List<Path> chosen = new ArrayList<>();
    for (Path directory : directories) {
      if (wanted > 0 && chosen.size() >= wanted) {
        break;
      }
      byDirectory.get(directory).stream().sorted().forEach(chosen::add);
    }
    return chosen;
  }
}
