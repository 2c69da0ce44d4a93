package io.pleat.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.store.hadoop.LocalS3;
import io.pleat.store.hadoop.MiniHdfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The torture on each store, for {@code -Dtorture.seconds} each (20 by default) with {@code -Dtorture.seed}. Hours are for a machine that
 * has nothing else to do: CONTRIBUTING.md has the command.
 */
@Tag("slow")
@Timeout(value = 7, unit = TimeUnit.HOURS)
class ITTorture {
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime());
  private static final Duration TIME = Duration.ofSeconds(Long.getLong("torture.seconds", 20));
  private static final String ENGINE = System.getProperty("torture.engine", "local");
  private static final int LARGEST = 16 << 10;

  /* What is left of a failure is to be looked at. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path temp;

  @Test
  void nothingIsLostOnALocalDisk() throws Exception {
    String source = temp.resolve("source").toString();
    torture(new LocalSourceTree(source), source, temp.resolve("dataset").toString(), Map.of(), 240);
  }

  @Test
  void nothingIsLostInHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String place = hdfs.freshDirectory();
    torture(place, hdfs.configuration());
  }

  @Test
  void nothingIsLostInS3() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String place = "s3a://" + s3.freshBucket();
    torture(place, s3.configuration());
  }

  private void torture(String place, Map<String, String> stores) throws Exception {
    String source = place + "/source";
    torture(new HadoopSourceTree(source, stores), source, place + "/dataset", stores, 150);
  }

  private void torture(
      SourceTree tree, String source, String dataset, Map<String, String> stores, int files)
      throws Exception {
    TortureSettings settings = new TortureSettings(
        source, dataset, ENGINE, stores, new TortureFiles(SEED, files, LARGEST));
    Path work = Files.createDirectory(temp.resolve("work"));
    Torture torture = new Torture(settings, tree, work);
    TortureResult result = torture.run(TIME);
    System.out.println("torture of " + dataset + ", seed " + SEED + ": " + result);
    assertThat(result.wrong())
        .as("seed %d, %s, log: %s", SEED, result, torture.log())
        .isEmpty();
    assertThat(result.commits()).as(result.toString()).isGreaterThan(1);
  }
}
