// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How to write and read messages of one type: looked up once per type, not once per message.
final class Plan {
  /// One field, with its name already encoded and whether an unset one is written all the same.
  record Field(
      FieldDescriptor descriptor,
      byte[] name,
      boolean always,
      Getters getters,
      @Nullable Plan[] known) {
    Field faster(Class<?> type) {
      return new Field(descriptor, name, always, Getters.fast(type, descriptor), known);
    }

    /// How to write the messages in this field.
    Plan messages() {
      var plan = known[0];
      if (plan == null) {
        plan = Plan.of(descriptor.getMessageType());
        known[0] = plan;
      }
      return plan;
    }
  }

  /// After so many messages of a type its getters are made: most types are seen a few times only.
  private static final int OFTEN = 2_000;

  /// Lists that the original writes even when they are empty, since it streams these answers by
  /// hand.
  private static final Set<String> ALWAYS =
      Set.of(
          "mesos.v1.master.Response.GetAgents.agents",
          "mesos.v1.master.Response.GetAgents.recovered_agents",
          "mesos.v1.master.Response.GetExecutors.executors",
          "mesos.v1.master.Response.GetFrameworks.frameworks",
          "mesos.v1.master.Response.GetFrameworks.completed_frameworks",
          "mesos.v1.master.Response.GetMetrics.metrics",
          "mesos.v1.master.Response.GetTasks.tasks",
          "mesos.v1.master.Response.GetTasks.unreachable_tasks",
          "mesos.v1.master.Response.GetTasks.completed_tasks",
          "mesos.v1.agent.Response.GetExecutors.executors",
          "mesos.v1.agent.Response.GetExecutors.completed_executors",
          "mesos.v1.agent.Response.GetFrameworks.frameworks",
          "mesos.v1.agent.Response.GetFrameworks.completed_frameworks",
          "mesos.v1.agent.Response.GetMetrics.metrics",
          "mesos.v1.agent.Response.GetTasks.pending_tasks",
          "mesos.v1.agent.Response.GetTasks.queued_tasks",
          "mesos.v1.agent.Response.GetTasks.launched_tasks",
          "mesos.v1.agent.Response.GetTasks.terminated_tasks",
          "mesos.v1.agent.Response.GetTasks.completed_tasks");

  private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

  private volatile List<Field> fields;
  private int written; // counted without locks: about right is good enough
  private final Map<String, FieldDescriptor> byName = new HashMap<>();

  private Plan(Descriptor type) {
    fields =
        type.getFields().stream()
            .map(field ->
                new Field(
                    field,
                    Names.encode(field.getName()),
                    field.isRepeated()
                        ? ALWAYS.contains(field.getFullName())
                        : field.hasDefaultValue() && !field.getOptions().getDeprecated(),
                    Getters.slow(field),
                    new Plan[1]))
            .toList();
    for (var field : type.getFields()) {
      byName.put(field.getName(), field);
    }
  }

  static Plan of(Descriptor type) {
    var plan = PLANS.get(type);
    return plan != null ? plan : PLANS.computeIfAbsent(type, Plan::new);
  }

  List<Field> fields() {
    return fields;
  }

  /// In the order of the `.proto` file, for writing `message`.
  List<Field> fields(Message message) {
    if (written >= 0 && ++written > OFTEN) {
      written = -1;
      fields = fields.stream().map(field -> field.faster(message.getClass())).toList();
    }
    return fields;
  }

  @Nullable FieldDescriptor field(String name) {
    return byName.get(name);
  }
}
