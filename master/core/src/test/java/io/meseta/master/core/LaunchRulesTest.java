// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.CheckInfo;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.TaskGroupInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.TaskStatus.Source;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Event;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Covers("S31")
class LaunchRulesTest {
  private final Stage stage = new Stage();

  private record Case(String message, Consumer<TaskInfo.Builder> change) {}

  static Stream<Arguments> badTasks() {
    var cases = new LinkedHashMap<String, Consumer<TaskInfo.Builder>>();
    cases.put("ID must not be empty", task -> task.setTaskId(id("")));
    cases.put("'a/b' contains invalid characters", task -> task.setTaskId(id("a/b")));
    cases.put(
        "ID must not be greater than 255 characters", task -> task.setTaskId(id("x".repeat(256))));
    cases.put(
        "Task uses invalid agent other while agent m1-S0 is expected",
        task -> task.setAgentId(AgentID.newBuilder().setValue("other")));
    cases.put(
        "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
        TaskInfo.Builder::clearCommand);
    cases.put("Task uses no resources", TaskInfo.Builder::clearResources);
    cases.put(
        "Total resources cpus(allocated: *):5 required by task and its executor is more than"
            + " available cpus(allocated: *):4; mem(allocated: *):1000",
        task -> task.clearResources().addAllResources(Stage.resources("cpus:5")));
    cases.put(
        "Task uses invalid resources: Invalid resources: Invalid scalar resource: value <= 0",
        task -> task.getResourcesBuilder(0).setScalar(Value.Scalar.newBuilder().setValue(-1)));
    cases.put(
        "Task's 'kill_policy.grace_period' must be non-negative",
        task ->
            task.setKillPolicy(
                KillPolicy.newBuilder()
                    .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(-1))));
    cases.put(
        "Task's `max_completion_time` must be non-negative",
        task -> task.setMaxCompletionTime(DurationInfo.newBuilder().setNanoseconds(-1)));
    cases.put(
        "Task uses invalid check: CheckInfo must specify 'type'",
        task -> task.setCheck(CheckInfo.getDefaultInstance()));
    cases.put(
        "Task uses invalid health check: Expecting 'http' to be set for HTTP health check",
        task -> task.setHealthCheck(HealthCheck.newBuilder().setType(HealthCheck.Type.HTTP)));
    cases.put(
        "Only cpus and mem may be included in a task's resource limits",
        task -> task.putLimits("disk", Value.Scalar.newBuilder().setValue(1).build()));
    cases.put(
        "The cpu limit must be greater than or equal to the cpu request",
        task -> task.putLimits("cpus", Value.Scalar.newBuilder().setValue(0.5).build()));
    cases.put(
        "Task's `CommandInfo` is invalid: Environment variable 'A' of type 'VALUE' must have a"
            + " value set",
        task ->
            task.getCommandBuilder().getEnvironmentBuilder().addVariablesBuilder().setName("A"));
    cases.put(
        "Task's `ContainerInfo` is invalid: DockerInfo 'docker' is not set for DOCKER typed"
            + " ContainerInfo",
        task -> task.setContainer(ContainerInfo.newBuilder().setType(ContainerInfo.Type.DOCKER)));
    cases.put(
        "Only tasks in a task group may have 'share_cgroups' set to 'false'",
        task ->
            task.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .getLinuxInfoBuilder()
                .setShareCgroups(false));
    cases.put(
        "'ExecutorInfo.type' must be 'CUSTOM'",
        task ->
            task.clearCommand()
                .setExecutor(
                    ExecutorInfo.newBuilder()
                        .setType(ExecutorInfo.Type.DEFAULT)
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
    cases.put(
        "'ExecutorInfo.command' must be set",
        task ->
            task.clearCommand()
                .setExecutor(
                    ExecutorInfo.newBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
    return cases.entrySet().stream()
        .map(entry -> Arguments.of(new Case(entry.getKey(), entry.getValue())));
  }

  private static TaskID.Builder id(String id) {
    return TaskID.newBuilder().setValue(id);
  }

  @ParameterizedTest
  @MethodSource("badTasks")
  void badTasksBecomeErrorsAndTheOthersRun(Case bad) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var task = Stage.task("bad", offer, "cpus:1").toBuilder();
    bad.change().accept(task);
    stage.launch(stream, offer, task.build(), Stage.task("good", offer, "cpus:1;mem:10"));
    var status = stage.lastUpdate(stream);
    assertThat(status.getMessage()).isEqualTo(bad.message());
    assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_TASK_INVALID);
    assertThat(status.getSource()).isEqualTo(Source.SOURCE_MASTER);
    assertThat(status.hasUuid()).isFalse();
    assertThat(stage.sentTo(1, RunTaskMessage.class))
        .extracting(run -> run.getTask().getTaskId().getValue())
        .containsExactly("good");
  }

  @Test
  void idsAreUsedOnce() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(
        stream,
        offer,
        Stage.task("t", offer, "cpus:1;mem:10"),
        Stage.task("t", offer, "cpus:1;mem:10"));
    assertThat(stage.lastUpdate(stream).getMessage()).isEqualTo("Task has duplicate ID: t");
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
  }

