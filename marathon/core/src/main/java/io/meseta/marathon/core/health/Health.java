// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.health;

import io.meseta.marathon.core.Effect;
import io.meseta.marathon.core.Effect.ProbeKey;
import io.meseta.marathon.core.MarathonEvent;
import io.meseta.marathon.core.Outbox;
import io.meseta.marathon.core.apps.Spec;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.json.Docs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Owns what is known of the health and readiness of running instances. Not stored: after a
/// failover it is found out anew.
///
/// A failure before the first success counts only when the grace period is over.
public final class Health {
  /// The readiness check's place among an app's checks.
  public static final int READINESS = -1;

  private static final class State {
    final int attempt;
    final CheckState[] checks;
    boolean ready;
    @Nullable ObjectNode lastResponse;
    @Nullable Boolean told;

    State(Instance instance) {
      attempt = instance.attempt();
      checks = new CheckState[instance.app().spec().healthChecks().size()];
      java.util.Arrays.fill(checks, CheckState.UNKNOWN);
      ready = instance.app().spec().readinessCheck().isEmpty();
    }
  }

  private final Outbox outbox;
  private final Map<String, State> states = new HashMap<>();

  public Health(Outbox outbox) {
    this.outbox = outbox;
  }

  /// Begins to check an instance that runs.
  public void watch(Instance instance) {
    var spec = instance.app().spec();
    if (spec.healthChecks().isEmpty() && spec.readinessCheck().isEmpty()) {
      return;
    }
    var known = states.get(instance.id());
    if (known != null && known.attempt == instance.attempt()) {
      return;
    }
    states.put(instance.id(), new State(instance));
    for (int i = 0; i < spec.healthChecks().size(); i++) {
      if (spec.healthChecks().get(i).ours()) {
        due(new ProbeKey(instance.id(), instance.attempt(), i), Duration.ZERO);
      }
    }
    if (spec.readinessCheck().isPresent()) {
      due(new ProbeKey(instance.id(), instance.attempt(), READINESS), Duration.ZERO);
    }
  }

  /// Ends checking.
  public void forget(String instanceId) {
    var state = states.remove(instanceId);
    if (state != null) {
      for (int i = READINESS; i < state.checks.length; i++) {
        outbox.now(new Effect.CancelTimer(new ProbeKey(instanceId, state.attempt, i)));
      }
    }
  }

  /// Sends a probe whose time has come, and sets the timer for the next.
  public void probe(ProbeKey key, @Nullable Instance instance) {
    if (stale(key, instance) || instance == null) {
      return;
    }
    var spec = instance.app().spec();
    if (key.check() == READINESS) {
      var state = states.get(key.instanceId());
      var check = spec.readinessCheck().orElseThrow();
      if (state == null || state.ready) {
        return;
      }
      send(key, instance, check.protocol(), check.path(), check.portIndex(), check.timeout());
      due(key, check.interval());
      return;
    }
    var check = spec.healthChecks().get(key.check());
    if (instance.running()) {
      if (check.port().isPresent()) {
        var agent = instance.agent();
        if (agent != null) {
          outbox.now(
              new Effect.Probe(
                  key,
                  check.protocol(),
                  agent.host(),
                  check.port().get(),
                  check.path(),
                  check.timeout()));
        }
      } else {
        send(
            key,
            instance,
            check.protocol(),
            check.path(),
            check.portIndex().orElse(0),
            check.timeout());
      }
    }
    due(key, check.interval().isZero() ? Duration.ofSeconds(1) : check.interval());
  }

  private void send(
      ProbeKey key,
      Instance instance,
      String protocol,
      String path,
      int portIndex,
      Duration timeout) {
    var agent = instance.agent();
    if (agent == null || portIndex >= instance.hostPorts().size()) {
      return;
    }
    int hostPort = instance.hostPorts().get(portIndex);
    if (hostPort != 0) {
      outbox.now(new Effect.Probe(key, protocol, agent.host(), hostPort, path, timeout));
    } else if (!instance.addresses().isEmpty()) {
      int port = instance.app().spec().ports().get(portIndex).containerPort();
      outbox.now(
          new Effect.Probe(
              key, protocol, instance.addresses().getFirst().ip(), port, path, timeout));
    }
  }

  /// Takes in an answer.
  ///
  /// @return why the instance is to be killed, if it is
  public Optional<String> probed(
      MarathonEvent.Probed answer, @Nullable Instance instance, Instant now) {
    var key = answer.key();
    var state = states.get(key.instanceId());
    if (stale(key, instance) || instance == null || state == null) {
      return Optional.empty();
    }
    if (key.check() == READINESS) {
      ready(answer, instance.app().spec().readinessCheck().orElseThrow(), state);
      return Optional.empty();
    }
    var check = instance.app().spec().healthChecks().get(key.check());
    boolean http = !check.protocol().equals("TCP");
    if (http && answer.status() >= 100 && answer.status() < 200 && check.ignoreHttp1xx()) {
      return Optional.empty();
    }
    boolean well = answer.connected() && (!http || answer.status() >= 200 && answer.status() < 400);
    var cause = answer.connected() ? answer.status() + " " + answer.cause() : answer.cause();
    return result(instance, key.check(), well, cause.strip(), now);
  }

