// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final Effect ANSWER = new Effect.Reply(1, Answer.empty(201));
  private static final Effect LATER = new Effect.Reply(2, Answer.empty(200));

  private static List<Long> writes(List<Effect> effects) {
    return effects.stream().map(each -> ((Effect.Persist) each).id()).toList();
  }

  /// A change too large for one write goes out in several; one of them may fail while others do
  /// not.
  @Test
  void nothingIsAnsweredBeforeEveryPieceIsStored() {
    var outbox = new Outbox();
    outbox.put("a", new byte[350_000]);
    outbox.put("b", new byte[350_000]);
    outbox.after(ANSWER);
    var pieces = writes(outbox.endBatch());
    assertThat(pieces).hasSize(2);
    outbox.put("c", new byte[1]);
    outbox.after(LATER);
    var next = writes(outbox.endBatch());

    assertThat(outbox.persisted(pieces.getLast())).isEmpty();
    assertThat(outbox.persisted(next.getFirst())).isEmpty();
    assertThat(outbox.persisted(pieces.getFirst())).containsExactly(ANSWER, LATER);
  }
}
