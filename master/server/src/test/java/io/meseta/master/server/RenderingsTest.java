// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.http.Answer;
import io.meseta.loop.Ids;
import io.meseta.master.core.Effect;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.MasterCore;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.view.Snapshot;
import io.meseta.wire.v1.MasterInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RenderingsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final ArrayDeque<CompletableFuture<Snapshot>> asked = new ArrayDeque<>();
  private final ArrayDeque<Runnable> work = new ArrayDeque<>();
  private final List<Snapshot> rendered = new ArrayList<>();
  private final Renderings renderings =
      new Renderings(
          () -> {
            var future = new CompletableFuture<Snapshot>();
            asked.add(future);
            return future;
          },
          work::add);

  private final Function<Snapshot, Answer> long32k =
      snapshot -> {
        rendered.add(snapshot);
        return Answer.of(200, "text/plain", new byte[64 << 10]);
      };

  private final MasterCore core =
      new MasterCore(MasterConfig.defaults(), MasterInfo.getDefaultInstance(), Ids.seeded(1));

  private double weightNow = 1;

  RenderingsTest() {
    core.on(new MasterEvent.RegistryLoaded(Map.of()), NOW);
  }

  /// The state with this weight of a role.
  private Snapshot snapshot(double weight) {
    if (weight != weightNow) {
      weightNow = weight;
      core.on(
          new MasterEvent.OperatorCall(
              1, new MasterEvent.OperatorRequest.UpdateWeights(Map.of("role", weight))),
          NOW);
      for (var effect : core.endOfBatch(NOW)) {
        if (effect instanceof Effect.Persist persist) { // a weight counts when it is written
          core.on(new MasterEvent.Persisted(persist.batch()), NOW);
        }
      }
    }
    core.on(new MasterEvent.Read(2), NOW.plusSeconds(1));
    return core.endOfBatch(NOW.plusSeconds(1)).stream()
        .filter(Effect.Answer.class::isInstance)
        .map(effect -> ((Effect.Answer) effect).snapshot())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oneDocumentForAllWhoWait() {
    var first = renderings.render("k", false, long32k);
    var second = renderings.render("k", false, long32k);
    asked.remove().complete(snapshot(1));
    work.remove().run();
    assertThat(rendered).hasSize(1);
    assertThat(done(first)).isSameAs(done(second));
  }

  @Test
  void whoAsksLaterSeesALaterState() {
    var first = renderings.render("k", false, long32k);
    var old = snapshot(1);
    asked.remove().complete(old);
    var second = renderings.render("k", false, long32k);
    work.remove().run();
    assertThat(done(first).status()).isEqualTo(200);
    assertThat(second.toCompletableFuture()).isNotDone();
    var fresh = snapshot(2);
    asked.remove().complete(fresh);
    work.remove().run();
    assertThat(done(second).status()).isEqualTo(200);
    assertThat(rendered).containsExactly(old, fresh);
  }

  @Test
  void whatHasNotChangedIsNotRenderedAgain() {
    var first = run(renderings.render("k", true, long32k), snapshot(1));
    var again = run(renderings.render("k", true, long32k), snapshot(1));
    assertThat(again).isSameAs(first);
    run(renderings.render("k", true, long32k), snapshot(2));
    assertThat(rendered).hasSize(2);
  }

  @Test
  void countersAreAlwaysNew() {
    run(renderings.render("k", false, long32k), snapshot(1));
    run(renderings.render("k", false, long32k), snapshot(1));
    assertThat(rendered).hasSize(2);
  }

  @Test
  void anOverloadedMasterSaysSoToAll() {
    var first = renderings.render("k", true, long32k);
    var second = renderings.render("k", true, long32k);
    asked.remove().completeExceptionally(new IllegalStateException("full"));
    assertThat(done(first).status()).isEqualTo(503);
    assertThat(done(second).status()).isEqualTo(503);
    run(renderings.render("k", true, long32k), snapshot(1)); // and goes on
    assertThat(rendered).hasSize(1);
  }

  @Test
  void aRendererThatFailsHurtsNobodyElse() {
    var answer =
        run(
            renderings.render(
                "k",
                true,
                snapshot -> {
                  throw new IllegalStateException("broken");
                }),
            snapshot(1));
    assertThat(answer.status()).isEqualTo(500);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain("broken");
    assertThat(run(renderings.render("k", true, long32k), snapshot(1)).status()).isEqualTo(200);
  }

  private Answer run(CompletionStage<Answer> answer, Snapshot snapshot) {
    asked.remove().complete(snapshot);
    work.remove().run();
    return done(answer);
  }

  private static Answer done(CompletionStage<Answer> answer) {
    assertThat(answer.toCompletableFuture()).isDone();
    return answer.toCompletableFuture().join();
  }
}
