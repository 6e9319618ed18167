// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void aSmallClusterIsTakenOverAtLeastOnce() throws Exception {
    // It ends with an exception, and without a takeover, when not all of its agents register.
    var rehearsal =
        Rehearsal.start(
            MasterFlags.parse(List.of(), Map.of()), Duration.ZERO, Duration.ofMillis(1));
    rehearsal.await();
    assertThat(rehearsal.takeovers()).isEqualTo(1);
  }

  @Test
  void aLeaderDoesNotRehearse() throws Exception {
    var rehearsal = Rehearsal.start(MasterFlags.parse(List.of(), Map.of()));
    rehearsal.close();
    rehearsal.await();
    assertThat(rehearsal.takeovers()).isZero();
  }
}
