package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestPathFilter {
  private static final ContainerId ID = new ContainerId(1, 2);

  @SuppressWarnings("ArrayRecordComponent")
  private record Written(byte[] bytes, FilterSection filter) {
    PathFilter open() throws Exception {
      return PathFilter.open(MemoryFile.source(bytes), filter, ID);
    }
  }

  private static Written write(int entries) throws Exception {
    MemoryFile.Sink container = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(container, ID)) {
      writer.addFilter();
      for (int i = 0; i < entries; i++) {
        Payload nothing = Payload.raw(ByteBuffer.allocate(0));
        writer.addFile(path(i), new Attributes(0, 0, 0644, "", "", ""), nothing, false);
      }
      FilterSection filter = writer.finish().filter();
      return new Written(container.bytes(), filter);
    }
  }

  private static LogicalPath path(int i) {
    return LogicalPath.of(String.format("d/%07d", i));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 100, 1000, 50_000})
  void nothingPresentIsRuledOut(int entries) throws Exception {
    try (PathFilter filter = write(entries).open()) {
      for (int i = 0; i < entries; i++) {
        assertThat(filter.mayHold(PathHash.of(path(i))))
            .as("%s of %s", i, entries)
            .isTrue();
      }
      int wrong = 0;
      for (int i = 0; i < 1_000_000; i++) {
        wrong += filter.mayHold(PathHash.of(("no/" + i).getBytes(StandardCharsets.UTF_8))) ? 1 : 0;
      }
      // 15 expected; the fewer entries, the fewer slots, and fingerprints of 0 in empty ones
      assertThat(wrong).isLessThan(60);
    }
  }

  @Test
  void containerWithoutEntriesHasNoFilter() throws Exception {
    assertThat(write(0).filter).isEqualTo(FilterSection.NONE);
  }

  @Test
  void readerSaysWhereFilterIsToo() throws Exception {
    Written written = write(100);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(written.bytes), ID)) {
      assertThat(reader.statistics(0).filter()).isEqualTo(written.filter);
      assertThat(reader.index().find(path(7).utf8())).isEqualTo(7);
      assertThat(reader.verify(finding -> {
            throw new AssertionError(finding);
          }))
          .isNotZero();
    }
  }

  @Test
  void equalHashesAreBothHeld() {
    PageLocatorBuilder builder = new PageLocatorBuilder(1);
    Random random = new Random(1);
    long[] hashes = random.longs(1000).toArray();
    for (long hash : hashes) {
      builder.add(hash);
      builder.add(hash);
    }
    ByteBuffer section = builder.buildFilter();
    section.limit(section.limit() + PageLocator.SLACK);
    PageLocator.Slots slots = PageLocator.slots(section);
    for (long hash : hashes) {
      long mixed = slots.mix(hash);
      int first = slots.first(mixed);
      int found = 0;
      for (int slot : new int[] {first, slots.second(mixed, first), slots.third(mixed, first)}) {
        found ^= section.getShort(PageLocator.HEADER_LENGTH + slot * PathFilter.SLOT_LENGTH);
      }
      assertThat((short) found).isEqualTo((short) PathFilter.fingerprint(mixed));
    }
  }

  @Test
  void everyFlippedBitIsSeen() throws Exception {
    Written written = write(20);
    byte[] golden = written.bytes;
    int start = (int) written.filter.offset();
    for (int bit = 8 * start; bit < 8 * (start + written.filter.length()); bit++) {
      byte[] damaged = golden.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      ByteSource source = MemoryFile.source(damaged);
      assertThatThrownBy(() -> PathFilter.open(source, written.filter, ID))
          .as("bit %s", bit)
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("CRC32C of filter section is 0x");
      List<CorruptDataException> findings = new ArrayList<>();
      try (ContainerReader reader = ContainerReader.open(source, ID)) {
        assertThat(reader.index().find(path(7).utf8())).isEqualTo(7);
        reader.verify(findings::add);
      }
      assertThat(findings).as("bit %s", bit).hasSize(1);
      assertThat(findings.get(0)).hasMessageContaining("CRC32C of section 0x8002 is 0x");
    }
  }

  @Test
  void anotherContainersFilterIsRefused() throws Exception {
    Written written = write(20);
    assertThatThrownBy(() -> PathFilter.open(
            MemoryFile.source(written.bytes), written.filter, new ContainerId(1, 3)))
        .isInstanceOf(CorruptDataException.class);
  }

  @Test
  void filterBeyondTheFileIsRefused() throws Exception {
    Written written = write(20);
    FilterSection beyond = new FilterSection(written.bytes.length - 10, written.filter.length(), 0);
    assertThatThrownBy(() -> PathFilter.open(MemoryFile.source(written.bytes), beyond, ID))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("its filter section is said to lie at");
  }

  @Test
  void closedFilterSaysSo() throws Exception {
    PathFilter filter = write(20).open();
    filter.close();
    filter.close();
    assertThatThrownBy(() -> filter.mayHold(1)).isInstanceOf(IllegalStateException.class);
  }
}
