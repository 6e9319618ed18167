// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What scenarios of the original's tests have in common: silent agents, tasks that run, questions.
abstract class Scenario {
  static final AgentID AGENT = agentId("m1-S0");
  static final String ALL = "cpus:4;mem:1000";

  final Stage stage;
  private long requests = 10_000;

  Scenario() {
    this(new Stage());
  }

  Scenario(Stage stage) {
    this.stage = stage;
  }

  static AgentID agentId(String id) {
    return AgentID.newBuilder().setValue(id).build();
  }

  static TaskID taskId(String id) {
    return TaskID.newBuilder().setValue(id).build();
  }

  /// A task "t1" of a new framework on agent 1 that nobody has reported yet; gives its stream.
  String launched(FrameworkInfo info) {
    stage.register(1, ALL);
    var stream = stage.subscribe(info);
    launch(stream, "t1");
    return stream;
  }

  /// The same, running and acknowledged.
  String running(FrameworkInfo info) {
    var stream = launched(info);
    report(1, stream, "t1", TaskState.TASK_RUNNING);
    return stream;
  }

  void launch(String stream, String task) {
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task(task, offer, "cpus:1;mem:100"));
  }

  static TaskInfo withExecutor(String task, Offer offer) {
    return Stage.task(task, offer, "cpus:1;mem:100").toBuilder()
        .clearCommand()
        .setExecutor(
            ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("default"))
                .setCommand(io.meseta.wire.v1.CommandInfo.newBuilder().setValue("exit 1"))
                .addAllResources(Stage.resources("cpus:0.1;mem:32")))
        .build();
  }

  /// The agent reports the state and the framework acknowledges it.
  TaskStatus report(int port, String stream, String task, TaskState state) {
    var status = say(port, stream, task, state);
    stage.acknowledge(stream, status);
    return status;
  }

  /// The agent reports the state; gives what the framework is told.
  TaskStatus say(int port, String stream, String task, TaskState state) {
    var agent = agent(port).info().getId();
    stage.say(port, stage.update(port, stage.frameworkId(stream), agent, task, state));
    return stage.lastUpdate(stream);
  }

  AgentView agent(int port) {
    return stage.snapshot().agents().stream()
        .filter(agent -> agent.pid().port() == port)
        .findFirst()
        .orElseThrow();
  }

  static ReregisterSlaveMessage back(
      int port, String id, List<FrameworkInfo> frameworks, Task... tasks) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(Stage.agentInfo(port, ALL).toBuilder().setId(agentId(id)))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addAllFrameworks(frameworks)
        .addAllTasks(List.of(tasks))
        .build();
  }

  /// Nobody hears of any agent for as long as is allowed.
  void partition() {
    stage.pass(Duration.ofSeconds(75));
  }

  FrameworkInfo info(String stream) {
    return framework(stream).info();
  }

  /// The framework, whether it still is or has ended.
  FrameworkView framework(String stream) {
    return framework(stage.frameworkId(stream));
  }

  FrameworkView framework(FrameworkID id) {
    var snapshot = stage.snapshot();
    return Stream.concat(snapshot.frameworks().stream(), snapshot.completedFrameworks().stream())
        .filter(framework -> framework.info().getId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  static List<String> ids(List<Task> tasks) {
    return tasks.stream().map(task -> task.getTaskId().getValue()).toList();
  }

  /// Asks for one task; gives all that the framework is told in answer.
  List<TaskStatus> reconcile(String stream, String task, String agent) {
    var asked = Call.Reconcile.Task.newBuilder().setTaskId(taskId(task)).setAgentId(agentId(agent));
    return reconcile(stream, Call.Reconcile.newBuilder().addTasks(asked));
  }

  List<TaskStatus> reconcile(String stream, Call.Reconcile.Builder asked) {
    int before = stage.updates(stream).size();
    stage.call(stream, Call.newBuilder().setType(Call.Type.RECONCILE).setReconcile(asked));
    var after = stage.updates(stream);
    return after.subList(before, after.size());
  }

  /// How often the framework was told that an agent, not only an executor, is lost.
  long agentsLost(String stream) {
    return stage.events(stream, Event.Type.FAILURE).stream()
        .filter(event -> !event.getFailure().hasExecutorId())
        .count();
  }

  long counter(String name) {
    return stage.snapshot().counters().getOrDefault(name, 0L);
  }

  /// How many tasks that are not completed are in this state, as the metrics count them.
  long tasks(TaskState state) {
    return stage.snapshot().frameworks().stream()
        .flatMap(framework ->
            Stream.concat(framework.tasks().stream(), framework.unreachableTasks().stream()))
        .filter(task -> task.getState() == state)
        .count();
  }

  Effect.Reply operate(OperatorRequest request) {
    long id = ++requests;
    stage.feed(new MasterEvent.OperatorCall(id, request));
    return stage.replies.get(id);
  }
}
