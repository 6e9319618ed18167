// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.instances;

import io.meseta.marathon.core.apps.App;
import java.time.Instant;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One copy of an app. Immutable; [Instances] owns the present value.
///
/// @param app the version it is (to be) launched with
/// @param attempt counts its tasks, from 1
/// @param keep whether it is to go on; otherwise it ends with its task
/// @param since when the condition began
/// @param agent where its task is, once provisioned
/// @param hostPorts per port of the definition, 0 when not published
/// @param healthy by the agent's or the executor's checks, when they said
public record Instance(
    String id,
    App app,
    int attempt,
    Condition condition,
    boolean keep,
    Instant since,
    @Nullable Agent agent,
    List<Integer> hostPorts,
    List<Address> addresses,
    @Nullable Instant stagedAt,
    @Nullable Instant startedAt,
    @Nullable Boolean healthy) {

  /// Where a task runs. Attributes by name, as text.
  public record Agent(
      String id,
      String host,
      @Nullable String region,
      @Nullable String zone,
      SequencedMap<String, String> attributes) {}

  /// An address of the task; protocol `IPv4` or `IPv6`.
  public record Address(String ip, String protocol) {}

  /// A copy that waits for its first task.
  public static Instance scheduled(String id, App app, Instant now) {
    return new Instance(
        id, app, 1, Condition.SCHEDULED, true, now, null, List.of(), List.of(), null, null, null);
  }

  public String appId() {
    return app.id();
  }

  /// The id of the task of the present attempt.
  public String taskId() {
    return id + "._app." + attempt;
  }

  /// Counts towards the instances wanted.
  public boolean active() {
    return keep && condition != Condition.UNREACHABLE_INACTIVE && !condition.terminal();
  }

  public boolean running() {
    return condition == Condition.RUNNING;
  }

  /// The same in another condition.
  public Instance in(Condition next, Instant now) {
    return next == condition
        ? this
        : new Instance(
            id, app, attempt, next, keep, now, agent, hostPorts, addresses, stagedAt, startedAt,
            healthy);
  }

  /// About to be launched.
  public Instance provisioned(Agent where, List<Integer> ports, Instant now) {
    return new Instance(
        id,
        app,
        attempt,
        Condition.PROVISIONED,
        keep,
        now,
        where,
        ports,
        List.of(),
        now,
        null,
        null);
  }

  /// Waiting for another task, after the last one ended.
  public Instance rescheduled(Instant now) {
    return new Instance(
        id,
        app,
        attempt + 1,
        Condition.SCHEDULED,
        true,
        now,
        null,
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  /// To end with its task.
  public Instance decommissioned() {
    return new Instance(
        id, app, attempt, condition, false, since, agent, hostPorts, addresses, stagedAt, startedAt,
        healthy);
  }

  /// Its task runs.
  public Instance started(List<Address> found, Instant now) {
    return new Instance(
        id, app, attempt, condition, keep, since, agent, hostPorts, found, stagedAt, now, healthy);
  }

  public Instance withHealth(@Nullable Boolean now) {
    return new Instance(
        id, app, attempt, condition, keep, since, agent, hostPorts, addresses, stagedAt, startedAt,
        now);
  }
}
