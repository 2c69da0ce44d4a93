package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ForwardingStore;
import io.pleat.store.ListingVisitor;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TestLease {
  private static final Duration MINUTE = Duration.ofSeconds(60);

  private final MemoryStore memory = new MemoryStore();

  @BeforeEach
  void commit() throws IOException {
    DatasetLog.open(memory).commit(Optional.empty(), Samples.add(1), new TextCatalog());
  }

  @Test
  void holdsForItsDurationByTheStoresClock() throws IOException {
    Lease.acquire(memory, 1, MINUTE, "somebody");
    Instant until = held().get(1L);
    assertThat(until).isAfter(StoreClock.now(memory));
    memory.advance(MINUTE);
    List<LogicalPath> ended = new ArrayList<>();
    assertThat(Lease.held(memory, StoreClock.now(memory), ended::add)).isEmpty();
    assertThat(ended).hasSize(1);
  }

  @Test
  void renewalReplacesTheFileBeforeTheLast() throws IOException {
    Lease lease = Lease.acquire(memory, 1, MINUTE, "somebody");
    memory.advance(MINUTE.minusSeconds(10));
    lease.renew();
    memory.advance(MINUTE.minusSeconds(10));
    assertThat(held()).containsOnlyKeys(1L);
    lease.renew();
    assertThat(leaseFiles())
        .hasSize(2)
        .anyMatch(path -> path.toString().endsWith("-1.json"))
        .anyMatch(path -> path.toString().endsWith("-2.json"));
    lease.close();
    lease.renew();
    assertThat(leaseFiles()).isEmpty();
    assertThat(held()).isEmpty();
  }

  @Test
  void whoListsWhileItIsRenewedSeesThatItHolds() throws IOException {
    Lease lease = Lease.acquire(memory, 1, MINUTE, "somebody");
    Store overtaken = new ForwardingStore(memory) {
      @Override
      public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
        List<FileInfo> listed = new ArrayList<>();
        super.list(directory, new ListingVisitor() {
          @Override
          public void visit(FileInfo file) {
            listed.add(file);
          }

          @Override
          public void unlistable(LogicalPath parent, String displayName, String reason) {}
        });
        lease.renew();
        for (FileInfo file : listed) {
          visitor.visit(file);
        }
      }
    };
    for (int i = 0; i < 3; i++) {
      Instant now = StoreClock.now(memory);
      assertThat(Lease.held(overtaken, now, path -> {})).containsOnlyKeys(1L);
      assertThat(Lease.all(overtaken, now)).hasSize(1);
    }
  }

  @Test
  void unreadableLeaseHoldsForEver() throws IOException {
    LeaseFile file = new LeaseFile(1, new UUID(1, 2), 0, "somebody", MINUTE);
    memory.put(file.path().toString(), new byte[] {1, 2, 3});
    memory.advance(MINUTE.multipliedBy(100));
    assertThat(held()).isEqualTo(Map.of(1L, Instant.MAX));
  }

  @Test
  void foreignFilesAreNoLeases() throws IOException {
    memory.put(LeaseFile.DIRECTORY + "/notes.txt", new byte[] {1});
    assertThat(held()).isEmpty();
  }

  @Test
  void renewalOfALapsedLeaseFailsIfItsSnapshotWasCondemned() throws IOException {
    Lease lease = Lease.acquire(memory, 1, MINUTE, "somebody who sleeps");
    DatasetLog log = DatasetLog.open(memory);
    Snapshot two = log.commit(log.current(), Samples.add(2), new TextCatalog());
    memory.advance(MINUTE);
    lease.renew();
    memory.advance(MINUTE.multipliedBy(2));
    log.commit(
        Optional.of(two),
        Samples.change("expire").withCondemned(Condemnation.of(VersionSet.of(1), List.of())),
        new TextCatalog());

    assertThatThrownBy(lease::renew)
        .isInstanceOf(CondemnedException.class)
        .hasMessageContaining("snapshot 1");
    assertThat(leaseFiles()).as("it keeps nothing from expiry").isEmpty();
    lease.renew();
    assertThat(leaseFiles()).isEmpty();
  }

  @Test
  void renewedLeaseRenewsItselfUntilItIsClosed() throws IOException {
    try (RenewedLease lease = RenewedLease.acquire(memory, 1, Duration.ofMillis(30), "somebody")) {
      assertThat(lease.version()).isEqualTo(1);
      while (!leaseFiles().toString().contains("-2.json")) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    assertThat(leaseFiles()).isEmpty();
  }

  private Map<Long, Instant> held() throws IOException {
    return Lease.held(memory, StoreClock.now(memory), file -> {});
  }

  private List<LogicalPath> leaseFiles() {
    return memory.files().stream()
        .filter(path -> path.toString().startsWith(LeaseFile.DIRECTORY.toString()))
        .toList();
  }
}
