// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.view.Snapshot;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// What the core does once for all that a batch holds.
class BatchTest {
  private final Stage stage = new Stage();

  @Test
  void whoeverJoinsOrReadsInABatchGetsTheSameState() {
    stage.register(1, "cpus:4;mem:400");
    var seen = new ArrayList<Snapshot>();
    var unused = stage.core.on(new MasterEvent.Watch("w1"), stage.now);
    unused = stage.core.on(new MasterEvent.Watch("w2"), stage.now);
    unused = stage.core.on(new MasterEvent.Read(7), stage.now);
    for (var effect : stage.core.endOfBatch(stage.now)) {
      switch (effect) {
        case Effect.BeginWatching begin -> seen.add(begin.snapshot());
        case Effect.Answer answer -> seen.add(answer.snapshot());
        default -> {}
      }
    }
    assertThat(seen).hasSize(3).allSatisfy(one -> assertThat(one).isSameAs(seen.getFirst()));
    assertThat(seen.getFirst().agents()).hasSize(1);
  }
}
