// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.core.view.V1Views;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.master.Event;
import io.meseta.wire.v1.master.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// What of the v1 API grows with the cluster, of which only what has changed is rendered again. As
/// in [V1Answers], JSON has the lists that are empty too.
public final class LongAnswers {
  private final Snapshot snapshot;
  private final Rendered rendered;
  private final KnownResources known = new KnownResources();

  /// What the current tasks of each framework hold: known when they have been rendered.
  private final Map<String, List<Resources>> held = new HashMap<>();

  private LongAnswers(Snapshot snapshot, Rendered rendered) {
    this.snapshot = snapshot;
    this.rendered = rendered;
  }

  /// An answer in JSON.
  public static List<byte[]> json(Response.Type type, Documents documents) {
    var answers = new LongAnswers(documents.snapshot(), documents.rendered());
    var out = new JsonOut().object().field("type", type.name());
    switch (type) {
      case GET_TASKS -> answers.tasks(out);
      case GET_AGENTS -> answers.agents(out);
      default -> answers.state(out);
    }
    return out.end().parts();
  }

  private void state(JsonOut out) {
    out.object("get_state");
    tasks(out);
    V1Answers.executors(out, V1Answers.executors(snapshot));
    V1Answers.frameworks(out, frameworks());
    agents(out);
    out.end();
    forget(rendered.json);
  }

  /// The event that an operator's stream begins with.
  public static List<byte[]> subscribed(
      Snapshot snapshot, Rendered rendered, double heartbeatSeconds, boolean json) {
    var answers = new LongAnswers(snapshot, rendered);
    var type = Event.Type.SUBSCRIBED;
    if (json) {
      var out = new JsonOut().object().field("type", type.name()).object("subscribed");
      answers.state(out);
      return out.field("heartbeat_interval_seconds", heartbeatSeconds).end().end().parts();
    }
    var rest = Event.Subscribed.newBuilder().setHeartbeatIntervalSeconds(heartbeatSeconds).build();
    return new ProtoOut()
        .fields(Event.newBuilder().setType(type).build())
        .field(
            Event.SUBSCRIBED_FIELD_NUMBER,
            new ProtoOut()
                .field(Event.Subscribed.GET_STATE_FIELD_NUMBER, answers.state())
                .fields(rest))
        .parts();
  }

  /// An answer in protobuf.
  public static List<byte[]> proto(Response.Type type, Documents documents) {
    var answers = new LongAnswers(documents.snapshot(), documents.rendered());
    var out = new ProtoOut().fields(Response.newBuilder().setType(type).build());
    switch (type) {
      case GET_TASKS -> out.field(Response.GET_TASKS_FIELD_NUMBER, answers.tasks());
      case GET_AGENTS -> out.field(Response.GET_AGENTS_FIELD_NUMBER, answers.agents());
      default -> out.field(Response.GET_STATE_FIELD_NUMBER, answers.state());
    }
    return out.parts();
  }

  private ProtoOut state() {
    var tasks = tasks(); // first: what they hold is part of the frameworks
    var others =
        Response.GetState.newBuilder()
            .setGetExecutors(V1Answers.executors(snapshot))
            .setGetFrameworks(frameworks())
            .build();
    var state =
        new ProtoOut()
            .field(Response.GetState.GET_TASKS_FIELD_NUMBER, tasks)
            .fields(others)
            .field(Response.GetState.GET_AGENTS_FIELD_NUMBER, agents());
    forget(rendered.proto);
    return state;
  }

  private Response.GetFrameworks frameworks() {
    var result = Response.GetFrameworks.newBuilder();
    for (var framework : snapshot.frameworks()) {
      result.addFrameworks(V1Views.framework(framework, used(framework)));
    }
    for (var framework : snapshot.completedFrameworks()) {
      result.addCompletedFrameworks(V1Views.framework(framework, used(framework)));
    }
    return result.build();
  }

  private Resources used(FrameworkView framework) {
    return KnownResources.used(framework, held.getOrDefault(framework.id(), List.of()));
  }

  /// What is gone is not asked for again.
  private void forget(Pieces pieces) {
    var lists = new HashSet<String>();
    lists.add("agents");
    for (var framework : all()) {
      for (var list : TaskList.values()) {
        lists.add(list.of(framework));
      }
    }
    pieces.retain(lists);
  }

  private List<FrameworkView> all() {
    var all = new ArrayList<>(snapshot.frameworks());
    all.addAll(snapshot.completedFrameworks());
    return all;
  }

  private void tasks(JsonOut out) {
    out.object("get_tasks");
    tasks(out, "tasks", TaskList.CURRENT);
    tasks(out, "unreachable_tasks", TaskList.UNREACHABLE);
    tasks(out, "completed_tasks", TaskList.COMPLETED);
    out.end();
  }

  private void tasks(JsonOut out, String name, TaskList list) {
    out.array(name);
    for (var framework : shown(list)) {
      pieces(framework, list, rendered.json, Form.<Task>json(JsonOut::message))
          .forEach(piece -> out.raw(piece.bytes()));
    }
    out.end();
  }

  private ProtoOut tasks() {
    var out = new ProtoOut();
    tasks(out, Response.GetTasks.TASKS_FIELD_NUMBER, TaskList.CURRENT);
    tasks(out, Response.GetTasks.COMPLETED_TASKS_FIELD_NUMBER, TaskList.COMPLETED);
    tasks(out, Response.GetTasks.UNREACHABLE_TASKS_FIELD_NUMBER, TaskList.UNREACHABLE);
    return out;
  }

  private void tasks(ProtoOut out, int field, TaskList list) {
    for (var framework : shown(list)) {
      pieces(framework, list, rendered.proto, Form.<Task>proto(field, task -> task))
          .forEach(piece -> out.raw(piece.bytes()));
    }
  }

  /// Frameworks that have ended have no current tasks to show.
  private List<FrameworkView> shown(TaskList list) {
    return list == TaskList.CURRENT ? snapshot.frameworks() : all();
  }

  private List<Pieces.Piece> pieces(
      FrameworkView framework, TaskList list, Pieces pieces, Form<Task> form) {
    var result =
        pieces.of(
            list.of(framework),
            list.in(framework),
            task -> task.getTaskId().getValue(),
            list == TaskList.CURRENT ? form.holding(known::held) : form);
    if (list == TaskList.CURRENT) {
      held.put(framework.id(), result.stream().map(Pieces.Piece::held).toList());
    }
    return result;
  }

  private void agents(JsonOut out) {
    out.object("get_agents").array("agents");
    rendered
        .json
        .of(
            "agents",
            snapshot.agents(),
            AgentView::id,
            Form.json((to, agent) -> to.message(V1Views.agent(agent))))
        .forEach(piece -> out.raw(piece.bytes()));
    out.end().array("recovered_agents");
    snapshot.recoveredAgents().forEach(out::message);
    out.end().end();
  }

  private ProtoOut agents() {
    var out = new ProtoOut();
    rendered
        .proto
        .of(
            "agents",
            snapshot.agents(),
            AgentView::id,
            Form.proto(Response.GetAgents.AGENTS_FIELD_NUMBER, V1Views::agent))
        .forEach(piece -> out.raw(piece.bytes()));
    return out.fields(
        Response.GetAgents.newBuilder().addAllRecoveredAgents(snapshot.recoveredAgents()).build());
  }
}