  /// Takes in what the agent's or executor's check says; `cause` is its message.
  public Optional<String> reported(Instance instance, boolean healthy, String cause, Instant now) {
    var checks = instance.app().spec().healthChecks();
    for (int i = 0; i < checks.size(); i++) {
      if (!checks.get(i).ours()) {
        var state = states.get(instance.id());
        if (state != null && state.checks[i].known() && state.checks[i].alive() == healthy) {
          return Optional.empty(); // the same said again
        }
        // The agent kills by itself, so failures are not counted here.
        record(instance, i, healthy, cause, now);
      }
    }
    return Optional.empty();
  }

  private Optional<String> result(
      Instance instance, int index, boolean well, String cause, Instant now) {
    var state = states.get(instance.id());
    var check = instance.app().spec().healthChecks().get(index);
    if (!well && state != null && state.checks[index].firstSuccess() == null) {
      var started = instance.startedAt();
      if (started != null && now.isBefore(started.plus(check.gracePeriod()))) {
        return Optional.empty();
      }
    }
    record(instance, index, well, cause, now);
    if (well || state == null) {
      return Optional.empty();
    }
    failedEvent(instance, check, now);
    int failures = state.checks[index].consecutiveFailures();
    return check.maxConsecutiveFailures() > 0 && failures >= check.maxConsecutiveFailures()
        ? Optional.of(cause)
        : Optional.empty();
  }

  private void record(Instance instance, int index, boolean well, String cause, Instant now) {
    var state = states.get(instance.id());
    if (state == null) {
      return;
    }
    var before = state.checks[index];
    state.checks[index] = well ? before.succeeded(now) : before.failed(cause, now);
    if (!before.known() || before.alive() != state.checks[index].alive()) {
      var data = Docs.object();
      data.put("appId", instance.appId());
      data.put("instanceId", instance.id());
      data.put("version", Docs.time(instance.app().version()));
      data.put("alive", state.checks[index].alive());
      outbox.publish("health_status_changed_event", data, now);
    }
    var all = healthy(instance).orElse(null);
    if (all != null && !all.equals(state.told)) {
      state.told = all;
      var data = Docs.object();
      data.put("instanceId", instance.id());
      data.put("runSpecId", instance.appId());
      data.put("healthy", all);
      data.put("runSpecVersion", Docs.time(instance.app().version()));
      outbox.publish("instance_health_changed_event", data, now);
    }
  }

  private void failedEvent(Instance instance, Spec.HealthCheck check, Instant now) {
    var data = Docs.object();
    data.put("appId", instance.appId());
    data.put("taskId", instance.id());
    data.put("instanceId", instance.id());
    data.putObject("healthCheck").put("protocol", check.protocol()).put("path", check.path());
    outbox.publish("failed_health_check_event", data, now);
  }

  private static void ready(MarathonEvent.Probed answer, Spec.ReadinessCheck check, State state) {
    state.ready = answer.connected() && check.readyStatuses().contains(answer.status());
    if (check.preserveLastResponse() && answer.connected()) {
      state.lastResponse =
          Docs.object()
              .put("status", answer.status())
              .put("contentType", answer.contentType())
              .put("body", answer.body());
    }
  }

  /// Whether all checks pass; empty when the app has none or nothing is known yet.
  public Optional<Boolean> healthy(Instance instance) {
    var state = states.get(instance.id());
    if (state == null || state.checks.length == 0 || state.attempt != instance.attempt()) {
      return Optional.empty();
    }
    boolean unknown = false;
    for (var check : state.checks) {
      if (!check.known()) {
        unknown = true;
      } else if (!check.alive()) {
        return Optional.of(false);
      }
    }
    return unknown ? Optional.empty() : Optional.of(true);
  }

  /// Whether an instance counts as done for a deployment.
  public boolean serves(Instance instance) {
    if (!instance.running()) {
      return false;
    }
    var spec = instance.app().spec();
    boolean well = spec.healthChecks().isEmpty() || healthy(instance).orElse(false);
    return well && ready(instance);
  }

  /// Whether the readiness check has passed, if there is one.
  public boolean ready(Instance instance) {
    var state = states.get(instance.id());
    return instance.app().spec().readinessCheck().isEmpty()
        || state != null && state.attempt == instance.attempt() && state.ready;
  }

  /// `readinessCheckResults` of an app's running instances.
  public List<ObjectNode> readiness(List<Instance> instances) {
    var results = new ArrayList<ObjectNode>();
    for (var instance : instances) {
      var state = states.get(instance.id());
      var check = instance.app().spec().readinessCheck();
      if (state != null && check.isPresent() && instance.running()) {
        var json = Docs.object();
        json.put("name", check.get().name());
        json.put("taskId", instance.taskId());
        json.put("ready", state.ready);
        if (state.lastResponse != null) {
          json.set("lastResponse", state.lastResponse.deepCopy());
        }
        results.add(json);
      }
    }
    return results;
  }

  /// What the checks that have had a result know.
  public List<CheckState> results(Instance instance) {
    var state = states.get(instance.id());
    if (state == null || state.attempt != instance.attempt()) {
      return List.of();
    }
    var known = new ArrayList<CheckState>();
    for (var check : state.checks) {
      if (check.known()) {
        known.add(check);
      }
    }
    return known;
  }

  private boolean stale(ProbeKey key, @Nullable Instance instance) {
    return instance == null
        || instance.attempt() != key.attempt()
        || !states.containsKey(key.instanceId());
  }

  private void due(ProbeKey key, Duration delay) {
    outbox.now(new Effect.SetTimer(key, delay, new MarathonEvent.ProbeDue(key)));
  }
}
