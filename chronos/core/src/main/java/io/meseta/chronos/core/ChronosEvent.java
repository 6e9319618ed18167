// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.TaskStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What happens to [ChronosCore].
public sealed interface ChronosEvent {
  /// This Chronos leads; `records` is everything stored.
  record Elected(Map<String, byte[]> records) implements ChronosEvent {}

  /// A request of a client, to be answered with [ChronosEffect.Reply].
  record Api(long request, ApiCall call) implements ChronosEvent {}

  /// What an earlier [ChronosEffect.Persist] asked for is durable.
  record Persisted(long batch) implements ChronosEvent {}

  /// The subscription stands (again).
  record Subscribed(String frameworkId) implements ChronosEvent {}

  /// The subscription is gone; offers are void.
  record Disconnected() implements ChronosEvent {}

  record Offers(List<Offer> offers) implements ChronosEvent {}

  record Rescinded(OfferID offer) implements ChronosEvent {}

  /// News of a task; the client acknowledges by itself once the core's effects are carried out.
  record Update(TaskStatus status) implements ChronosEvent {}

  /// A timer set by [ChronosEffect.SetTimer] has come.
  record TimerFired(String key) implements ChronosEvent {}

  /// A call of the API.
  sealed interface ApiCall {
    /// POST of a job.
    record Post(boolean dependent, byte[] body) implements ApiCall {}

    record ListJobs() implements ApiCall {}

    record Summary() implements ApiCall {}

    record Search(
        Optional<String> name,
        Optional<String> command,
        Optional<String> any,
        int limit,
        int offset)
        implements ApiCall {}

    record Get(String job) implements ApiCall {}

    /// PUT of a job: run now.
    record RunNow(String job, Optional<String> arguments) implements ApiCall {}

    record Delete(String job) implements ApiCall {}

    /// Count a success and start the children.
    record MarkSuccess(String job) implements ApiCall {}

    /// Kill all running tasks of a job.
    record Kill(String job) implements ApiCall {}

    /// How long the runs of a job took.
    record JobStats(String job) implements ApiCall {}

    /// All jobs by one figure of how long their runs took.
    record Ranking(String figure) implements ApiCall {}

    /// Figures of all jobs.
    record Metrics() implements ApiCall {}

    record GraphDot() implements ApiCall {}

    record GraphCsv() implements ApiCall {}
  }
}
