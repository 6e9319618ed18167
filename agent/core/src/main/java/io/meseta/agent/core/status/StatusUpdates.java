// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.status;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.v1.TaskState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Updates on their way to schedulers. Of each task the oldest one is in flight, again after 10 s
/// doubling to 10 min, until it is acknowledged. An update of a framework that checkpoints is sent
/// only when it is written.
///
/// Original: src/slave/task_status_update_manager.cpp.
public final class StatusUpdates {
  static final Duration RETRY_MIN = Duration.ofSeconds(10);
  static final Duration RETRY_MAX = Duration.ofMinutes(10);

  /// Which task.
  public record Key(String frameworkId, String taskId) {}

  /// What an acknowledgement was for.
  ///
  /// @param terminal whether the task needs nothing more
  public record Acknowledged(StatusUpdate update, boolean terminal) {}

  private static final class Stream {
    /// `task.updates`; "" when the framework does not checkpoint.
    final String path;

    final ArrayDeque<StatusUpdate> pending = new ArrayDeque<>();
    Duration retry = RETRY_MIN;

    /// Whether an acknowledgement is being written. Nothing is sent meanwhile: an agent that is
    /// restarted would go back to the update that was acknowledged, after the scheduler has seen a
    /// later one.
    boolean acknowledging;

    Stream(String path) {
      this.path = path;
    }
  }

  private final Agent agent;

  /// Completes an update with what is known at the time it is sent: the latest state of its task.
  private final Function<StatusUpdate, StatusUpdate> complete;

  private final Map<Key, Stream> streams = new LinkedHashMap<>();

  public StatusUpdates(Agent agent, Function<StatusUpdate, StatusUpdate> complete) {
    this.agent = agent;
    this.complete = complete;
  }

  private static Key key(StatusUpdate update) {
    return new Key(update.getFrameworkId().getValue(), update.getStatus().getTaskId().getValue());
  }

  /// Takes a new update.
  ///
  /// @param path of `task.updates`; "" when the framework does not checkpoint
  /// @param written called when the update is on disk (at once when it needs not be)
  public void add(StatusUpdate update, String path, Runnable written) {
    var key = key(update);
    if (path.isEmpty()) {
      enqueue(key, path, update);
      written.run();
      return;
    }
    var record =
        StatusUpdateRecord.newBuilder()
            .setType(StatusUpdateRecord.Type.UPDATE)
            .setUpdate(update)
            .build();
    agent.out.persist(
        List.of(new Write.Append(path, record.toByteString())),
        () -> {
          enqueue(key, path, update);
          written.run();
        });
  }

  private void enqueue(Key key, String path, StatusUpdate update) {
    var stream = streams.computeIfAbsent(key, k -> new Stream(path));
    stream.pending.add(update);
    if (stream.pending.size() == 1) {
      stream.retry = RETRY_MIN;
      forward(key, stream);
    }
  }

  /// What `task.updates` held when the agent started: updates without acknowledgement are owed
  /// again.
  public void recover(
      String frameworkId, String taskId, String path, List<StatusUpdateRecord> records) {
    var stream = new Stream(path);
    for (var record : records) {
      switch (record.getType()) {
        case UPDATE -> stream.pending.add(record.getUpdate());
        case ACK -> stream.pending.removeIf(update -> update.getUuid().equals(record.getUuid()));
      }
    }
    if (!stream.pending.isEmpty()) {
      streams.put(new Key(frameworkId, taskId), stream);
    }
  }

  /// A scheduler has seen an update; empty when it was not the one in flight.
  public Optional<Acknowledged> acknowledge(String frameworkId, String taskId, ByteString uuid) {
    var key = new Key(frameworkId, taskId);
    var stream = streams.get(key);
    if (stream == null
        || stream.pending.isEmpty()
        || !stream.pending.peek().getUuid().equals(uuid)) {
      return Optional.empty();
    }
    var update = stream.pending.poll();
    boolean terminal = TaskStates.isTerminal(update.getStatus().getState());
    agent.out.cancelTimer(new TimerKey.RetryUpdate(frameworkId, taskId));
    if (terminal) {
      streams.remove(key);
    }
    if (stream.path.isEmpty()) {
      next(key, stream);
    } else {
      var record =
          StatusUpdateRecord.newBuilder()
              .setType(StatusUpdateRecord.Type.ACK)
              .setUuid(uuid)
              .build();
      stream.acknowledging = true;
      agent.out.persist(
          List.of(new Write.Append(stream.path, record.toByteString())),
          () -> {
            stream.acknowledging = false;
            next(key, stream);
          });
    }
    return Optional.of(new Acknowledged(update, terminal));
  }

  /// The acknowledgement of the last update is done with.
  private void next(Key key, Stream stream) {
    if (streams.get(key) != stream) {
      return;
    }
    if (stream.pending.isEmpty()) {
      streams.remove(key);
    } else {
      stream.retry = RETRY_MIN;
      forward(key, stream);
    }
  }

  /// Nobody acknowledged in time.
  public void retry(String frameworkId, String taskId) {
    var key = new Key(frameworkId, taskId);
    var stream = streams.get(key);
    if (stream != null && !stream.pending.isEmpty()) {
      var doubled = stream.retry.multipliedBy(2);
      stream.retry = doubled.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : doubled;
      forward(key, stream);
    }
  }

  /// The agent is registered (again): everything owed is sent now.
  public void resume() {
    streams.forEach(this::restart);
  }

  /// The framework's scheduler is back: what is owed to it is sent now.
  public void resume(String frameworkId) {
    streams.forEach((key, stream) -> {
      if (key.frameworkId().equals(frameworkId)) {
        restart(key, stream);
      }
    });
  }

  private void restart(Key key, Stream stream) {
    if (!stream.pending.isEmpty()) {
      stream.retry = RETRY_MIN;
      forward(key, stream);
    }
  }

  /// The framework is gone: nobody will acknowledge.
  public void forget(String frameworkId) {
    var keys = new ArrayList<>(streams.keySet());
    for (var key : keys) {
      if (key.frameworkId().equals(frameworkId)) {
        streams.remove(key);
        agent.out.cancelTimer(new TimerKey.RetryUpdate(key.frameworkId(), key.taskId()));
      }
    }
  }

  /// Whether an update of the task waits for an acknowledgement.
  public boolean owes(String frameworkId, String taskId) {
    return inFlight(frameworkId, taskId).isPresent();
  }

  /// The state that the master was told last, of the update in flight.
  public Optional<TaskState> inFlight(String frameworkId, String taskId) {
    var stream = streams.get(new Key(frameworkId, taskId));
    return stream == null || stream.pending.isEmpty()
        ? Optional.empty()
        : Optional.of(stream.pending.peek().getStatus().getState());
  }

  private void forward(Key key, Stream stream) {
    if (stream.acknowledging) {
      return; // next() comes when it is written
    }
    if (agent.phase != Agent.Phase.RUNNING || agent.masterPid == null) {
      return; // resume() comes with the registration
    }
    var update = complete.apply(stream.pending.element());
    agent.out.send(
        agent.masterPid,
        StatusUpdateMessage.newBuilder()
            .setUpdate(update)
            .setPid(agent.config.self().toString())
            .build());
    agent.out.setTimer(new TimerKey.RetryUpdate(key.frameworkId(), key.taskId()), stream.retry);
  }
}
