package io.pleat.read;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.ForgedDataset;
import io.pleat.dataset.KeyRange;
import io.pleat.format.ContainerId;
import io.pleat.format.Forged;
import io.pleat.format.LogicalPath;
import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Datasets that somebody made to do harm: what they say is wrong or a trap, and every checksum is right. Each has the files of {@link #files}, some of which the
 * forgery has touched.
 */
public enum HostileDataset {
  /** An entry that leads out of the target, and its directory. */
  PARENT_COMPONENT("path has the component '..'", "path has the component '..'") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      rename(dataset, one, "xx", "..");
    }
  },

  /** An entry that starts at the root of the file system. */
  ABSOLUTE_PATH("path has an empty component", "path has an empty component") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      rename(dataset, one, "xx", "/x");
    }
  },

  /** {@code x//yyy}, in the directory {@code xx} still. */
  EMPTY_COMPONENT("path has an empty component", "path has an empty component") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.replaced(file, id, "xx/yyyy", "xx//yyy"));
    }
  },

  /** A name that C reads shorter than Java. */
  NUL_BYTE("path has a NUL byte", "path has a NUL byte") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.replaced(file, id, "cccc", "cc\0c"));
    }
  },

  /** Two entries of one path in one container. */
  SAME_PATH_TWICE("", "lookup of 'bbbb' gives") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.replaced(file, id, "cccc", "bbbb"));
    }
  },

  /** A file and a directory of one path in one container. */
  FILE_ABOVE_FILE("", "the live file 'dddd' in container") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.replaced(file, id, "ffff", "dddd"));
    }
  },

  /** One path live in two containers. */
  LIVE_TWICE("", "'aaaa' is live in containers/") {
    @Override
    void add(Content content) {
      content.file("aaaa", CONTENT.replace("file", "FILE"));
    }

    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.nothingDead();
    }
  },

  /** A file above another container's. */
  ABOVE_ANOTHER_CONTAINER("", "the live file 'aaaa' in container") {
    @Override
    void add(Content content) {
      content.file("aaaa/below", CONTENT);
    }

    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) {}
  },

  /** Two entries whose bytes are the very same ones. */
  OVERLAPPING_EXTENTS("", "record and index block differ") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, Forged::overlapping);
    }
  },

  /** Payloads said to lie behind the end of the file. */
  BEHIND_THE_END(" lies at ", " lies at ") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.moved(file, id, 1L << 40));
    }
  },

  /** Payloads said to lie before the first record. */
  BEFORE_THE_START(" lies at ", " lies at ") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.moved(file, id, -130));
    }
  },

  /** A few bytes said to be 2 GiB. */
  LYING_LENGTH("cannot hold 2147483647", "cannot hold 2147483647") {
    @Override
    void add(Content content) {
      content.file("bomb", new byte[0], zstd(Forged.bomb(1, 128 << 10), Integer.MAX_VALUE), PLAIN);
    }

    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) {}
  },

  /** A frame whose own header says more than the index block. */
  LYING_FRAME("zstd frame holds 1900000000 bytes", "zstd frame holds 1900000000 bytes") {
    @Override
    void add(Content content) {
      content.file("bomb", new byte[0], zstd(Forged.bomb(1, 1_900_000_000), 128 << 10), PLAIN);
    }

    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) {}
  },

  /** 57 KiB that inflate to 1.9 GB, as everything about them says: more than the JVM of the tests has. */
  BOMB("needs 1900019712 bytes of memory", "needs 1900019712 bytes of memory") {
    @Override
    void add(Content content) {
      content.file("bomb", new byte[0], zstd(Forged.bomb(14_496, BOMB_LENGTH), BOMB_LENGTH), PLAIN);
    }

    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) {}
  },

  /** A section of an index block that would inflate to 512 MiB. */
  INFLATED_INDEX("impossible or repeated section", "impossible or repeated section") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.inflating(file, id, 1, 8 << 20));
    }
  },

  /** An index block said to have more rows than it has bytes. */
  TOO_MANY_ROWS("impossible or repeated section", "impossible or repeated section") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.counting(file, id, 1 << 20, 1 << 22));
    }
  },

  /** An index block said to have more entries than its pages. */
  TOO_MANY_ENTRIES("index block contradicts itself", "index block contradicts itself") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.container(one, (file, id) -> Forged.counting(file, id, 1 << 20, 4));
    }
  },

  /** A manifest that says of a container what would fill any memory. */
  MANIFEST_OF_TOO_MANY("no container has 2147483647 entries", "no container has 2147483647") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.containers(summary -> new ContainerSummary(
          summary.id(),
          summary.length(),
          summary.crc32c(),
          summary.indexOffset(),
          Integer.MAX_VALUE,
          summary.passThroughs(),
          summary.directories(),
          summary.payloadBytes(),
          summary.storedBytes(),
          summary.passThroughBytes(),
          summary.range(),
          summary.sequence(),
          summary.catalog(),
          summary.filter()));
    }
  },

  /** A manifest that claims fewer keys for a container than it has. */
  NARROWED_RANGE("beyond the key range in the manifest", "lies outside the key range") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.containers(summary -> new ContainerSummary(
          summary.id(),
          summary.length(),
          summary.crc32c(),
          summary.indexOffset(),
          summary.entries(),
          summary.passThroughs(),
          summary.directories(),
          summary.payloadBytes(),
          summary.storedBytes(),
          summary.passThroughBytes(),
          new KeyRange(summary.range().first(), summary.range().first()),
          summary.sequence(),
          summary.catalog(),
          summary.filter()));
    }
  },

  /** One container's bytes under the other's name, as the manifest says, too. */
  ANOTHERS_BYTES("container id in footer is ", "container id in footer is ") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      byte[][] bytes = new byte[1][];
      dataset.container(other, (file, id) -> bytes[0] = file);
      dataset.container(one, (file, id) -> bytes[0]);
    }
  },

  /** A manifest whose catalogue file lies outside. */
  CATALOG_OUTSIDE("path has the component '..'", "path has the component '..'") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.manifest(manifest -> new String(manifest, ISO_8859_1)
          .replace("catalog/files/", "catalog/../../")
          .getBytes(ISO_8859_1));
    }
  },

  /** A snapshot whose manifest lies outside. */
  MANIFEST_OUTSIDE("path below _pleat/manifests", "path below _pleat/manifests") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.snapshot(
          text -> text.replace("_pleat/manifests/", "_pleat/manifests/../../../outside/"));
    }
  },

  /** A snapshot whose manifest has an absolute path. */
  ABSOLUTE_MANIFEST("path below _pleat/manifests", "path below _pleat/manifests") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.snapshot(text -> text.replace("_pleat/manifests/", "/etc/"));
    }
  },

  /** A snapshot whose manifest is a container. */
  MANIFEST_IS_CONTAINER("path below _pleat/manifests", "path below _pleat/manifests") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.snapshot(
          text -> text.replaceAll("_pleat/manifests/[^\"]*", "containers/" + one + ".pleat"));
    }
  },

  /** A deletion vector of rows that no container can have. */
  DEAD_BEYOND_ITS_ROWS("", "names rows that it does not have") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.dead(one, 1 << 30, Integer.MAX_VALUE);
    }
  },

  /** A source root above everything. */
  ROOT_ABOVE("which this reader may not read", "") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.sourceRoot("../../../../../../../../../..");
    }
  },

  /** A source root in the system's own files. */
  ROOT_ELSEWHERE("which this reader may not read", "") {
    @Override
    void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException {
      dataset.sourceRoot("/etc");
    }
  };

  /** What all files but the pass-through one hold. */
  public static final String CONTENT = "every file holds this";

  /** The path of the pass-through file. */
  public static final String PASS_THROUGH = "zzzz/large";

  private static final int BOMB_LENGTH = 14_496 * (128 << 10);
  private static final io.pleat.format.Attributes PLAIN = DatasetBuilder.PLAIN;

  private final String readerSays;
  private final String verifySays;

  /**
   * @param readerSays part of an error that a reader of everything meets; empty if it is harmless to read
   * @param verifySays part of what a check of all bytes finds; empty if there is nothing to find
   */
  HostileDataset(String readerSays, String verifySays) {
    this.readerSays = readerSays;
    this.verifySays = verifySays;
  }

  /** What more the second container holds. */
  void add(Content content) {}

  abstract void forge(ForgedDataset dataset, ContainerId one, ContainerId other) throws IOException;

  /** Part of an error that a reader of everything meets, if it does. */
  public Optional<String> readerSays() {
    return readerSays.isEmpty() ? Optional.empty() : Optional.of(readerSays);
  }

  /** Part of what a check of all bytes finds, if it does. */
  public Optional<String> verifySays() {
    return verifySays.isEmpty() ? Optional.empty() : Optional.of(verifySays);
  }

  /** Writes the dataset; the caller may have put originals at {@code sourceRoot}. */
  public void write(Store store, String sourceRoot) throws IOException {
    DatasetBuilder builder = DatasetBuilder.on(store, sourceRoot);
    Content first = new Content();
    Content second = new Content();
    for (String path : files().keySet()) {
      (path.startsWith("zzzz") ? second : first).file(path, CONTENT);
    }
    second.passThrough(PASS_THROUGH, CONTENT.length(), PLAIN);
    add(second);
    ContainerId one = builder.add(first);
    ContainerId other = builder.add(second);
    builder.commit();
    forge(ForgedDataset.of(store), one, other);
  }

  /** The folded files that every such dataset started from, with their contents. */
  public static Map<String, String> files() {
    Map<String, String> files = new TreeMap<>();
    for (String path :
        new String[] {"aaaa", "bbbb", "cccc", "ffff", "dddd/yyyy", "xx/yyyy", "zzzz/small"}) {
      files.put(path, CONTENT);
    }
    return files;
  }

  private static void rename(ForgedDataset dataset, ContainerId one, String from, String to)
      throws IOException {
    dataset.container(
        one,
        (file, id) -> Forged.replaced(
            Forged.replaced(file, id, from + "/yyyy", to + "/yyyy"),
            id,
            from + "\0\0",
            to + "\0\0"));
  }

  private static Payload zstd(byte[] frame, int length) {
    CRC32C crc = new CRC32C();
    crc.update(frame);
    return new Payload(ByteBuffer.wrap(frame), length, PayloadCodec.ZSTD, (int) crc.getValue(), 0);
  }

  /** The path of a file, as a reader asks for it. */
  static LogicalPath path(String path) {
    return LogicalPath.ofUtf8(path.getBytes(UTF_8));
  }
}
