// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.frameworks;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.AgentConfig;
import io.meseta.agent.core.gc.Sandboxes;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.Write;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.FrameworkInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Owner of all frameworks of this agent, and of the memory of those that are gone.
public final class Frameworks {
  private final Agent agent;
  private final Sandboxes sandboxes;
  private final Map<String, Framework> frameworks = new LinkedHashMap<>();
  private final ArrayDeque<Framework> completed = new ArrayDeque<>();

  public Frameworks(Agent agent, Sandboxes sandboxes) {
    this.agent = agent;
    this.sandboxes = sandboxes;
  }

  public Optional<Framework> find(String id) {
    return Optional.ofNullable(frameworks.get(id));
  }

  public Collection<Framework> all() {
    return frameworks.values();
  }

  public Iterable<Framework> completed() {
    return completed;
  }

  /// The framework of a task that arrives, with its newest description.
  public Framework arrive(FrameworkInfo info, String pid) {
    var known = frameworks.get(info.getId().getValue());
    if (known != null) {
      return known;
    }
    var framework = new Framework(info, http(pid));
    frameworks.put(framework.id(), framework);
    sandboxes.unschedule(agent.layout.framework(agent.id(), framework.id()));
    sandboxes.unschedule(agent.layout.metaFramework(agent.id(), framework.id()));
    return framework;
  }

  private static String http(String pid) {
    return pid.equals(Upid.NONE.toString()) ? "" : pid;
  }

  /// What must be written of the framework before a task of it runs; nothing if that is done or not
  /// wanted.
  public List<Write> describe(Framework framework) {
    if (!framework.checkpoints() || framework.written) {
      return List.of();
    }
    framework.written = true;
    var folder = agent.layout.metaFramework(agent.id(), framework.id());
    var pid = framework.pid.isEmpty() ? Upid.NONE.toString() : framework.pid;
    return List.of(
        new Write.Put(folder + "/framework.info", framework.info.toByteString(), false),
        new Write.Put(folder + "/framework.pid", ByteString.copyFromUtf8(pid), false));
  }

  /// The master knows a newer description of the framework.
  public void update(UpdateFrameworkMessage message) {
    var framework = frameworks.get(message.getFrameworkId().getValue());
    if (framework == null || framework.terminating) {
      return;
    }
    framework.pid = http(message.getPid());
    if (message.hasFrameworkInfo()) {
      // Whether it checkpoints is decided for good when its first task arrives.
      framework.info =
          message.getFrameworkInfo().toBuilder()
              .setCheckpoint(framework.checkpoints())
              .setId(framework.info.getId())
              .build();
    }
    framework.written = false;
    var writes = describe(framework);
    if (!writes.isEmpty()) {
      agent.out.persist(writes.toArray(new Write[0]));
    }
  }

  /// A framework that the last agent had.
  public Framework recover(RecoveredState.Framework state) {
    var framework = new Framework(state.info(), http(state.pid()));
    framework.written = true;
    frameworks.put(framework.id(), framework);
    return framework;
  }

  /// Forgets the framework if nothing of it is left.
  public void removeIfIdle(Framework framework) {
    if (!framework.executors.isEmpty() || frameworks.get(framework.id()) != framework) {
      return;
    }
    frameworks.remove(framework.id());
    sandboxes.schedule(agent.layout.framework(agent.id(), framework.id()));
    if (framework.checkpoints()) {
      sandboxes.schedule(agent.layout.metaFramework(agent.id(), framework.id()));
    }
    completed.removeIf(old -> old.id().equals(framework.id()));
    completed.add(framework);
    while (completed.size() > AgentConfig.MAX_COMPLETED_FRAMEWORKS) {
      completed.poll();
    }
  }

  /// All of them, for changes while going over them.
  public List<Framework> copy() {
    return new ArrayList<>(frameworks.values());
  }
}
