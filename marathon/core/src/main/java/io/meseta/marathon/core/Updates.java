// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.instances.Condition;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.instances.Instances;
import io.meseta.marathon.core.json.Docs;
import io.meseta.sdk.Calls;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What becomes of instances when the master says what became of tasks.
final class Updates {
  private static final int MAX_MESSAGE = 10_000;

  private final Marathon marathon;
  private final Killer killer;
  private final Offers offers;

  Updates(Marathon marathon, Killer killer, Offers offers) {
    this.marathon = marathon;
    this.killer = killer;
    this.offers = offers;
  }

  /// Takes in a status; it is acknowledged when what follows from it is stored.
  void on(TaskStatus status, Instant now) {
    var taskId = status.getTaskId().getValue();
    var name = Instances.parseTaskId(taskId);
    var instance = name == null ? null : marathon.instances.get(name.instanceId());
    if (instance != null && instance.attempt() == name.attempt()) {
      known(instance, status, now);
    } else {
      unknown(status, instance, now);
    }
    if (status.hasUuid()) {
      marathon.outbox.after(new Effect.Send(Calls.acknowledge(status)));
    }
  }

  private void unknown(TaskStatus status, @Nullable Instance other, Instant now) {
    var condition = condition(status);
    if (!condition.terminal()) {
      if (condition.hasTask() && condition != Condition.UNREACHABLE) {
        killer.killUnknown(status.getTaskId(), status.getAgentId());
      }
      return;
    }
    if (other == null) {
      var data = Docs.object();
      data.put("instanceId", status.getTaskId().getValue());
      data.put("condition", condition.text());
      marathon.outbox.publish("unknown_instance_terminated_event", data, now);
    }
  }

  private void known(Instance instance, TaskStatus status, Instant now) {
    var condition = condition(status);
    publish(instance, status, now);
    if (condition.terminal()) {
      ended(instance, condition, status, now);
      return;
    }
    if (instance.condition() == Condition.SCHEDULED) {
      return;
    }
    if (condition == Condition.UNREACHABLE) {
      unreachable(instance, now);
      return;
    }
    var next = instance.in(condition, now);
    if (condition == Condition.RUNNING) {
      if (instance.startedAt() == null) {
        offers.started(instance);
      }
      var addresses = addresses(status);
      if (instance.startedAt() == null
          || !addresses.isEmpty() && !addresses.equals(instance.addresses())) {
        next =
            next.started(
                addresses.isEmpty() ? instance.addresses() : addresses,
                instance.startedAt() == null ? now : instance.startedAt());
      }
    }
    if (next != instance) {
      marathon.instances.set(next, now);
    }
    if (next.running()) {
      marathon.health.watch(next);
      if (status.hasHealthy()) {
        marathon.health.reported(next, status.getHealthy(), status.getMessage(), now);
        marathon.instances.touch(next.appId());
      }
    }
  }

  /// The task is gone: the instance waits for another, or goes too.
  private void ended(Instance instance, Condition condition, TaskStatus status, Instant now) {
    killer.ended(instance.taskId());
    marathon.health.forget(instance.id());
    if (instance.startedAt() == null) {
      offers.started(instance); // its launch is over, one way or the other
    }
    boolean drained = status.getReason() == TaskStatus.Reason.REASON_AGENT_DRAINING;
    switch (condition) {
      case FAILED, ERROR, GONE, DROPPED, UNKNOWN ->
          failure(instance, status.getState().name(), status.getMessage(), now);
      default -> {}
    }
    switch (condition) {
      case FAILED, ERROR, GONE, DROPPED, FINISHED -> {
        if (!drained && instance.keep()) {
          delay(instance, now);
        }
      }
      default -> {}
    }
    if (instance.keep()) {
      marathon.instances.set(instance.in(condition, now), now);
      marathon.instances.set(instance.rescheduled(now), now);
    } else {
      marathon.instances.remove(instance, condition, now);
    }
  }

  private void delay(Instance instance, Instant now) {
    marathon.delays.failed(instance.app(), now);
    var left = marathon.delays.left(instance.app(), now);
    marathon.outbox.now(
        new Effect.SetTimer(
            "delay " + instance.appId(),
            left.plus(Duration.ofMillis(1)),
            new MarathonEvent.ReviveDue()));
  }

  /// Notes the last failure of an app.
  void failure(Instance instance, String state, String message, Instant now) {
    var json = Docs.object();
    json.put("appId", instance.appId());
    var agent = instance.agent();
    json.put("host", agent == null ? "" : agent.host());
    // An executor may say anything, and this is stored.
    json.put(
        "message",
        message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "..." : message);
    json.put("state", state);
    json.put("taskId", instance.taskId());
    json.put("timestamp", Docs.time(now));
    json.put("version", Docs.time(instance.app().version()));
    if (agent != null) {
      json.put("slaveId", agent.id());
    }
    marathon.failures.put(instance.appId(), json);
    marathon.outbox.put(Marathon.FAILURE + Marathon.key(instance.appId()), Docs.bytes(json));
  }

