// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import com.google.protobuf.Message;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keeps one of what is equal in many tasks. The instances of an application differ in little more
/// than their ids, and each label that came over the wire is half a dozen objects: without this
/// most of a large master's memory, and of what its collector copies, is the same labels again and
/// again.
public final class Alike {
  /// How many different parts are remembered; the rest is only not shared.
  private static final int MAX_PARTS = 4096;

  /// What is larger is rarely alike, and remembered things must not become many.
  private static final int MAX_BYTES = 4096;

  private final Map<Message, Message> parts = new Recent<>();
  private final Map<List<Resource>, Resources> held = new Recent<>();

  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > MAX_PARTS;
    }
  }

  /// The same task, made of parts that others have, too.
  Task of(Task task) {
    var result =
        task.toBuilder()
            .setFrameworkId(part(task.getFrameworkId()))
            .setAgentId(part(task.getAgentId()))
            .clearResources()
            .addAllResources(parts(task.getResourcesList()));
    if (task.hasExecutorId()) {
      result.setExecutorId(part(task.getExecutorId()));
    }
    if (task.hasLabels()) {
      result.setLabels(part(task.getLabels()));
    }
    if (task.hasDiscovery()) {
      result.setDiscovery(part(task.getDiscovery()));
    }
    if (task.hasContainer()) {
      result.setContainer(part(task.getContainer()));
    }
    if (task.hasHealthCheck()) {
      result.setHealthCheck(part(task.getHealthCheck()));
    }
    if (task.hasKillPolicy()) {
      result.setKillPolicy(part(task.getKillPolicy()));
    }
    return result.build();
  }

  /// A status made of parts of its task, as far as it repeats them.
  TaskStatus of(TaskStatus.Builder status, Task task) {
    if (status.getTaskId().equals(task.getTaskId())) {
      status.setTaskId(task.getTaskId());
    }
    if (status.hasAgentId()) {
      status.setAgentId(part(status.getAgentId()));
    }
    if (status.hasExecutorId()) {
      status.setExecutorId(part(status.getExecutorId()));
    }
    return status.build();
  }

  /// What a task holds, by its resources on the wire, which were checked before.
  public Resources held(Task task) {
    var resources = task.getResourcesList();
    var known = held.get(resources);
    if (known == null) {
      known = ResourceWire.decodeTrusted(resources);
      if (isSmall(resources)) {
        held.put(parts(resources), known);
      }
    }
    return known;
  }

  private static boolean isSmall(List<? extends Message> messages) {
    int size = 0;
    for (var message : messages) {
      size += message.getSerializedSize();
    }
    return size <= MAX_BYTES;
  }

  private <T extends Message> List<T> parts(List<T> messages) {
    var result = new ArrayList<T>(messages.size());
    messages.forEach(message -> result.add(part(message)));
    return result;
  }

  /// Equal messages are of one type.
  @SuppressWarnings("unchecked")
  private <T extends Message> T part(T message) {
    var known = parts.get(message);
    if (known != null) {
      return (T) known;
    }
    if (message.getSerializedSize() <= MAX_BYTES) {
      parts.put(message, message);
    }
    return message;
  }
}
