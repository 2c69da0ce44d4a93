package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TestLeaseFile {
  private static final LeaseFile LEASE =
      new LeaseFile(7, new UUID(1, 2), 0, "loader on host", Duration.ofMinutes(10));

  private final MemoryStore store = new MemoryStore();

  @Test
  void leaseRoundTripsAndIsRenewedUnderTheNextName() throws IOException {
    LEASE.write(store);
    LEASE.renewed().write(store);

    assertThat(LEASE.path())
        .hasToString(
            "_pleat/leases/00000000000000000007-00000000-0000-0001-0000-000000000002-0.json");
    assertThat(LeaseFile.read(store, LEASE.path())).isEqualTo(LEASE);
    assertThat(LeaseFile.read(store, LEASE.renewed().path())).isEqualTo(LEASE.renewed());
    assertThat(LeaseFile.parse(LEASE.renewed().path().name()))
        .contains(new LeaseFile.Name(7, new UUID(1, 2), 1));
  }

  @Test
  void otherNamesAreNoLeases() {
    for (String name : List.of(
        "x",
        "7-00000000-0000-0001-0000-000000000002-0.json",
        "00000000000000000000-00000000-0000-0001-0000-000000000002-0.json",
        "99999999999999999999-00000000-0000-0001-0000-000000000002-0.json",
        ".00000000000000000007-00000000-0000-0001-0000-000000000002-0.json",
        "00000000000000000007-00000000-0000-0001-0000-000000000002-0.json.tmp")) {
      assertThat(LeaseFile.parse(name)).as(name).isEmpty();
    }
  }

  @Test
  void leaseUnderAnothersNameIsRefused() throws IOException {
    LogicalPath other = LEASE.renewed().path();
    store.put(other.toString(), LEASE.encode());

    assertThatThrownBy(() -> LeaseFile.read(store, other))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageStartingWith("lease says that it is _pleat/leases/");
  }

  @Test
  void anyDamageIsNoticed() throws IOException {
    Damage.assertNoneIsRead(LEASE.encode(), LeaseFile::decode);
  }

  @Test
  void endlessLeasesAreRefused() {
    assertThatThrownBy(() -> new LeaseFile(1, new UUID(1, 1), 0, "", Duration.ofDays(36500)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("impossible duration of a lease");
  }
}