  private void unreachable(Instance instance, Instant now) {
    var next =
        instance.condition() == Condition.UNREACHABLE_INACTIVE
            ? instance
            : instance.in(Condition.UNREACHABLE, now);
    if (next != instance) {
      marathon.instances.set(next, now);
    }
    lookAtUnreachable(next, now);
  }

  /// Gives an unreachable instance up when its time has come.
  private void lookAtUnreachable(Instance instance, Instant now) {
    var strategy = instance.app().spec().unreachable();
    if (strategy.isEmpty()) {
      return;
    }
    var age = Duration.between(instance.since(), now);
    if (!instance.keep() || age.compareTo(strategy.get().expungeAfter()) >= 0) {
      marathon.health.forget(instance.id());
      killer.ended(instance.taskId());
      marathon.instances.remove(instance, Condition.UNREACHABLE_INACTIVE, now);
    } else if (instance.condition() == Condition.UNREACHABLE
        && age.compareTo(strategy.get().inactiveAfter()) >= 0) {
      var inactive =
          new Instance(
              instance.id(),
              instance.app(),
              instance.attempt(),
              Condition.UNREACHABLE_INACTIVE,
              instance.keep(),
              instance.since(), // expunging counts from the loss
              instance.agent(),
              instance.hostPorts(),
              instance.addresses(),
              instance.stagedAt(),
              instance.startedAt(),
              instance.healthy());
      marathon.instances.set(inactive, now);
    }
  }

  /// Looks after what takes long: unreachable instances, launches nobody heard of.
  void housekeeping(Instant now) {
    for (var instance : List.copyOf(marathon.instances.all())) {
      switch (instance.condition()) {
        case UNREACHABLE, UNREACHABLE_INACTIVE -> lookAtUnreachable(instance, now);
        case PROVISIONED -> overdue(instance, marathon.config.launchConfirmTimeout(), now, true);
        case STAGING -> overdue(instance, marathon.config.launchTimeout(), now, false);
        default -> {}
      }
    }
  }

  private void overdue(Instance instance, Duration limit, Instant now, boolean unheard) {
    if (now.isBefore(instance.since().plus(limit))) {
      return;
    }
    killer.killTask(instance, now);
    if (unheard) {
      // Nobody knows the task, so no update will end it; should it appear, it is killed as unknown.
      killer.ended(instance.taskId());
      offers.started(instance);
      if (instance.keep()) {
        marathon.instances.set(instance.rescheduled(now), now);
      } else {
        marathon.instances.remove(instance, Condition.KILLED, now);
      }
    }
  }

  private void publish(Instance instance, TaskStatus status, Instant now) {
    var data = Docs.object();
    var agent = instance.agent();
    data.put("slaveId", status.getAgentId().getValue());
    data.put("taskId", instance.taskId());
    data.put("taskStatus", status.getState().name());
    data.put("message", status.getMessage());
    data.put("appId", instance.appId());
    data.put("host", agent == null ? "" : agent.host());
    var ips = data.putArray("ipAddresses");
    for (var address : addresses(status)) {
      ips.addObject().put("ipAddress", address.ip()).put("protocol", address.protocol());
    }
    var ports = data.putArray("ports");
    instance.hostPorts().forEach(ports::add);
    data.put("version", Docs.time(instance.app().version()));
    marathon.outbox.publish("status_update_event", data, now);
  }

  private static List<Instance.Address> addresses(TaskStatus status) {
    var found = new ArrayList<Instance.Address>();
    for (var network : status.getContainerStatus().getNetworkInfosList()) {
      for (var address : network.getIpAddressesList()) {
        if (address.hasIpAddress()) {
          found.add(
              new Instance.Address(
                  address.getIpAddress(),
                  address.hasProtocol() ? address.getProtocol().name() : "IPv4"));
        }
      }
    }
    return found;
  }

  private static Condition condition(TaskStatus status) {
    return switch (status.getState()) {
      case TASK_STAGING -> Condition.STAGING;
      case TASK_STARTING -> Condition.STARTING;
      case TASK_RUNNING -> Condition.RUNNING;
      case TASK_KILLING -> Condition.KILLING;
      case TASK_FINISHED -> Condition.FINISHED;
      case TASK_FAILED -> Condition.FAILED;
      case TASK_KILLED -> Condition.KILLED;
      case TASK_ERROR -> Condition.ERROR;
      case TASK_LOST -> Condition.GONE;
      case TASK_DROPPED -> Condition.DROPPED;
      case TASK_UNREACHABLE -> Condition.UNREACHABLE;
      case TASK_GONE, TASK_GONE_BY_OPERATOR -> Condition.GONE;
      case TASK_UNKNOWN -> Condition.UNKNOWN;
    };
  }

  /// The states that end a task, for those who ask the master.
  static boolean terminal(TaskState state) {
    return condition(TaskStatus.newBuilder().setState(state).buildPartial()).terminal();
  }
}
