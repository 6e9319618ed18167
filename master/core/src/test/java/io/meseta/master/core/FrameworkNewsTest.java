// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.master.Event;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What operators and agents hear of frameworks: of each before anything else about it, and nothing
/// when nothing changed.
@Covers({"OM10", "S19"})
class FrameworkNewsTest extends Scenario {
  private FrameworkInfo failover() {
    stage.register(1, ALL);
    var info =
        Stage.AWARE.toBuilder().setId(stage.frameworkId(stage.subscribe(Stage.AWARE))).build();
    stage.elect("m2");
    stage.feed(new MasterEvent.Watch("w"));
    stage.operatorEvents.clear();
    return info;
  }

  private List<Event.Type> heard() {
    return stage.operatorEvents.stream()
        .map(Event::getType)
        .filter(type -> type != Event.Type.HEARTBEAT)
        .toList();
  }

  @Test
  void frameworksThatAgentsBringAreAnnounced() {
    var info = failover();
    var task =
        Task.newBuilder()
            .setName("t")
            .setTaskId(taskId("t"))
            .setFrameworkId(info.getId())
            .setAgentId(AGENT)
            .setState(TaskState.TASK_RUNNING);
    for (var resource : Stage.resources("cpus:1")) {
      task.addResources(
          resource.toBuilder()
              .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*")));
    }
    stage.say(1, back(1, "m1-S0", List.of(info), task.build()));
    assertThat(heard()).startsWith(Event.Type.FRAMEWORK_ADDED).contains(Event.Type.TASK_ADDED);
    var added = stage.operatorEvents.getFirst().getFrameworkAdded().getFramework();
    assertThat(added.getFrameworkInfo()).isEqualTo(info);
    assertThat(added.getRecovered()).isTrue();
    stage.operatorEvents.clear();
    var unused = stage.subscribe(info);
    assertThat(heard()).containsExactly(Event.Type.FRAMEWORK_UPDATED);
  }

  @Test
  void frameworksThatComeBackByThemselvesAreAnnounced() {
    var unused = stage.subscribe(failover());
    assertThat(heard()).containsExactly(Event.Type.FRAMEWORK_ADDED, Event.Type.FRAMEWORK_UPDATED);
  }

  @Test
  void anUpdateThatChangesNothingIsNoNews() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.AWARE);
    var info = info(stream);
    stage.feed(new MasterEvent.Watch("w"));
    stage.operatorEvents.clear();
    stage.forgetSent();

    update(stream, Call.UpdateFramework.newBuilder().setFrameworkInfo(info));
    assertThat(heard()).isEmpty();
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).isEmpty();

    update(
        stream, Call.UpdateFramework.newBuilder().setFrameworkInfo(info).addSuppressedRoles("*"));
    assertThat(framework(stream).suppressedRoles()).containsExactly("*");
    assertThat(heard()).isEmpty();

    // Agents are told of the description only, operators of the constraints, too.
    var constraints = OfferConstraints.newBuilder();
    constraints.putRoleConstraints(
        "*", OfferConstraints.RoleConstraints.newBuilder().addGroups(group("rack")).build());
    update(
        stream,
        Call.UpdateFramework.newBuilder().setFrameworkInfo(info).setOfferConstraints(constraints));
    assertThat(heard()).containsExactly(Event.Type.FRAMEWORK_UPDATED);
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).isEmpty();

    update(
        stream,
        Call.UpdateFramework.newBuilder()
            .setFrameworkInfo(info.toBuilder().setName("other"))
            .setOfferConstraints(constraints));
    assertThat(heard()).hasSize(2);
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).hasSize(1);
  }

  private static OfferConstraints.RoleConstraints.Group group(String attribute) {
    var result = OfferConstraints.RoleConstraints.Group.newBuilder();
    var constraint = result.addAttributeConstraintsBuilder();
    constraint.getSelectorBuilder().setAttributeName(attribute);
    constraint.getPredicateBuilder().getExistsBuilder();
    return result.build();
  }

  private void update(String stream, Call.UpdateFramework.Builder update) {
    var call = Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK).setUpdateFramework(update);
    assertThat(stage.call(stream, call).status()).isEqualTo(200);
  }
}
