// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.FrameworkReregisteredMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RescindResourceOfferMessage;
import io.meseta.wire.internal.ResourceOffersMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's fault_tolerance_tests, by their names. Those about drivers have one
/// here; where the scheduler's kind does not matter it is one of HTTP.
@Covers({"S17", "S18", "H05"})
class FaultToleranceScenariosTest extends Scenario {
  private static final ExecutorID EXECUTOR = ExecutorID.newBuilder().setValue("default").build();
  private static final String FAILED_OVER = "Framework failed over";

  /// A driver's port; `force` when it replaces another.
  private void driver(int port, FrameworkInfo info, boolean force) {
    stage.feed(
        new MasterEvent.SubscribeDriver(
            Stage.pid(port),
            Optional.empty(),
            force,
            Call.Subscribe.newBuilder().setFrameworkInfo(info).build()));
  }

  private FrameworkID registered(int port) {
    return only(port, FrameworkRegisteredMessage.class).getFrameworkId();
  }

  private <M extends Message> M only(int port, Class<M> type) {
    assertThat(stage.sentTo(port, type)).hasSize(1);
    return stage.sentTo(port, type).getFirst();
  }

  private String lastError(int port) {
    return stage.sentTo(port, FrameworkErrorMessage.class).getLast().getMessage();
  }

  private static FrameworkInfo as(FrameworkInfo info, FrameworkID id) {
    return info.toBuilder().setId(id).build();
  }

  private void assertFailedOver(String stream) {
    assertThat(stage.events(stream, Event.Type.ERROR))
        .singleElement()
        .satisfies(event -> assertThat(event.getError().getMessage()).isEqualTo(FAILED_OVER));
  }

  private ExitedExecutorMessage exited(FrameworkID framework) {
    return ExitedExecutorMessage.newBuilder()
        .setSlaveId(AGENT)
        .setFrameworkId(framework)
        .setExecutorId(EXECUTOR)
        .setStatus(0)
        .build();
  }

  private static ExecutorInfo executor(FrameworkID framework) {
    return ExecutorInfo.newBuilder()
        .setType(ExecutorInfo.Type.CUSTOM)
        .setExecutorId(EXECUTOR)
        .setFrameworkId(framework)
        .addAllResources(Stage.resources("cpus:0.1;mem:32"))
        .build();
  }

