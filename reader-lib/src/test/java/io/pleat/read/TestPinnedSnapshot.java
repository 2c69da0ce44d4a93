package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class TestPinnedSnapshot {
  private static final LogicalPath FIRST =
      LogicalPath.of("_pleat/snapshots/00000000000000000001.json");

  private final MemoryStore store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");
  private int commits;

  /** Lets somebody else commit whenever a manifest is opened, so many times. */
  private Store committingMeanwhile(int times) {
    return (Store) Proxy.newProxyInstance(
        Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
          if (method.getName().equals("open")
              && arguments[0].toString().startsWith("_pleat/manifests/")
              && commits < times) {
            commits++;
            builder.add(new Content().file("late" + commits, "x"));
            builder.commit();
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void headThatMovedWhilePinningIsFollowed() throws IOException {
    builder.add(new Content().file("a", "1"));
    builder.commit();
    PinnedSnapshot pinned = PinnedSnapshot.newest(committingMeanwhile(3));
    assertThat(pinned.snapshot().version()).isEqualTo(4);
    assertThat(pinned.containers()).hasSize(4);
  }

  @Test
  void whatIsDeadInAContainerIsReadWhenItIsAskedForAndOnce() throws IOException {
    builder.add(new Content().file("a", "1").file("b", "2"));
    builder.add(new Content().file("y", "1").file("z", "2"));
    builder.commit();
    builder.removeFile("a").removeFile("z").commit();
    List<String> opened = new ArrayList<>();
    Store watched = (Store) Proxy.newProxyInstance(
        Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
          if (method.getName().equals("open")
              && arguments[0].toString().startsWith("_pleat/deletes/")) {
            opened.add(arguments[0].toString());
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
    try (FoldedDataset dataset = FoldedDataset.open(watched, Map.of(), ReaderOptions.defaults())) {
      assertThat(opened).isEmpty();
      for (int i = 0; i < 2; i++) {
        assertThat(dataset.locate(LogicalPath.of("a"))).isEmpty();
        assertThat(dataset.locate(LogicalPath.of("b"))).isPresent();
      }
      assertThat(opened).hasSize(1);
      store.delete(LogicalPath.of(dataset.snapshot().deletionVectors().stream()
          .map(vector -> vector.file().path().toString())
          .filter(path -> !opened.contains(path))
          .findFirst()
          .orElseThrow()));
      assertThatThrownBy(() -> dataset.locate(LogicalPath.of("y")))
          .as("nothing is taken for live because that is not known")
          .isInstanceOf(IOException.class)
          .hasMessageContaining("_pleat/deletes/");
      assertThat(dataset.locate(LogicalPath.of("b"))).isPresent();
    }
  }

  @Test
  void headThatNeverRestsIsNotChasedForever() throws IOException {
    builder.add(new Content().file("a", "1"));
    builder.commit();
    PinnedSnapshot pinned = PinnedSnapshot.newest(committingMeanwhile(Integer.MAX_VALUE));
    assertThat(pinned.containers()).hasSize((int) pinned.snapshot().version());
  }

  @Test
  void snapshotThatPointsOutsideItsDatasetIsRefused() throws IOException {
    builder.add(new Content().file("a", "1"));
    builder.commit();
    for (String outside : new String[] {"../../../../etc/passwd", "/etc/passwd", "a/../../b", ""}) {
      byte[] honest = content(FIRST);
      store.put(
          FIRST.toString(),
          sealed(new String(honest, UTF_8)
              .replaceFirst("_pleat/manifests/[0-9a-f-]+\\.manifest", outside)));
      assertThatThrownBy(() -> PinnedSnapshot.newest(store))
          .as(outside)
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(FIRST.toString());
      store.put(FIRST.toString(), honest);
    }
    assertThat(PinnedSnapshot.newest(store).containers()).hasSize(1);
  }

  /** Renews the checksum at the end of a snapshot, as an attacker would. */
  private static byte[] sealed(String json) {
    int seal = json.lastIndexOf(",\n  \"crc32c\"");
    CRC32C crc = new CRC32C();
    crc.update(json.substring(0, seal).getBytes(UTF_8));
    return json.replaceFirst(
            "\"crc32c\" : \"[0-9a-f]{8}\"\n}\n$",
            String.format("\"crc32c\" : \"%08x\"\n}\n", crc.getValue()))
        .getBytes(UTF_8);
  }

  private byte[] content(LogicalPath path) throws IOException {
    try (ByteSource source = store.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) source.length());
      source.readFully(0, bytes);
      return bytes.array();
    }
  }
}
