// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Flags;
import io.meseta.http.Answer;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.server.views.Documents;
import io.meseta.master.server.views.Metrics;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/// Gets snapshots and has them rendered off the loop and off the network's threads.
final class Reading {
  private final MasterFlags flags;
  private final Node node;
  private final Leadership leadership;
  private final Executor executor;
  private final Instant startTime = Instant.now();

  Reading(MasterFlags flags, Node node, Leadership leadership, Executor executor) {
    this.flags = flags;
    this.node = node;
    this.leadership = leadership;
    this.executor = executor;
  }

  static double seconds(Instant time) {
    return Statuses.seconds(time);
  }

  Map<String, String> flags() {
    return new TreeMap<>(Flags.effective(flags));
  }

  Map<String, Double> metrics(Snapshot snapshot) {
    return Metrics.of(snapshot, startTime, leadership.elected(), node.depth());
  }

  CompletionStage<Answer> render(Function<Documents, Answer> render) {
    return node.read()
        .handleAsync(
            (snapshot, failure) ->
                failure != null
                    ? Answer.text(503, "The master is overloaded")
                    : render.apply(
                        new Documents(
                            node.identity().info(),
                            startTime,
                            leadership.leader(),
                            flags.cluster(),
                            flags(),
                            snapshot)),
            executor);
  }
}
