// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.loop.Ids;
import io.meseta.master.core.Effect;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.MasterCore;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.server.views.Documents;
import io.meseta.master.server.views.LongAnswers;
import io.meseta.master.server.views.Rendered;
import io.meseta.master.server.views.StateDocuments;
import io.meseta.model.acls.Acls;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.master.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A standby master takes over a small cluster that does not exist, again and again, so that its
/// code is compiled when it has to take over the real one: most of the time that a fresh master
/// needs for ten thousands of agents is the compiler's.
///
/// Cores of its own, one after the other, with nothing around them: no port, no file, no log.
public final class Rehearsal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
  private static final int AGENTS = 100;
  private static final int TASKS = 10;
  private static final int LABELS = 5;
  private static final int BATCH = 16;
  private static final int DOCUMENTS = 3;

  /// A standby that has just been started has more urgent things to do, and so has its neighbour.
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private static final Duration ENOUGH = Duration.ofSeconds(20);

  private final MasterConfig config;
  private final Thread thread;
  private volatile boolean closed;

  private volatile int takeovers;

  private Rehearsal(MasterConfig config, Duration pause, Duration limit) {
    this.config = config;
    thread = Thread.ofPlatform().daemon().name("rehearsal").unstarted(() -> rehearse(pause, limit));
  }

  /// Begins in the background after a while, on one thread that is less urgent than others.
  ///
  /// @param flags of the master that may have to take over
  public static Rehearsal start(MasterFlags flags) {
    return start(flags, PAUSE, ENOUGH);
  }

  /// Begins after a `pause` and ends after another `limit`, or a little later.
  public static Rehearsal start(MasterFlags flags, Duration pause, Duration limit) {
    var rehearsal = new Rehearsal(CoreConfig.of(flags), pause, limit);
    rehearsal.thread.start();
    return rehearsal;
  }

  /// How often the whole was played.
  public int takeovers() {
    return takeovers;
  }

  /// Waits for its end.
  public void await() throws InterruptedException {
    thread.join();
  }

  /// Ends soon; does not wait for it.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void rehearse(Duration pause, Duration limit) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException closedMeanwhile) {
      return;
    }
    Renderers.lessUrgent();
    log.info("rehearsing a takeover, for {} s", limit.toSeconds());
    long end = System.nanoTime() + limit.toNanos();
    var messages = messages();
    long bytes = 0;
    do {
      var performance = new Performance(messages);
      performance.play();
      bytes += performance.bytes;
      takeovers++;
    } while (!closed && System.nanoTime() - end < 0);
    log.info("a takeover was rehearsed {} times, with {} bytes of answers", takeovers, bytes);
  }

  private boolean over() {
    return closed;
  }

  private static List<byte[]> messages() {
    var result = new ArrayList<byte[]>();
    for (int i = 0; i < AGENTS; i++) {
      var agent = AgentID.newBuilder().setValue("agent" + i).build();
      var running = framework("running");
      var ended = framework("ended");
      var message =
          ReregisterSlaveMessage.newBuilder()
              .setSlave(
                  AgentInfo.newBuilder()
                      .setId(agent)
                      .setHostname("agent" + i)
                      .setPort(5051)
                      .setCheckpoint(true)
                      .addResources(scalar("cpus", 20))
                      .addResources(scalar("mem", 10240)))
              .setVersion(Identity.VERSION)
              .addFrameworks(running);
      for (var type : AgentInfo.Capability.Type.values()) {
        if (type != AgentInfo.Capability.Type.UNKNOWN) {
          message.addAgentCapabilitiesBuilder().setType(type);
        }
      }
      var archive = Archive.Framework.newBuilder().setFrameworkInfo(ended);
      for (int j = 0; j < TASKS; j++) {
        var name = i + "-" + j;
        message.addTasks(task(name, agent, running.getId(), TaskState.TASK_RUNNING));
        archive.addTasks(task(name, agent, ended.getId(), TaskState.TASK_FINISHED));
      }
      result.add(message.addCompletedFrameworks(archive).build().toByteArray());
    }
    return result;
  }

  private static FrameworkInfo framework(String id) {
    return FrameworkInfo.newBuilder()
        .setId(FrameworkID.newBuilder().setValue(id))
        .setName(id)
        .setUser("nobody")
        .setCheckpoint(true)
        .addRoles("*")
        .addCapabilities(
            FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
        .build();
  }

  private static Task task(String id, AgentID agent, FrameworkID framework, TaskState state) {
    var labels = Labels.newBuilder();
    for (int i = 0; i < LABELS; i++) {
      labels.addLabels(Label.newBuilder().setKey("key" + i).setValue("value" + i));
    }
    return Task.newBuilder()
        .setName("task")
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setFrameworkId(framework)
        .setAgentId(agent)
        .setState(state)
        .addResources(scalar("cpus", 0.1))
        .addResources(scalar("mem", 5))
        .setLabels(labels)
        .addStatuses(
            TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setState(state)
                .setTimestamp(1))
        .build();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  /// One takeover, from the empty registry to the documents that everybody asks for then.
  private final class Performance {
    private final List<byte[]> messages;
    private final MasterCore core;
    private final MasterInfo info =
        MasterInfo.newBuilder().setId("rehearsal").setIp(0).setPort(5050).build();
    private final ArrayDeque<MasterEvent> inbox = new ArrayDeque<>();
    private final Instant now = Instant.EPOCH;
    private final Rendered rendered = new Rendered();
    private @Nullable Snapshot snapshot;

    /// What was sent, so that nobody optimises it away.
    private long bytes;

    Performance(List<byte[]> messages) {
      this.messages = messages;
      core = new MasterCore(config, Acls.NONE, info, Ids.seeded(1), new Meters());
    }

    void play() {
      inbox.add(new MasterEvent.RegistryLoaded(Map.of()));
      work();
      for (int i = 0; i < messages.size() && !over(); i++) {
        inbox.add(new MasterEvent.AgentMessage(peer(i), parse(messages.get(i))));
        if (inbox.size() >= BATCH) {
          work();
        }
      }
      for (int i = 0; i < DOCUMENTS && !over(); i++) {
        work();
        for (int agent = 0; agent < AGENTS; agent++) {
          inbox.add(new MasterEvent.AgentMessage(peer(agent), ended(agent, i)));
        }
        inbox.add(new MasterEvent.Read(i));
        work();
        render();
      }
    }

    private static Upid peer(int agent) {
      return new Upid("slave(1)", "127.0.0.1", 10_000 + agent);
    }

    private static ReregisterSlaveMessage parse(byte[] body) {
      try {
        return ReregisterSlaveMessage.parseFrom(body);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e); // we have written it
      }
    }

    private StatusUpdateMessage ended(int agent, int task) {
      var id = TaskID.newBuilder().setValue(agent + "-" + task).build();
      var uuid = ByteString.copyFrom(new byte[16]);
      return StatusUpdateMessage.newBuilder()
          .setUpdate(
              StatusUpdate.newBuilder()
                  .setFrameworkId(FrameworkID.newBuilder().setValue("running"))
                  .setSlaveId(AgentID.newBuilder().setValue("agent" + agent))
                  .setStatus(
                      TaskStatus.newBuilder()
                          .setTaskId(id)
                          .setState(TaskState.TASK_FINISHED)
                          .setUuid(uuid))
                  .setTimestamp(1)
                  .setUuid(uuid))
          .setPid(peer(agent).toString())
          .build();
    }

    private void work() {
      do {
        for (var event = inbox.poll(); event != null; event = inbox.poll()) {
          core.on(event, now).forEach(this::carryOut);
        }
        core.endOfBatch(now).forEach(this::carryOut);
      } while (!inbox.isEmpty());
    }

    private void carryOut(Effect effect) {
      switch (effect) {
        case Effect.Send send -> bytes += send.message().toByteArray().length;
        case Effect.Persist persist -> inbox.add(new MasterEvent.Persisted(persist.batch()));
        case Effect.Answer answer -> snapshot = answer.snapshot();
        default -> {}
      }
    }

    private void render() {
      var state = snapshot;
      if (state == null || state.agents().size() != messages.size()) {
        throw new IllegalStateException("the agents of the rehearsal are not registered");
      }
      var documents =
          new Documents(info, now, Optional.of(info), Optional.empty(), Map.of(), state, rendered);
      var parts = new ArrayList<>(StateDocuments.state(documents));
      parts.addAll(LongAnswers.json(Response.Type.GET_STATE, documents));
      parts.addAll(LongAnswers.proto(Response.Type.GET_STATE, documents));
      parts.forEach(part -> bytes += part.length);
    }
  }
}
