// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.RecordIo;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.executor.Call;
import io.meseta.wire.v1.executor.Event;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The test plays the executor; the process that the agent starts for it only sleeps.
class ExecutorApiTest {
  private static final FrameworkInfo FRAMEWORK = FakeMaster.framework("F", true);
  private static final ExecutorInfo EXECUTOR =
      ExecutorInfo.newBuilder()
          .setExecutorId(ExecutorID.newBuilder().setValue("mine"))
          .setFrameworkId(FRAMEWORK.getId())
          .setCommand(CommandInfo.newBuilder().setValue("env; exec sleep 1000"))
          .build();

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir Path root;

  @AfterEach
  void killLeftovers() throws Exception {
    Agents.killAll(root);
  }

  private static Call.Builder call(Call.Type type) {
    return Call.newBuilder()
        .setType(type)
        .setExecutorId(EXECUTOR.getExecutorId())
        .setFrameworkId(FRAMEWORK.getId());
  }

  private HttpRequest.Builder request(AgentServer agent, Call.Builder call) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + agent.port() + "/slave(1)/api/v1/executor"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(call.build())));
  }

  private HttpResponse<String> send(AgentServer agent, Call.Builder call) throws Exception {
    return http.send(request(agent, call).build(), HttpResponse.BodyHandlers.ofString());
  }

  /// What an executor hears.
  private final class Listener {
    private final InputStream in;
    private final RecordIo.Decoder decoder = new RecordIo.Decoder(1 << 20);
    private final ArrayDeque<byte[]> records = new ArrayDeque<>();

    Listener(AgentServer agent, Call.Builder subscribe) throws Exception {
      var response =
          http.send(request(agent, subscribe).build(), HttpResponse.BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
      in = response.body();
    }

    Event next() throws Exception {
      while (records.isEmpty()) {
        var chunk = new byte[8192];
        int n = in.read(chunk);
        if (n < 0) {
          throw new AssertionError("the stream has ended");
        }
        records.addAll(decoder.feed(java.util.Arrays.copyOf(chunk, n)));
      }
      return Json.parse(records.poll(), Event.newBuilder()).build();
    }
  }

  private static Call.Builder update(String task, TaskState state, String uuid) {
    var call = call(Call.Type.UPDATE);
    call.getUpdateBuilder()
        .setStatus(
            TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setUuid(ByteString.copyFromUtf8(uuid)));
    return call;
  }

  private static io.meseta.wire.v1.TaskInfo.Builder task(String id) {
    return FakeMaster.task(id, "").clearCommand().setExecutor(EXECUTOR);
  }

  @Test
  @Covers({"E01", "E02", "E03", "E04", "E05", "E06", "X03"})
  void anExecutorTakesTasksAndSurvivesARestartOfTheAgent() throws Exception {
    var port = "--port=" + Agents.freePort();
    try (var master = new FakeMaster()) {
      int pid;
      try (var agent = Agents.start(master, root, port)) {
        master.next(UpdateSlaveMessage.class);
        var bad = update("a", TaskState.TASK_RUNNING, "short");
        assertThat(send(agent, bad).statusCode()).isEqualTo(400);
        assertThat(send(agent, bad).body()).contains("'uuid' has 5 bytes (expected: 16");
        for (var state :
            List.of(TaskState.TASK_STAGING, TaskState.TASK_UNREACHABLE, TaskState.TASK_UNKNOWN)) {
          var refused = send(agent, update("a", state, "0123456789abcdef"));
          assertThat(refused.statusCode()).isEqualTo(400);
          assertThat(refused.body()).contains("Received " + state + " from executor mine");
        }
        assertThat(send(agent, call(Call.Type.SUBSCRIBE)).body())
            .contains("Expecting 'subscribe' to be present");
        master.run(FRAMEWORK, task("a"));
        var sandbox =
            root.resolve(
                "work/slaves/" + FakeMaster.ID + "/frameworks/F/executors/mine/runs/latest");
        while (!Files.exists(sandbox.resolve("stdout"))
            || !Files.readString(sandbox.resolve("stdout")).contains("MESOS_AGENT_ENDPOINT=")) {
          Thread.onSpinWait();
        }
        assertThat(sandbox.resolve("stdout"))
            .content()
            .contains(
                "MESOS_AGENT_ENDPOINT=127.0.0.1:" + agent.port(),
                "MESOS_FRAMEWORK_ID=F",
                "MESOS_EXECUTOR_ID=mine",
                "MESOS_SANDBOX=" + sandbox.toRealPath(),
                "MESOS_CHECKPOINT=1");
        var early = send(agent, update("a", TaskState.TASK_RUNNING, "0123456789abcdef"));
        assertThat(early.statusCode()).isEqualTo(403);
        var listener =
            new Listener(
                agent, call(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance()));
        var subscribed = listener.next().getSubscribed();
        assertThat(subscribed.getExecutorInfo().getExecutorId().getValue()).isEqualTo("mine");
        assertThat(subscribed.getAgentInfo().getId().getValue()).isEqualTo(FakeMaster.ID);
        assertThat(listener.next().getLaunch().getTask().getTaskId().getValue()).isEqualTo("a");
        assertThat(
                send(agent, update("a", TaskState.TASK_RUNNING, "0123456789abcdef")).statusCode())
            .isEqualTo(202);
        pid = master.next("a", TaskState.TASK_RUNNING).getContainerStatus().getExecutorPid();
        assertThat(listener.next().getAcknowledged().getUuid().toStringUtf8())
            .isEqualTo("0123456789abcdef");
        assertThat(Agents.get(agent, "/containers").body()).contains("\"executor_id\":\"mine\"");
      }
      master.forget();
      try (var agent = Agents.start(master, root, port)) {
        var again = call(Call.Type.SUBSCRIBE);
        again
            .getSubscribeBuilder()
            .addUnacknowledgedUpdates(
                Call.Update.newBuilder()
                    .setStatus(
                        update("a", TaskState.TASK_FINISHED, "fedcba9876543210")
                            .getUpdate()
                            .getStatus()));
        var listener = new Listener(agent, again);
        assertThat(listener.next().getType()).isEqualTo(Event.Type.SUBSCRIBED);
        assertThat(listener.next().getAcknowledged().getUuid().toStringUtf8())
            .isEqualTo("fedcba9876543210");
        var message = master.next(ReregisterSlaveMessage.class);
        assertThat(message.getExecutorInfosList())
            .extracting(e -> e.getExecutorId().getValue())
            .containsExactly("mine");
        master.next("a", TaskState.TASK_FINISHED);
        assertThat(Path.of("/proc/" + pid)).exists();
        master.run(FRAMEWORK, task("b"));
        assertThat(listener.next().getLaunch().getTask().getTaskId().getValue()).isEqualTo("b");
        master.kill("F", "b", Duration.ofSeconds(1));
        assertThat(listener.next().getKill().getTaskId().getValue()).isEqualTo("b");
        Agents.killAll(root);
        master.next("b", TaskState.TASK_FAILED);
        assertThat(master.next(ExitedExecutorMessage.class).getExecutorId().getValue())
            .isEqualTo("mine");
      }
    }
  }

  @Test
  @Covers("E05")
  void anExecutorThatDoesNotComeBackIsKilled() throws Exception {
    var port = "--port=" + Agents.freePort();
    try (var master = new FakeMaster()) {
      try (var agent = Agents.start(master, root, port)) {
        master.next(UpdateSlaveMessage.class);
        master.run(FRAMEWORK, task("a"));
        while (send(
                agent,
                call(Call.Type.SUBSCRIBE)
                    .setSubscribe(Call.Subscribe.getDefaultInstance())
                    .setExecutorId(ExecutorID.newBuilder().setValue("x")))
            .body()
            .contains("Framework")) {
          Thread.onSpinWait();
        }
        var listener =
            new Listener(
                agent, call(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance()));
        assertThat(listener.next().getType()).isEqualTo(Event.Type.SUBSCRIBED);
      }
      master.forget();
      try (var agent =
          Agents.start(master, root, port, "--executor_reregistration_timeout=500ms")) {
        assertThat(master.next("a", TaskState.TASK_FAILED).getReason())
            .isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT);
        master.next(ExitedExecutorMessage.class);
        assertThat(agent.ended()).isNotDone();
      }
    }
  }
}