  private static ExecutorInfo custom(String command) {
    return ExecutorInfo.newBuilder()
        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
        .setCommand(CommandInfo.newBuilder().setValue(command))
        .addAllResources(Stage.resources("cpus:0.1;mem:32"))
        .build();
  }

  @Test
  @Covers({"X03", "S15"})
  void executorsAreStartedOnceAndStayTheSame() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var first =
        Stage.task("t1", offer, "cpus:1;mem:10").toBuilder()
            .clearCommand()
            .setExecutor(custom("x"));
    var second = first.clone().setTaskId(id("t2"));
    var other = first.clone().setTaskId(id("t3")).setExecutor(custom("y"));
    stage.launch(stream, offer, first.build(), second.build(), other.build());
    assertThat(stage.sentTo(1, RunTaskMessage.class))
        .extracting(RunTaskMessage::getLaunchExecutor)
        .containsExactly(true, false);
    assertThat(stage.lastUpdate(stream).getMessage())
        .startsWith("ExecutorInfo is not compatible with existing ExecutorInfo");
    assertThat(stage.snapshot().agents().getFirst().usedTotal())
        .hasToString("cpus(allocated: *):2.1; mem(allocated: *):52");
    assertThat(
            stage
                .sentTo(1, RunTaskMessage.class)
                .getFirst()
                .getTask()
                .getExecutor()
                .getFrameworkId())
        .isEqualTo(stage.frameworkId(stream));
    stage.say(
        1,
        ExitedExecutorMessage.newBuilder()
            .setSlaveId(offer.getAgentId())
            .setFrameworkId(stage.frameworkId(stream))
            .setExecutorId(ExecutorID.newBuilder().setValue("e"))
            .setStatus(9)
            .build());
    var failure = stage.events(stream, Event.Type.FAILURE).getFirst().getFailure();
    assertThat(failure.getStatus()).isEqualTo(9);
    assertThat(failure.getExecutorId().getValue()).isEqualTo("e");
  }

  private static Offer.Operation group(ExecutorInfo executor, TaskInfo... tasks) {
    return Offer.Operation.newBuilder()
        .setType(Offer.Operation.Type.LAUNCH_GROUP)
        .setLaunchGroup(
            Offer.Operation.LaunchGroup.newBuilder()
                .setExecutor(executor)
                .setTaskGroup(TaskGroupInfo.newBuilder().addAllTasks(List.of(tasks))))
        .build();
  }

  private static final ExecutorInfo DEFAULT =
      ExecutorInfo.newBuilder()
          .setType(ExecutorInfo.Type.DEFAULT)
          .setExecutorId(ExecutorID.newBuilder().setValue("pod"))
          .addAllResources(Stage.resources("cpus:0.1;mem:32;disk:10"))
          .build();

  @Test
  @Covers({"S27", "W02"})
  void groupsAreLaunchedWhole() {
    stage.register(1, "cpus:4;mem:1000;disk:100");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.accept(
        stream,
        List.of(offer),
        group(
            DEFAULT,
            Stage.task("t1", offer, "cpus:1;mem:10"),
            Stage.task("t2", offer, "cpus:1;mem:10")));
    var run = stage.sentTo(1, RunTaskGroupMessage.class).getFirst();
    assertThat(run.getLaunchExecutor()).isTrue();
    assertThat(run.getTaskGroup().getTasks(1).getExecutor()).isEqualTo(run.getExecutor());
    assertThat(run.getExecutor().getFrameworkId()).isEqualTo(stage.frameworkId(stream));
    assertThat(stage.knownTask("t2").orElseThrow().getExecutorId().getValue()).isEqualTo("pod");
  }

  @Test
  @Covers("S27")
  void groupsFailWhole() {
    stage.register(1, "cpus:4;mem:1000;disk:100");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var docker =
        Stage.task("t2", offer, "cpus:1;mem:10").toBuilder()
            .setContainer(
                ContainerInfo.newBuilder()
                    .setType(ContainerInfo.Type.DOCKER)
                    .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage("i")))
            .build();
    stage.accept(
        stream,
        List.of(offer),
        group(DEFAULT, Stage.task("t1", offer, "cpus:1;mem:10"), docker),
        group(DEFAULT.toBuilder().clearType().build(), Stage.task("t3", offer, "cpus:1;mem:10")),
        group(DEFAULT, Stage.task("t4", offer, "cpus:1;mem:10")).toBuilder()
            .setId(OperationID.newBuilder().setValue("op"))
            .build());
    assertThat(stage.sentTo(1, RunTaskGroupMessage.class)).isEmpty();
    assertThat(stage.updates(stream))
        .allMatch(s -> s.getReason() == Reason.REASON_TASK_GROUP_INVALID);
    assertThat(stage.updates(stream).stream().map(s -> s.getMessage()).distinct())
        .containsExactly(
            "Task 't2' is invalid: Docker ContainerInfo is not supported on the task",
            "'ExecutorInfo.type' must be set",
            "The `id` field cannot be set on LAUNCH_GROUP operations");
  }

  @Test
  @Covers("S28")
  void operationsThatFailAreReportedWhenTheyHaveAnId() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        Offer.Operation.newBuilder()
            .setType(Offer.Operation.Type.CREATE_DISK)
            .setId(OperationID.newBuilder().setValue("op"))
            .build());
    assertThat(
            stage
                .events(stream, Event.Type.UPDATE_OPERATION_STATUS)
                .getFirst()
                .getUpdateOperationStatus()
                .getStatus()
                .getOperationId()
                .getValue())
        .isEqualTo("op");
  }

  /// Schedulers of old did not say which kind of health check they mean.
  @Test
  @Covers("S15")
  void theTypeOfAHealthCheckIsFilledIn() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var command = HealthCheck.newBuilder().setCommand(CommandInfo.newBuilder().setValue("true"));
    var http = HealthCheck.newBuilder().setHttp(HealthCheck.HTTPCheckInfo.newBuilder().setPort(80));
    stage.launch(
        stream,
        offer,
        withHealthCheck("t1", offer, command),
        withHealthCheck("t2", offer, http),
        withHealthCheck("t3", offer, command.clone().setHttp(http.getHttp())),
        withHealthCheck("t4", offer, HealthCheck.newBuilder()));
    assertThat(stage.sentTo(1, RunTaskMessage.class))
        .extracting(message -> message.getTask().getHealthCheck().getType())
        .containsExactly(HealthCheck.Type.COMMAND, HealthCheck.Type.HTTP);
    assertThat(stage.knownTask("t1").orElseThrow().getHealthCheck().getType())
        .isEqualTo(HealthCheck.Type.COMMAND);
    assertThat(stage.updates(stream))
        .hasSize(2)
        .allMatch(s -> s.getMessage().endsWith("HealthCheck must specify 'type'"));
  }

  private static TaskInfo withHealthCheck(String id, Offer offer, HealthCheck.Builder check) {
    return Stage.task(id, offer, "cpus:1;mem:10").toBuilder().setHealthCheck(check).build();
  }

  @Test
  void limitsMayBeInfinite() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(
        stream,
        offer,
        Stage.task("t", offer, "cpus:1;mem:10").toBuilder()
            .putAllLimits(
                Map.of("mem", Value.Scalar.newBuilder().setValue(Double.POSITIVE_INFINITY).build()))
            .build());
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
  }
}