  /// As [#running], with an executor of the framework's.
  private String runningInExecutor() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, withExecutor("t1", offer));
    report(1, stream, "t1", TaskState.TASK_RUNNING);
    return stream;
  }

  // MasterFailover: the driver is told that it is registered, not that it is so again.
  @Test
  void masterFailover() {
    driver(7, Stage.PLAIN, false);
    var id = registered(7);
    stage.elect("m2");
    driver(7, as(Stage.PLAIN, id), false);
    assertThat(registered(7)).isEqualTo(id);
    assertThat(stage.sentTo(7, FrameworkReregisteredMessage.class)).isEmpty();
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class)).isEmpty();
  }

  // ReregisterCompletedFrameworks: for the agent the framework is over, for the master it is not.
  @Test
  void reregisterCompletedFrameworks() {
    assertThat(stage.snapshot().frameworks()).isEmpty();
    assertThat(stage.snapshot().completedFrameworks()).isEmpty();
    var stream = runningInExecutor();
    var info = info(stream);
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    report(1, stream, "t1", TaskState.TASK_KILLED);
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    stage.say(1, exited(info.getId()));
    assertThat(stage.events(stream, Event.Type.FAILURE))
        .singleElement()
        .satisfies(event -> assertThat(event.getFailure().getExecutorId()).isEqualTo(EXECUTOR));
    stage.elect("m2");
    var unused = stage.subscribe(info);
    stage.say(
        1,
        back(1, "m1-S0", List.of()).toBuilder()
            .addCompletedFrameworks(Archive.Framework.newBuilder().setFrameworkInfo(info))
            .build());
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.snapshot().completedFrameworks()).isEmpty();
    assertThat(stage.snapshot().frameworks()).hasSize(1);
  }

  // SchedulerFailover
  @Test
  void schedulerFailover() {
    driver(7, Stage.PLAIN, false);
    driver(8, as(Stage.PLAIN, registered(7)), true);
    assertThat(registered(8)).isEqualTo(registered(7));
    assertThat(only(7, FrameworkErrorMessage.class).getMessage()).isEqualTo(FAILED_OVER);
    assertThat(stage.sentTo(8, FrameworkErrorMessage.class)).isEmpty();
  }

  // SchedulerReregisterAfterFailoverTimeout: which is zero, as by default.
  @Test
  void schedulerReregisterAfterFailoverTimeout() {
    var info = Stage.PLAIN.toBuilder().clearFailoverTimeout().build();
    driver(7, info, false);
    var id = registered(7);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(7)));
    stage.pass(Duration.ZERO);
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class)).hasSize(1);
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
    driver(8, as(info, id), true);
    assertThat(stage.sentTo(8, FrameworkRegisteredMessage.class)).isEmpty();
    assertThat(lastError(8)).isEqualTo("Framework has been removed");
  }

  // SchedulerReregisterAfterUnregistration
  @Test
  void schedulerReregisterAfterUnregistration() {
    driver(7, Stage.PLAIN, false);
    var id = registered(7);
    stage.feed(
        new MasterEvent.DriverCall(
            Stage.pid(7),
            Call.newBuilder().setType(Call.Type.TEARDOWN).setFrameworkId(id).build()));
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
    driver(8, as(Stage.PLAIN, id), true);
    assertThat(stage.sentTo(8, FrameworkRegisteredMessage.class)).isEmpty();
    assertThat(lastError(8)).isEqualTo("Framework has been removed");
  }

  // SchedulerFailoverRetriedReregistration: the answer is lost and the new driver asks again.
  @Test
  void schedulerFailoverRetriedReregistration() {
    driver(7, Stage.PLAIN, false);
    var info = as(Stage.PLAIN, registered(7));
    driver(8, info, true);
    driver(8, info, true);
    assertThat(stage.sentTo(8, FrameworkRegisteredMessage.class)).hasSize(2);
    assertThat(stage.sentTo(8, FrameworkErrorMessage.class)).isEmpty();
    assertThat(only(7, FrameworkErrorMessage.class).getMessage()).isEqualTo(FAILED_OVER);
  }

  // FrameworkReliableRegistration: the same for a new framework, which stays one.
  @Test
  void frameworkReliableRegistration() {
    driver(7, Stage.PLAIN, false);
    driver(7, Stage.PLAIN, false);
    var answers = stage.sentTo(7, FrameworkRegisteredMessage.class);
    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    assertThat(stage.snapshot().frameworks()).hasSize(1);
  }

  // FrameworkReregister
  @Test
  void frameworkReregister() {
    stage.register(1, ALL);
    driver(7, Stage.PLAIN, false);
    var id = registered(7);
    var before = stage.now;
    var offers = only(7, ResourceOffersMessage.class);
    stage.pass(Duration.ofSeconds(2));
    driver(7, as(Stage.PLAIN, id), false);
    assertThat(only(7, FrameworkReregisteredMessage.class).getFrameworkId()).isEqualTo(id);
    assertThat(only(7, RescindResourceOfferMessage.class).getOfferId())
        .isEqualTo(offers.getOffers(0).getId());
    stage.pass(Duration.ofSeconds(1));
    assertThat(stage.sentTo(7, ResourceOffersMessage.class)).hasSize(2);
    var framework = framework(id);
    assertThat(framework.active()).isTrue();
    assertThat(framework.connected()).isTrue();
    assertThat(framework.recovered()).isFalse();
    assertThat(framework.registeredTime()).isEqualTo(before);
    assertThat(framework.reregisteredTime()).isEqualTo(before.plusSeconds(2));
  }

  // SchedulerFailoverStatusUpdate: what the first scheduler missed comes again to the second.
  @Test
  void schedulerFailoverStatusUpdate() {
    var first = launched(Stage.PLAIN);
    var id = stage.frameworkId(first);
    var update = stage.update(1, id, AGENT, "t1", TaskState.TASK_RUNNING);
    stage.say(1, update);
    var second = stage.subscribe(as(Stage.PLAIN, id));
    assertFailedOver(first);
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).hasSize(1);
    assertThat(stage.updates(second)).isEmpty();
    stage.say(1, update);
    assertThat(stage.updates(second))
        .singleElement()
        .satisfies(status -> assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING));
  }

  // ReregisterFrameworkExitedExecutor: it ended and what became of its task is not yet known.
  @Test
  void reregisterFrameworkExitedExecutor() {
    var stream = runningInExecutor();
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    stage.say(
        1,
        back(1, "m1-S0", List.of(info), task).toBuilder()
            .addExecutorInfos(executor(info.getId()))
            .build());
    stage.say(1, exited(info.getId()));
    var back = stage.subscribe(info);
    assertThat(stage.frameworkId(back)).isEqualTo(info.getId());
    assertThat(ids(framework(back).tasks())).containsExactly("t1");
    assertThat(framework(back).executors()).isEmpty();
    assertThat(stage.core.audit()).isEmpty();
  }

  // ForwardStatusUpdateUnknownExecutor: the master's part, which does not know the task either.
  @Test
  void forwardStatusUpdateUnknownExecutor() {
    var stream = running(Stage.PLAIN);
    var status = say(1, stream, "task2", TaskState.TASK_RUNNING);
    assertThat(status.getTaskId()).isEqualTo(taskId("task2"));
    assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING);
  }

  // SchedulerFailoverExecutorToFrameworkMessage
  @Test
  void schedulerFailoverExecutorToFrameworkMessage() {
    var first = runningInExecutor();
    var id = stage.frameworkId(first);
    var second = stage.subscribe(as(Stage.PLAIN, id));
    assertFailedOver(first);
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).hasSize(1);
    stage.say(
        1,
        ExecutorToFrameworkMessage.newBuilder()
            .setSlaveId(AGENT)
            .setFrameworkId(id)
            .setExecutorId(EXECUTOR)
            .setData(ByteString.copyFromUtf8("Executor to Framework message"))
            .build());
    assertThat(stage.events(second, Event.Type.MESSAGE)).hasSize(1);
    assertThat(stage.events(first, Event.Type.MESSAGE)).isEmpty();
  }

  // SchedulerFailoverFrameworkToExecutorMessage
  @Test
  void schedulerFailoverFrameworkToExecutorMessage() {
    var first = runningInExecutor();
    var second = stage.subscribe(as(Stage.PLAIN, stage.frameworkId(first)));
    assertFailedOver(first);
    stage.call(
        second,
        Call.newBuilder()
            .setType(Call.Type.MESSAGE)
            .setMessage(
                Call.Message.newBuilder()
                    .setAgentId(AGENT)
                    .setExecutorId(EXECUTOR)
                    .setData(ByteString.copyFromUtf8("hello world"))));
    assertThat(only(1, FrameworkToExecutorMessage.class).getData().toStringUtf8())
        .isEqualTo("hello world");
  }

  // IgnoreKillTaskFromUnregisteredFramework: the first driver does not know that it is replaced.
  @Test
  void ignoreKillTaskFromUnregisteredFramework() {
    stage.register(1, ALL);
    driver(7, Stage.PLAIN, false);
    var id = registered(7);
    var offer = only(7, ResourceOffersMessage.class).getOffers(0);
    var launch = Call.newBuilder().setType(Call.Type.ACCEPT).setFrameworkId(id);
    launch
        .getAcceptBuilder()
        .addOfferIds(offer.getId())
        .addOperationsBuilder()
        .setType(io.meseta.wire.v1.Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addTaskInfos(Stage.task("t1", offer, "cpus:1;mem:100"));
    stage.feed(new MasterEvent.DriverCall(Stage.pid(7), launch.build()));
    stage.say(1, stage.update(1, id, AGENT, "t1", TaskState.TASK_RUNNING));
    driver(8, as(Stage.PLAIN, id), true);
    stage.forgetSent();
    var kill = Call.newBuilder().setType(Call.Type.KILL).setFrameworkId(id);
    kill.getKillBuilder().setTaskId(taskId("t1"));
    stage.feed(new MasterEvent.DriverCall(Stage.pid(7), kill.build()));
    assertThat(stage.sentTo(1, KillTaskMessage.class)).isEmpty();
    assertThat(stage.sent).isEmpty();
    var finished = stage.update(1, id, AGENT, "t1", TaskState.TASK_FINISHED);
    stage.say(1, finished);
    assertThat(
            stage.sentTo(8, io.meseta.wire.internal.StatusUpdateMessage.class).stream()
                .map(update -> update.getUpdate().getStatus().getState()))
        .containsExactly(TaskState.TASK_FINISHED);
    assertThat(stage.sentTo(7, io.meseta.wire.internal.StatusUpdateMessage.class)).isEmpty();
  }

  // SchedulerExit: the agent is told to end what belongs to the framework.
  @Test
  void schedulerExit() {
    var stream = running(Stage.PLAIN);
    var id = stage.frameworkId(stream);
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(only(1, ShutdownFrameworkMessage.class).getFrameworkId()).isEqualTo(id);
  }

  // SlaveReliableRegistration: the answer is lost and the agent asks again.
  @Test
  void slaveReliableRegistration() {
    stage.register(1, ALL);
    stage.register(1, ALL);
    var answers = stage.sentTo(1, SlaveRegisteredMessage.class);
    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    assertThat(stage.snapshot().agents()).hasSize(1);
    assertThat(stage.offers(stage.subscribe(Stage.PLAIN))).hasSize(1);
  }

  // SlaveReregisterOnZKExpiration: it never was away.
  @Test
  void slaveReregisterOnZKExpiration() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.offers(stream)).hasSize(1);
    stage.say(1, back(1, "m1-S0", List.of()));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(agentsLost(stream)).isZero();
  }

  // FrameworkReregisterEmptyExecutor: an executor without tasks ends under a new master.
  @Test
  void frameworkReregisterEmptyExecutor() {
    var stream = runningInExecutor();
    var info = info(stream);
    report(1, stream, "t1", TaskState.TASK_FINISHED);
    stage.elect("m2");
    stage.say(
        1,
        back(1, "m1-S0", List.of(info)).toBuilder()
            .addExecutorInfos(executor(info.getId()))
            .build());
    var back = stage.subscribe(info);
    assertThat(framework(back).executors()).hasSize(1);
    stage.say(1, exited(info.getId()));
    assertThat(stage.events(back, Event.Type.FAILURE))
        .singleElement()
        .satisfies(event -> assertThat(event.getFailure().getExecutorId()).isEqualTo(EXECUTOR));
    assertThat(framework(back).executors()).isEmpty();
    assertThat(stage.core.audit()).isEmpty();
  }

  // ChangePrincipalOnReRegistrationFails
  @Test
  void changePrincipalOnReRegistrationFails() {
    var info = Stage.PLAIN.toBuilder().setPrincipal("test-principal").build();
    driver(7, info, false);
    driver(8, as(info.toBuilder().setPrincipal("test-principal-2").build(), registered(7)), true);
    assertThat(stage.sentTo(8, FrameworkRegisteredMessage.class)).isEmpty();
    assertThat(lastError(8)).isEqualTo("Changing framework's principal is not allowed.");
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class)).isEmpty();
  }

  private static Labels labels(String key, String value) {
    return Labels.newBuilder().addLabels(Label.newBuilder().setKey(key).setValue(value)).build();
  }

  // UpdateFrameworkInfoOnSchedulerFailover
  @Test
  void updateFrameworkInfoOnSchedulerFailover() {
    var first =
        FrameworkInfo.newBuilder()
            .setUser("nobody")
            .setName("Framework 1")
            .setFailoverTimeout(1000)
            .setLabels(labels("foo", "bar"))
            .build();
    driver(7, first, false);
    var second =
        Stage.with(as(first, registered(7)), Capability.Type.REVOCABLE_RESOURCES).toBuilder()
            .setName("Framework 2")
            .setWebuiUrl("http://localhost:8080/")
            .setFailoverTimeout(100)
            .setHostname("myHostname")
            .setLabels(labels("baz", "qux"))
            .build();
    driver(8, second, true);
    assertThat(registered(8)).isEqualTo(second.getId());
    assertThat(lastError(7)).isEqualTo(FAILED_OVER);
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    assertThat(framework(second.getId()).info()).isEqualTo(second);
  }

  // UpdateFrameworkInfoOnMasterFailover: what the agent knows of the framework is of the past, but
  // whether it checkpoints cannot change.
  @Test
  void updateFrameworkInfoOnMasterFailover() {
    var stream =
        running(Stage.PLAIN.toBuilder().setName("Framework 1").setFailoverTimeout(1000).build());
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    stage.say(1, back(1, "m1-S0", List.of(info), task));
    var unused =
        stage.subscribe(
            info.toBuilder()
                .setName("Framework 2")
                .setFailoverTimeout(2000)
                .setCheckpoint(false)
                .build());
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    var now = framework(info.getId()).info();
    assertThat(now.getName()).isEqualTo("Framework 2");
    assertThat(now.getFailoverTimeout()).isEqualTo(2000);
    assertThat(now.getCheckpoint()).isTrue();
  }
}
