// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.DiskInfo.Persistence;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourceKeyTest {
  private static ReservationInfo to(String role) {
    return ReservationInfo.newBuilder().setType(ReservationInfo.Type.DYNAMIC).setRole(role).build();
  }

  private static DiskInfo volume(String id) {
    return DiskInfo.newBuilder().setPersistence(Persistence.newBuilder().setId(id)).build();
  }

  private static ResourceKey full() {
    return new ResourceKey(
        "disk",
        Value.Type.SCALAR,
        List.of(to("a"), to("a/b")),
        "a/b",
        new ResourceKey.Disk(volume("v1")),
        "provider",
        true,
        true);
  }

  /// Two keys that differ in one thing only are never added up.
  @Test
  void everyPartOfItCounts() {
    var key = full();
    var others =
        List.of(
            new ResourceKey(
                "mem", key.type(), key.reservations(), "a/b", key.disk(), "provider", true, true),
            new ResourceKey(
                "disk",
                Value.Type.SET,
                key.reservations(),
                "a/b",
                key.disk(),
                "provider",
                true,
                true),
            key.popReservation(),
            key.withReservations(List.of(to("a"), to("a/c"))),
            key.withReservations(List.of(to("a/b"), to("a"))),
            key.withReservations(List.of()),
            key.withAllocation("a"),
            key.withAllocation(null),
            key.withDisk(volume("v2"), true),
            key.withDisk(null, true),
            key.withDisk(volume("v1"), false),
            new ResourceKey(
                "disk", key.type(), key.reservations(), "a/b", key.disk(), "other", true, true),
            new ResourceKey(
                "disk", key.type(), key.reservations(), "a/b", key.disk(), null, true, true),
            new ResourceKey(
                "disk",
                key.type(),
                key.reservations(),
                "a/b",
                key.disk(),
                "provider",
                false,
                true));
    for (var other : others) {
      assertThat(key).isNotEqualTo(other);
      assertThat(other).isNotEqualTo(key);
    }
    assertThat(key).isNotEqualTo(null);
  }

  @Test
  void equalKeysAreOne() {
    assertThat(full()).isEqualTo(full()).hasSameHashCodeAs(full());
    assertThat(ResourceKey.plain("cpus", Value.Type.SCALAR))
        .isEqualTo(ResourceKey.plain("cpus", Value.Type.SCALAR))
        .hasSameHashCodeAs(ResourceKey.plain("cpus", Value.Type.SCALAR));
  }

  @Test
  void whatIsNotAllocatedStaysAsItIs() {
    var plain =
        Resources.of(
            ResourceItem.of(ResourceKey.plain("cpus", Value.Type.SCALAR), new Amount.Scalar(1000)));
    assertThat(plain.unallocate()).isSameAs(plain);
    var twice = Resources.sum(List.of(plain.allocate("a"), plain.allocate("b")));
    assertThat(twice.items()).hasSize(2);
    assertThat(twice.unallocate().items()).hasSize(1);
    assertThat(twice.unallocate().scalar("cpus")).isEqualTo(2000);
  }
}
