// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A leader that does not reach ZooKeeper must not act: another may lead.
@Covers("H05")
class SuspendedTest {
  private final Stage stage = new Stage();

  private void driver(int port) {
    var subscribe = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    subscribe.getSubscribeBuilder().setFrameworkInfo(Stage.PLAIN);
    stage.feed(
        new MasterEvent.SubscribeDriver(
            Stage.pid(port), Optional.empty(), false, subscribe.getSubscribe()));
  }

  @Test
  void itLaunchesNothingOffersNothingAndAdmitsNobody() {
    stage.register(1, "cpus:2;mem:100");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var id = stage.frameworkId(stream);
    stage.feed(new MasterEvent.Suspended(true));
    stage.forgetSent();

    var launch = Stage.task("t", offer, "cpus:1;mem:10");
    var refused = stage.launch(stream, offer, launch);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.message()).isEqualTo("No leader elected");
    var call = Call.newBuilder().setType(Call.Type.ACCEPT).setFrameworkId(id);
    call.getAcceptBuilder()
        .addOfferIds(offer.getId())
        .addOperationsBuilder()
        .setType(io.meseta.wire.v1.Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addTaskInfos(launch);
    stage.feed(new MasterEvent.DriverCall(Stage.pid(9), call.build()));
    driver(8);
    stage.register(2, "cpus:2;mem:100");
    stage.pass(Duration.ofSeconds(20));

    assertThat(stage.sentTo(1, RunTaskMessage.class)).isEmpty();
    assertThat(stage.sentTo(2, SlaveRegisteredMessage.class)).isEmpty();
    assertThat(stage.sentTo(8, io.meseta.wire.internal.FrameworkRegisteredMessage.class)).isEmpty();
    assertThat(stage.events(stream, Event.Type.OFFERS)).hasSize(1);
  }

  @Test
  void itLeadsOnWithWhatItKnew() {
    stage.register(1, "cpus:2;mem:100");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.feed(new MasterEvent.Suspended(true));
    stage.feed(new MasterEvent.Suspended(false));
    assertThat(stage.launch(stream, offer, Stage.task("t", offer, "cpus:1;mem:10")).status())
        .isEqualTo(202);
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
    assertThat(stage.knownTask("t").orElseThrow().getState()).isEqualTo(TaskState.TASK_STAGING);
    stage.register(2, "cpus:2;mem:100");
    assertThat(stage.sentTo(2, SlaveRegisteredMessage.class)).hasSize(1);
  }
}
