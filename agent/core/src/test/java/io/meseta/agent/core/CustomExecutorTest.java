// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.container.Signal;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.executor.Call;
import io.meseta.wire.v1.executor.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomExecutorTest {
  private static final FrameworkInfo FRAMEWORK = Driver.framework(false);
  private static final ExecutorInfo EXECUTOR =
      ExecutorInfo.newBuilder()
          .setExecutorId(ExecutorID.newBuilder().setValue("mine"))
          .setCommand(CommandInfo.newBuilder().setValue("./mine"))
          .addResources(Driver.scalar("cpus", 0.5))
          .build();

  private final Driver d = Driver.running();

  private static TaskInfo.Builder task(String id) {
    return Driver.task(id).clearCommand().setExecutor(EXECUTOR);
  }

  private static Call.Builder call(Call.Type type) {
    return Call.newBuilder()
        .setType(type)
        .setExecutorId(EXECUTOR.getExecutorId())
        .setFrameworkId(FRAMEWORK.getId());
  }

  private void subscribe(long token) {
    d.on(
        new AgentEvent.FromExecutor(
            token,
            call(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance()).build()));
  }

  private static Call update(String task, TaskState state, String uuid) {
    var call = call(Call.Type.UPDATE);
    call.getUpdateBuilder()
        .setStatus(
            TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setData(ByteString.copyFromUtf8("mine"))
                .setUuid(ByteString.copyFromUtf8(uuid)));
    return call.build();
  }

  private List<Event.Type> events(long stream) {
    return d.effects(Effect.SendExecutor.class).stream()
        .filter(e -> e.stream() == stream)
        .map(e -> e.event().getType())
        .toList();
  }

  @Test
  @Covers({"E02", "E05"})
  void whatExecutorsCannotKnowIsNotTakenWhenTheySubscribeAgain() {
    var container = d.run(FRAMEWORK, task("a"));
    d.started(container);
    subscribe(1);
    var owed = Call.Subscribe.newBuilder();
    for (var state :
        List.of(
            TaskState.TASK_STAGING,
            TaskState.TASK_UNREACHABLE,
            TaskState.TASK_UNKNOWN,
            TaskState.TASK_RUNNING)) {
      owed.addUnacknowledgedUpdates(
          Call.Update.newBuilder()
              .setStatus(
                  update("a", state, "%016d".formatted(state.getNumber()))
                      .getUpdate()
                      .getStatus()));
    }
    d.on(new AgentEvent.FromExecutor(2, call(Call.Type.SUBSCRIBE).setSubscribe(owed).build()));
    assertThat(d.states()).containsExactly(TaskState.TASK_RUNNING);
  }

  @Test
  @Covers({"E01", "E02", "E03", "X03"})
  void oneExecutorRunsManyTasks() {
    var container = d.run(FRAMEWORK, task("a"));
    assertThat(d.launched.get(container).command()).isEqualTo(EXECUTOR.getCommand());
    assertThat(d.launched.get(container).cpus()).isEqualTo(1.5);
    assertThat(d.launched.get(container).environment())
        .containsEntry("MESOS_EXECUTOR_ID", "mine")
        .containsEntry("MESOS_SANDBOX", d.launched.get(container).sandbox());
    d.started(container);
    assertThat(d.states()).isEmpty();
    subscribe(1);
    assertThat(d.effects).contains(new Effect.AnswerExecutor(1, 200, ""));
    assertThat(events(1)).containsExactly(Event.Type.SUBSCRIBED, Event.Type.LAUNCH);
    d.run(FRAMEWORK, task("b"));
    assertThat(d.launched).hasSize(1);
    assertThat(events(1)).endsWith(Event.Type.LAUNCH).hasSize(3);

    d.on(new AgentEvent.FromExecutor(2, update("a", TaskState.TASK_RUNNING, "0123456789abcdef")));
    assertThat(d.effects).contains(new Effect.AnswerExecutor(2, 202, ""));
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(d.lastUpdate().getUuid().toStringUtf8()).isEqualTo("0123456789abcdef");
    assertThat(d.lastStatus().getData().toStringUtf8()).isEqualTo("mine");
    assertThat(d.lastStatus().getContainerStatus().getContainerId().getValue())
        .isEqualTo(container);
    assertThat(events(1)).endsWith(Event.Type.ACKNOWLEDGED);
    d.on(new AgentEvent.FromExecutor(3, update("a", TaskState.TASK_RUNNING, "0123456789abcdef")));
    assertThat(d.states()).hasSize(1);
    d.acknowledge();

    d.kill("b");
    assertThat(events(1)).endsWith(Event.Type.KILL);
    d.from(
        FrameworkToExecutorMessage.newBuilder()
            .setSlaveId(Driver.agentId())
            .setFrameworkId(FRAMEWORK.getId())
            .setExecutorId(EXECUTOR.getExecutorId())
            .setData(ByteString.copyFromUtf8("down"))
            .build());
    assertThat(events(1)).endsWith(Event.Type.MESSAGE);
    d.on(
        new AgentEvent.FromExecutor(
            4,
            call(Call.Type.MESSAGE)
                .setMessage(Call.Message.newBuilder().setData(ByteString.copyFromUtf8("up")))
                .build()));
    assertThat(d.sent(ExecutorToFrameworkMessage.class).getFirst().getData().toStringUtf8())
        .isEqualTo("up");
    d.advance(Duration.ofMinutes(30));
    assertThat(events(1)).contains(Event.Type.HEARTBEAT);
  }

  @Test
  @Covers("E04")
  void callsOfStrangersAreRefused() {
    d.run(FRAMEWORK, task("a"));
    d.on(new AgentEvent.FromExecutor(1, update("a", TaskState.TASK_RUNNING, "0123456789abcdef")));
    assertThat(d.effects).contains(new Effect.AnswerExecutor(1, 403, "Executor is not subscribed"));
    d.on(
        new AgentEvent.FromExecutor(
            2,
            call(Call.Type.SUBSCRIBE)
                .setExecutorId(ExecutorID.newBuilder().setValue("other"))
                .build()));
    assertThat(d.effects).contains(new Effect.AnswerExecutor(2, 400, "Executor cannot be found"));
  }

  @Test
  @Covers("G05")
  void anExecutorThatDoesNotSubscribeIsKilled() {
    var container = d.run(FRAMEWORK, task("a"));
    d.started(container);
    d.advance(Duration.ofSeconds(59));
    assertThat(d.effects(Effect.SignalContainer.class)).isEmpty();
    d.advance(Duration.ofSeconds(1));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    assertThat(d.lastStatus().getReason())
        .isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT);
    d.signalled(container, 9);
    assertThat(d.sent(ExitedExecutorMessage.class).getFirst().getStatus()).isEqualTo(9);
  }

  @Test
  @Covers({"S14", "S15", "X10", "G05"})
  void anExecutorIsAskedToEndAndThenKilled() {
    var container = d.run(FRAMEWORK, task("a"));
    d.started(container);
    subscribe(1);
    d.from(
        ShutdownExecutorMessage.newBuilder()
            .setFrameworkId(FRAMEWORK.getId())
            .setExecutorId(EXECUTOR.getExecutorId())
            .build());
    assertThat(events(1)).endsWith(Event.Type.SHUTDOWN);
    d.advance(Duration.ofSeconds(5));
    assertThat(d.effects).contains(new Effect.SignalContainer(container, Signal.KILL));
    d.signalled(container, 9);
    assertThat(d.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(d.lastStatus().getMessage()).isEqualTo("Executor terminated with signal Killed");
    assertThat(d.effects).contains(new Effect.CloseExecutor(1));
    assertThat(d.sent(ExitedExecutorMessage.class)).hasSize(1);
    d.acknowledge();
    assertThat(d.snapshot().frameworks()).isEmpty();
  }

  @Test
  @Covers("E01")
  void aSecondSubscriptionTakesOver() {
    d.run(FRAMEWORK, task("a"));
    subscribe(1);
    d.effects.clear();
    var again = call(Call.Type.SUBSCRIBE);
    again.getSubscribeBuilder().addUnacknowledgedTasks(task("a"));
    d.on(new AgentEvent.FromExecutor(2, again.build()));
    assertThat(d.effects).contains(new Effect.CloseExecutor(1));
    assertThat(events(2)).containsExactly(Event.Type.SUBSCRIBED);
    assertThat(d.states()).isEmpty();
    // Without the task: it never arrived.
    subscribe(3);
    assertThat(d.lastStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_RESTARTED);
  }
}
