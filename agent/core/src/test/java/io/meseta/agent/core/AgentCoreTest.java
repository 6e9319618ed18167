// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.agent.core.checks.Probe;
import io.meseta.agent.core.checks.ProbeResult;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerEvent.Cause;
import io.meseta.agent.core.container.Signal;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.ReconcileTasksMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.Environment;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentCoreTest {
  private static final FrameworkInfo FRAMEWORK = Driver.framework(false);

  @Test
  @Covers("W02")
  void registersWithBackoffAndDescribesItself() {
    var d = new Driver();
    d.on(new AgentEvent.Recovered(io.meseta.agent.core.recovery.RecoveredState.none()));
    d.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    assertThat(d.sent).isEmpty();
    d.advance(Duration.ofSeconds(1));
    var first = d.sent(RegisterSlaveMessage.class).getFirst();
    assertThat(first.getVersion()).isEqualTo("1.12.0");
    assertThat(first.getSlave().hasId()).isFalse();
    assertThat(first.getSlave().getResources(0).toString()).contains("role: \"*\"");
    assertThat(first.getAgentCapabilitiesCount()).isEqualTo(8);
    d.advance(Duration.ofMinutes(10));
    assertThat(d.sent(RegisterSlaveMessage.class)).hasSizeBetween(11, 60);
    d.sent.clear();
    d.from(
        io.meseta.wire.internal.SlaveRegisteredMessage.newBuilder()
            .setSlaveId(Driver.agentId())
            .build());
    assertThat(d.sent).singleElement().isInstanceOf(UpdateSlaveMessage.class);
    assertThat(d.disk()).containsKey("/var/agent/meta/slaves/M-S0/slave.info");
  }

  @Test
  @Covers("W02")
  void answersPingsAndRegistersAgainWhenTheMasterForgot() {
    var d = Driver.running();
    d.from(PingSlaveMessage.newBuilder().setConnected(true).build());
    assertThat(d.sent).containsExactly(PongSlaveMessage.getDefaultInstance());
    d.sent.clear();
    d.from(PingSlaveMessage.newBuilder().setConnected(false).build());
    d.advance(Duration.ofSeconds(1));
    assertThat(d.sent(ReregisterSlaveMessage.class)).isNotEmpty();

    d.from(SlaveReregisteredMessage.newBuilder().setSlaveId(Driver.agentId()).build());
    d.sent.clear();
    d.advance(Duration.ofSeconds(74));
    assertThat(d.sent).isEmpty();
    d.advance(Duration.ofSeconds(3));
    assertThat(d.sent(ReregisterSlaveMessage.class)).isNotEmpty();
  }

  /// A registration that was repeated reached a master that has lost the agent meanwhile: it says
  /// which id the agent has, and that it is not connected.
  @Test
  @Covers("W02")
  void registersAgainWhenTheMasterForgotWhileTheIdIsWritten() {
    var d = new Driver();
    d.on(new AgentEvent.Recovered(io.meseta.agent.core.recovery.RecoveredState.none()));
    d.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    d.advance(Duration.ofSeconds(1));
    d.holdWrites = true;
    d.from(
        io.meseta.wire.internal.SlaveRegisteredMessage.newBuilder()
            .setSlaveId(Driver.agentId())
            .build());
    d.from(PingSlaveMessage.newBuilder().setConnected(false).build());
    d.advance(Duration.ofSeconds(5));
    assertThat(d.sent(ReregisterSlaveMessage.class)).as("before the id is written").isEmpty();
    d.sent.clear();
    d.release();
    assertThat(d.sent).as("it is not running").isEmpty();
    d.advance(Duration.ofSeconds(5));
    assertThat(d.sent(ReregisterSlaveMessage.class)).isNotEmpty();
    d.from(SlaveReregisteredMessage.newBuilder().setSlaveId(Driver.agentId()).build());
    assertThat(d.sent(UpdateSlaveMessage.class)).hasSize(1);
  }

  @Test
  @Covers({"X01", "X08", "X09"})
  void aCommandRunsAndFinishes() {
    var d = Driver.running();
    var container = d.run(FRAMEWORK, Driver.task("t"));
    assertThat(d.states()).isEmpty();
    d.started(container);
    assertThat(d.states()).containsExactly(TaskState.TASK_STARTING);
    var starting = d.lastUpdate();
    assertThat(starting.getStatus().getUuid()).isEqualTo(starting.getUuid());
    assertThat(starting.getLatestState()).isEqualTo(TaskState.TASK_STARTING);
    assertThat(starting.getStatus().getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
    assertThat(starting.getStatus().getExecutorId().getValue()).isEqualTo("t");
    var where = starting.getStatus().getContainerStatus();
    assertThat(where.getContainerId().getValue()).isEqualTo(container);
    assertThat(where.getExecutorPid()).isEqualTo(4242);
    assertThat(where.getNetworkInfos(0).getIpAddresses(0).getIpAddress()).isEqualTo("127.0.0.1");
    assertThat(d.sent(StatusUpdateMessage.class).getFirst().getPid())
        .isEqualTo("slave(1)@127.0.0.1:5051");
    d.acknowledge();
    assertThat(d.states()).endsWith(TaskState.TASK_RUNNING);
    d.acknowledge();
    d.exited(container, 0);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FINISHED);
    assertThat(d.lastStatus().getMessage()).isEqualTo("Command exited with status 0");
    assertThat(d.snapshot().frameworks()).hasSize(1);
    d.acknowledge();
    assertThat(d.snapshot().frameworks()).isEmpty();
    assertThat(
            d.snapshot()
                .completedFrameworks()
                .getFirst()
                .completedExecutors()
                .getFirst()
                .completed())
        .singleElement()
        .satisfies(task -> assertThat(task.getState()).isEqualTo(TaskState.TASK_FINISHED));
    assertThat(d.effects(Effect.ForgetContainer.class)).hasSize(1);
    assertThat(d.sent(ExitedExecutorMessage.class)).isEmpty();
  }

  @Test
  @Covers("X08")
  void exitStatusesBecomeStates() {
    var d = Driver.running();
    var container = d.runFully(FRAMEWORK, Driver.task("code"));
    d.exited(container, 3);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getMessage()).isEqualTo("Command exited with status 3");
    container = d.runFully(FRAMEWORK, Driver.task("signal"));
    d.signalled(container, 9);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getMessage()).isEqualTo("Command terminated with signal Killed");
  }

  @Test
  @Covers({"G07", "X08"})
  void aRefusedLaunchFailsTheTaskWithTheReason() {
    var d = Driver.running();
    var container = d.run(FRAMEWORK, Driver.task("t"));
    d.on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Refused(container, Cause.FETCH, "Failed to fetch 'http://x': no")));
    assertThat(d.states()).containsExactly(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getReason())
        .isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
    assertThat(d.lastStatus().getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
    assertThat(d.lastStatus().getMessage())
        .isEqualTo("Failed to launch container: Failed to fetch 'http://x': no");
  }

  @Test
  @Covers({"R10", "E06", "X11"})
  void theContainerGetsTheOverheadAndTheEnvironment() {
    var d = Driver.running();
    var container =
        d.run(
            Driver.framework(true),
            Driver.task("t")
                .setCommand(
                    CommandInfo.newBuilder()
                        .setValue("env")
                        .setEnvironment(
                            Environment.newBuilder()
                                .addVariables(
                                    Environment.Variable.newBuilder()
                                        .setName("MESOS_EXECUTOR_ID")
                                        .setValue("mine")))));
    var spec = d.launched.get(container);
    assertThat(spec.cpus()).isEqualTo(1.1);
    assertThat(spec.memBytes()).isEqualTo(160L << 20);
    var sandbox = "/var/agent/slaves/M-S0/frameworks/F1/executors/t/runs/" + container;
    assertThat(spec.sandbox()).isEqualTo(sandbox);
    assertThat(spec.environment())
        .containsEntry("GIVEN", "agent")
        .containsEntry("MESOS_EXECUTOR_ID", "mine")
        .containsEntry("MESOS_FRAMEWORK_ID", "F1")
        .containsEntry("MESOS_DIRECTORY", sandbox)
        .containsEntry("MESOS_SANDBOX", sandbox)
        .containsEntry("MESOS_SLAVE_ID", "M-S0")
        .containsEntry("MESOS_SLAVE_PID", "slave(1)@127.0.0.1:5051")
        .containsEntry("MESOS_AGENT_ENDPOINT", "127.0.0.1:5051")
        .containsEntry("MESOS_CHECKPOINT", "1")
        .containsEntry("MESOS_RECOVERY_TIMEOUT", "15mins")
        .containsEntry("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs")
        .containsEntry("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "5secs")
        .containsEntry("LIBPROCESS_PORT", "0")
        .containsKey("PATH");
    assertThat(d.snapshot().allocated().cpus()).isEqualTo(1.1);
  }

  @Test
  @Covers("X05")
  void aKillEscalatesAfterItsGracePeriod() {
    var d = Driver.running();
    var framework = Driver.framework(false, FrameworkInfo.Capability.Type.TASK_KILLING_STATE);
    var container = d.runFully(framework, Driver.task("t"));
    d.effects.clear();
    d.kill("t");
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_KILLING);
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.TERM));
    d.advance(Duration.ofMillis(2900));
    assertThat(d.effects).doesNotContain(new Effect.SignalContainer(container, Signal.KILL));
    d.advance(Duration.ofMillis(200));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.acknowledge();
    d.signalled(container, 9);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_KILLED);
  }

  @Test
  @Covers("X05")
  void theKillPolicyOfTheTaskSetsTheGracePeriod() {
    var d = Driver.running();
    var policy =
        KillPolicy.newBuilder()
            .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(20_000_000_000L));
    var container = d.runFully(FRAMEWORK, Driver.task("t").setKillPolicy(policy));
    d.kill("t");
    assertThat(d.states()).doesNotContain(TaskState.TASK_KILLING);
    d.advance(Duration.ofSeconds(19));
    assertThat(d.effects).doesNotContain(new Effect.SignalContainer(container, Signal.KILL));
    d.advance(Duration.ofSeconds(1));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
  }

  @Test
  @Covers("X05")
  void aTaskMayNotRunLongerThanItsDeadline() {
    var d = Driver.running();
    var container =
        d.runFully(
            FRAMEWORK,
            Driver.task("t")
                .setMaxCompletionTime(DurationInfo.newBuilder().setNanoseconds(60_000_000_000L)));
    d.advance(Duration.ofSeconds(61));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.signalled(container, 9);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getReason())
        .isEqualTo(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
  }

  @Test
  @Covers("X05")
  void killsReachTasksThatDoNotRunYet() {
    var d = Driver.running();
    d.holdWrites = true;
    d.run(Driver.framework(true), Driver.task("queued"));
    d.kill("queued");
    d.holdWrites = false;
    d.release();
    assertThat(d.launched).isEmpty();
    assertThat(d.states()).containsExactly(TaskState.TASK_KILLED);
    assertThat(d.lastStatus().getReason())
        .isEqualTo(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);

    var container = d.run(FRAMEWORK, Driver.task("launching"));
    d.kill("launching");
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Refused(container, Cause.DESTROYED, "destroyed")));
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_KILLED);
  }

  @Test
  @Covers("W02")
  void anUnknownTaskIsAnsweredAsDropped() {
    var d = Driver.running();
    d.runFully(FRAMEWORK, Driver.task("t"));
    d.kill("other");
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_LOST);
    d.from(
        SlaveReregisteredMessage.newBuilder()
            .setSlaveId(Driver.agentId())
            .addReconciliations(
                ReconcileTasksMessage.newBuilder()
                    .setFrameworkId(FrameworkID.newBuilder().setValue("F9"))
                    .setFramework(
                        Driver.framework(false, FrameworkInfo.Capability.Type.PARTITION_AWARE))
                    .addStatuses(
                        TaskStatus.newBuilder()
                            .setTaskId(TaskID.newBuilder().setValue("gone"))
                            .setState(TaskState.TASK_STAGING)))
            .build());
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
    assertThat(d.lastStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
  }

  @Test
  @Covers({"S09", "W02"})
  void updatesAreRepeatedUntilAcknowledgedOneAtATime() {
    var d = Driver.running();
    var container = d.run(FRAMEWORK, Driver.task("t"));
    d.started(container);
    d.exited(container, 0);
    assertThat(d.states()).containsExactly(TaskState.TASK_STARTING);
    d.advance(Duration.ofSeconds(10));
    assertThat(d.states()).hasSize(2);
    d.advance(Duration.ofSeconds(20));
    assertThat(d.states()).hasSize(3).containsOnly(TaskState.TASK_STARTING);
    d.from(
        UpdateFrameworkMessage.newBuilder()
            .setFrameworkId(FRAMEWORK.getId())
            .setPid("@0.0.0.0:0")
            .setFrameworkInfo(FRAMEWORK)
            .build());
    assertThat(d.states()).hasSize(4);
    d.acknowledge();
    assertThat(d.states()).endsWith(TaskState.TASK_RUNNING).hasSize(5);
    d.acknowledge(d.sent(StatusUpdateMessage.class).getFirst().getUpdate()); // an old one: ignored
    assertThat(d.states()).hasSize(5);
    d.acknowledge();
    assertThat(d.states()).endsWith(TaskState.TASK_FINISHED).hasSize(6);
  }

  @Test
  @Covers("G03")
  void onlyWhatAFrameworkWantsWrittenIsWritten() {
    var d = Driver.running();
    d.writes.clear();
    d.runFully(FRAMEWORK, Driver.task("t"));
    assertThat(d.writes).isEmpty();
    d.runFully(
        Driver.framework(true).toBuilder().setId(FrameworkID.newBuilder().setValue("F2")).build(),
        Driver.task("t"));
    assertThat(d.disk().keySet())
        .anyMatch(path -> path.endsWith("/frameworks/F2/framework.info"))
        .anyMatch(path -> path.endsWith("/tasks/t/task.updates"));
  }

  @Test
  @Covers("G03")
  void anUpdateIsSentOnlyWhenItIsWritten() {
    var d = Driver.running();
    var container = d.run(Driver.framework(true), Driver.task("t"));
    d.holdWrites = true;
    d.started(container);
    assertThat(d.states()).isEmpty();
    d.holdWrites = false;
    d.release();
    assertThat(d.states()).containsExactly(TaskState.TASK_STARTING);
  }

  @Test
  @Covers("X02")
  void aTaskGroupLivesAndDiesAsOne() {
    var d = Driver.running();
    var containers = d.runGroup(FRAMEWORK, Driver.task("a"), Driver.task("b"));
    assertThat(containers).hasSize(2).allMatch(id -> id.contains("."));
    assertThat(d.launched.get(containers.getFirst()).sandbox()).endsWith("/tasks/a");
    assertThat(d.launched.get(containers.getFirst()).cpus()).isEqualTo(1);
    containers.forEach(d::started);
    d.exited(containers.getFirst(), 1);
    assertThat(d.effects).contains(new Effect.SignalContainer(containers.getLast(), Signal.TERM));
    assertThat(d.sent(ExitedExecutorMessage.class)).isEmpty();
    d.signalled(containers.getLast(), 15);
    assertThat(d.sent(ExitedExecutorMessage.class)).hasSize(1);
    var states =
        d.snapshot().frameworks().getFirst().executors().getFirst().terminated().stream()
            .map(task -> task.getState())
            .toList();
    assertThat(states).containsExactly(TaskState.TASK_FAILED, TaskState.TASK_KILLED);
  }

  @Test
  @Covers("X02")
  void aTaskThatFinishesWellLeavesItsGroupAlone() {
    var d = Driver.running();
    var containers = d.runGroup(FRAMEWORK, Driver.task("a"), Driver.task("b"));
    containers.forEach(d::started);
    d.exited(containers.getFirst(), 0);
    assertThat(d.effects(Effect.SignalContainer.class)).isEmpty();
    // Another group comes to the same executor.
    var more = d.runGroup(FRAMEWORK, Driver.task("c"));
    d.started(more.getFirst());
    d.exited(containers.getLast(), 1);
    assertThat(d.effects(Effect.SignalContainer.class)).isEmpty();
    d.exited(more.getFirst(), 0);
    assertThat(d.sent(ExitedExecutorMessage.class)).hasSize(1);
  }

  @Test
  @Covers("X10")
  void aFrameworkThatIsGoneTakesItsTasksAlong() {
    var d = Driver.running();
    var container = d.runFully(FRAMEWORK, Driver.task("t"));
    int before = d.states().size();
    d.from(ShutdownFrameworkMessage.newBuilder().setFrameworkId(FRAMEWORK.getId()).build());
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.TERM));
    d.advance(Duration.ofSeconds(5));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.signalled(container, 9);
    assertThat(d.states()).hasSize(before);
    assertThat(d.snapshot().frameworks()).isEmpty();
    assertThat(d.snapshot().completedFrameworks()).hasSize(1);
  }

  @Test
  @Covers("X06")
  void healthChecksReportAndKill() {
    var d = Driver.running();
    var container =
        d.runFully(
            FRAMEWORK,
            Driver.task("t")
                .setHealthCheck(
                    HealthCheck.newBuilder()
                        .setType(HealthCheck.Type.TCP)
                        .setDelaySeconds(1)
                        .setIntervalSeconds(2)
                        .setGracePeriodSeconds(4)
                        .setConsecutiveFailures(2)
                        .setTcp(HealthCheck.TCPCheckInfo.newBuilder().setPort(80))));
    int before = d.states().size();
    d.advance(Duration.ofSeconds(1));
    assertThat(d.effects(Effect.RunProbe.class).getLast().probe())
        .isEqualTo(new Probe.Tcp("127.0.0.1", 80, Duration.ofSeconds(20)));
    probed(d, container, false);
    assertThat(d.states()).hasSize(before); // in the grace period
    probed(d, container, true);
    assertThat(d.lastStatus().getHealthy()).isTrue();
    assertThat(d.lastStatus().getReason())
        .isEqualTo(TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
    d.acknowledge();
    probed(d, container, true);
    assertThat(d.states()).hasSize(before + 1);
    probed(d, container, false);
    assertThat(d.lastStatus().getHealthy()).isFalse();
    d.acknowledge();
    assertThat(d.effects(Effect.SignalContainer.class)).isEmpty();
    probed(d, container, false);
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.TERM));
    d.acknowledge();
    d.signalled(container, 15);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_KILLED);
    assertThat(d.lastStatus().getHealthy()).isFalse();
  }

  private static void probed(Driver d, String container, boolean connected) {
    d.on(
        new AgentEvent.Probed(
            container, ProbeResult.Kind.HEALTH, new ProbeResult.TcpConnect(connected)));
    d.advance(Duration.ofSeconds(2));
  }

  @Test
  @Covers("G04")
  void sandboxesGoAfterTheDelayOrEarlierOnAFullDisk() {
    var d = Driver.running();
    d.on(new AgentEvent.DiskMeasured(0.4));
    var container = d.runFully(FRAMEWORK, Driver.task("t"));
    d.exited(container, 0);
    d.acknowledge();
    // 7 days * (1 - 0.1 - 0.4)
    d.advance(Duration.ofHours(83));
    assertThat(d.effects(Effect.RemovePath.class)).isEmpty();
    d.advance(Duration.ofHours(2));
    assertThat(d.effects(Effect.RemovePath.class))
        .contains(
            new Effect.RemovePath(
                "/var/agent/slaves/M-S0/frameworks/F1/executors/t/runs/" + container));

    d.reregister(); // days without a ping went by
    container = d.runFully(FRAMEWORK, Driver.task("u"));
    d.exited(container, 0);
    d.acknowledge();
    d.on(new AgentEvent.DiskMeasured(0.95));
    assertThat(d.effects(Effect.RemovePath.class).stream().map(Effect.RemovePath::path))
        .anyMatch(path ->
            path.endsWith(
                "/executors/u/runs/" + d.launched.keySet().stream().reduce((a, b) -> b).get()));
  }

  @Test
  @Covers("G12")
  void stoppingUnregistersAndKills() {
    var d = Driver.running();
    var container = d.runFully(FRAMEWORK, Driver.task("t"));
    d.on(new AgentEvent.Stop("SIGUSR1"));
    assertThat(d.sent(UnregisterSlaveMessage.class)).hasSize(1);
    assertThat(d.effects(Effect.Exit.class)).isEmpty();
    d.signalled(container, 15);
    assertThat(d.effects(Effect.Exit.class)).hasSize(1);
  }

  @Test
  @Covers("M06")
  void drainingKillsWithinTheLongestGraceAndTakesNothingNew() {
    var d = Driver.running();
    var policy =
        KillPolicy.newBuilder()
            .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(60_000_000_000L));
    var framework = Driver.framework(false, FrameworkInfo.Capability.Type.PARTITION_AWARE);
    var container = d.runFully(framework, Driver.task("t").setKillPolicy(policy));
    d.from(
        DrainSlaveMessage.newBuilder()
            .setConfig(
                DrainConfig.newBuilder()
                    .setMaxGracePeriod(DurationInfo.newBuilder().setNanoseconds(5_000_000_000L))
                    .setMarkGone(true))
            .build());
    assertThat(d.disk()).containsKey("/var/agent/meta/slaves/M-S0/drain_config");
    d.advance(Duration.ofSeconds(5));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.signalled(container, 9);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(d.lastStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_DRAINING);
    var killed = d.lastUpdate();
    d.run(framework, Driver.task("u"));
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
    assertThat(d.snapshot().drain()).isPresent();
    d.acknowledge(killed);
    assertThat(d.snapshot().drain()).isEmpty();
    assertThat(d.disk()).doesNotContainKey("/var/agent/meta/slaves/M-S0/drain_config");
  }

  @Test
  void rememberingIsLimited() {
    var d = Driver.running();
    var keep = d.runFully(FRAMEWORK, Driver.task("keep"));
    for (int i = 0; i < 5; i++) {
      var container = d.runFully(FRAMEWORK, Driver.task("t" + i));
      d.exited(container, 0);
      d.acknowledge();
    }
    assertThat(d.snapshot().frameworks().getFirst().completedExecutors())
        .extracting(executor -> executor.info().getExecutorId().getValue())
        .isEqualTo(List.of("t2", "t3", "t4"));
    assertThat(keep).isNotEmpty();
  }

  @Test
  @Covers("X08")
  void whatCannotBeRunIsSaidSo() {
    var d = Driver.running();
    var task = Driver.task("t");
    task.getContainerBuilder()
        .setType(io.meseta.wire.v1.ContainerInfo.Type.DOCKER)
        .getDockerBuilder()
        .setImage("nginx:1");
    d.run(FRAMEWORK, task);
    assertThat(d.launched).isEmpty();
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getMessage())
        .matches("Agent \\S+ runs no Docker containers, so image 'nginx:1' cannot run there:.*");
  }
}
