// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Revocable, counted and hidden resources.
@Covers("R07")
class RevocableResourcesTest {
  private final Stage stage = new Stage();

  private static Resource revocable(String text) {
    return Stage.resources(text).getFirst().toBuilder()
        .setRevocable(Resource.RevocableInfo.getDefaultInstance())
        .build();
  }

  private void oversubscribe(String text) {
    stage.say(
        1,
        UpdateSlaveMessage.newBuilder()
            .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
            .setUpdateOversubscribedResources(true)
            .addOversubscribedResources(revocable(text))
            .build());
  }

  private static boolean hasRevocable(Offer offer) {
    return offer.getResourcesList().stream().anyMatch(Resource::hasRevocable);
  }

  private String rejected(String stream, TaskInfo.Builder task) {
    stage.launch(stream, stage.lastOffer(stream), task.build());
    var status = stage.lastUpdate(stream);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
    stage.pass(java.time.Duration.ofSeconds(6));
    return status.getMessage();
  }

  @Test
  void revocableResourcesGoToThoseThatWantThem() {
    stage.register(1, "cpus:4;mem:1000");
    oversubscribe("cpus:2");
    var plain = stage.subscribe(Stage.PLAIN);
    assertThat(stage.offers(plain)).hasSize(1).noneMatch(RevocableResourcesTest::hasRevocable);
    var able = stage.subscribe(Stage.with(Stage.PLAIN, Capability.Type.REVOCABLE_RESOURCES));
    assertThat(stage.offers(able)).hasSize(1).allMatch(RevocableResourcesTest::hasRevocable);
    oversubscribe("cpus:1");
    assertThat(stage.events(able, Event.Type.RESCIND)).hasSize(1);
    assertThat(stage.events(plain, Event.Type.RESCIND)).isEmpty();
    assertThat(stage.lastOffer(able).getResourcesList())
        .filteredOn(Resource::hasRevocable)
        .containsExactly(revocable("cpus:1"));
  }

  @Test
  void aTaskDoesNotMixRevocableAndOther() {
    stage.register(1, "cpus:4;mem:1000");
    oversubscribe("cpus:2");
    var stream = stage.subscribe(Stage.with(Stage.PLAIN, Capability.Type.REVOCABLE_RESOURCES));
    var offer = stage.lastOffer(stream);
    var mixed =
        Stage.task("mixed", offer, "cpus:1;mem:32").toBuilder().addResources(revocable("cpus:1"));
    assertThat(rejected(stream, mixed))
        .contains(
            "mixes revocable and non-revocable resources",
            "Cannot use both revocable and non-revocable 'cpus' at the same time");
    var fine =
        Stage.task("fine", offer, "mem:32").toBuilder().addResources(revocable("cpus:1")).build();
    stage.launch(stream, stage.lastOffer(stream), fine);
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
    assertThat(stage.snapshot().agents().getFirst().usedTotal().revocable().scalar("cpus"))
        .isEqualTo(1000);
  }

  @Test
  void gpusAreWhole() {
    stage.register(1, "cpus:4;mem:1000;gpus:2");
    var stream = stage.subscribe(Stage.with(Stage.PLAIN, Capability.Type.GPU_RESOURCES));
    var offer = stage.lastOffer(stream);
    assertThat(rejected(stream, Stage.task("t", offer, "cpus:1;mem:32;gpus:0.5").toBuilder()))
        .contains("The 'gpus' resource must be an unsigned integer");
    stage.launch(stream, stage.lastOffer(stream), Stage.task("u", offer, "cpus:1;mem:32;gpus:1"));
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
  }

  @Test
  void portsComeFromTheRangesOffered() {
    stage.register(1, "cpus:4;mem:1000;ports:[31000-31001,31005-31006]");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    assertThat(
            rejected(
                stream, Stage.task("t", offer, "cpus:1;mem:32;ports:[31001-31005]").toBuilder()))
        .contains("is more than available");
    stage.launch(
        stream,
        stage.lastOffer(stream),
        Stage.task("u", offer, "cpus:1;mem:32;ports:[31001-31001,31005-31005]"));
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
    stage.pass(java.time.Duration.ofSeconds(6));
    assertThat(stage.lastOffer(stream).getResourcesList())
        .filteredOn(resource -> resource.getName().equals("ports"))
        .isEqualTo(Stage.resources("ports:[31000-31000,31006-31006]"));
  }

  @Test
  void ephemeralPortsAreNotShown() {
    stage.register(1, "cpus:4;mem:1000;ephemeral_ports:[32768-57344]");
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.lastOffer(stream).getResourcesList())
        .isEqualTo(Stage.resources("cpus:4;mem:1000"));
    assertThat(stage.lastOffer(stream).getResourcesList().stream().map(Resource::getName))
        .isEqualTo(List.of("cpus", "mem"));
  }
}
