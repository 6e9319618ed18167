// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.Unavailability;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.maintenance.Window;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaintenanceCoreTest {
  private static final MachineID HOST = MachineID.newBuilder().setHostname("host").build();
  private final Stage stage = new Stage();
  private long requests = 500;

  private int operate(OperatorRequest request) {
    long id = ++requests;
    stage.feed(new MasterEvent.OperatorCall(id, request));
    return stage.replies.get(id).status();
  }

  private static Schedule schedule(long start) {
    return Schedule.newBuilder()
        .addWindows(
            Window.newBuilder()
                .addMachineIds(HOST)
                .setUnavailability(
                    Unavailability.newBuilder()
                        .setStart(TimeInfo.newBuilder().setNanoseconds(start))))
        .build();
  }

  @Test
  @Covers("M07")
  void namesThatNoHostHasAreRefused() {
    var endless = HOST.toBuilder().setHostname("h".repeat(400_000)).build();
    var schedule = schedule(5).toBuilder();
    schedule.getWindowsBuilder(0).setMachineIds(0, endless);
    assertThat(operate(new OperatorRequest.UpdateMaintenance(schedule.build()))).isEqualTo(400);
    assertThat(stage.store).isEmpty();
  }

  @Test
  @Covers({"M07", "H04"})
  void modesSurviveTheMaster() {
    assertThat(operate(new OperatorRequest.UpdateMaintenance(schedule(5)))).isEqualTo(200);
    assertThat(operate(new OperatorRequest.StartMaintenance(List.of(HOST)))).isEqualTo(200);
    stage.elect("m2");
    stage.register(1, "cpus:4;mem:400");
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).isEmpty();
    assertThat(stage.snapshot().schedule()).isEqualTo(schedule(5));
    assertThat(operate(new OperatorRequest.StopMaintenance(List.of(HOST)))).isEqualTo(200);
    stage.register(1, "cpus:4;mem:400");
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).hasSize(1);
    assertThat(stage.store.keySet()).noneMatch(key -> key.startsWith("mach"));
  }

  @Test
  @Covers("S29")
  void onlyThoseWhoHoldSomethingAreAskedAndRefusalsLast() {
    stage.register(1, "cpus:4;mem:400");
    var holder = stage.subscribe(Stage.PLAIN);
    var idle = stage.subscribe(Stage.PLAIN);
    assertThat(operate(new OperatorRequest.UpdateMaintenance(schedule(5)))).isEqualTo(200);
    stage.pass(Duration.ofSeconds(2));
    var who = stage.offers(holder).size() > stage.offers(idle).size() ? holder : idle;
    var other = who.equals(holder) ? idle : holder;
    var inverse = stage.events(who, Event.Type.INVERSE_OFFERS);
    assertThat(inverse).hasSize(1);
    assertThat(stage.events(other, Event.Type.INVERSE_OFFERS)).isEmpty();
    var decline = Call.newBuilder().setType(Call.Type.DECLINE_INVERSE_OFFERS);
    decline
        .getDeclineInverseOffersBuilder()
        .addInverseOfferIds(inverse.getFirst().getInverseOffers().getInverseOffers(0).getId())
        .getFiltersBuilder()
        .setRefuseSeconds(60);
    stage.call(who, decline);
    assertThat(
            stage.snapshot().maintenance().getDrainingMachines(0).getStatuses(0).getStatus().name())
        .isEqualTo("DECLINE");
    stage.pass(Duration.ofSeconds(30));
    assertThat(stage.events(who, Event.Type.INVERSE_OFFERS)).hasSize(1);
    stage.pass(Duration.ofSeconds(35));
    assertThat(stage.events(who, Event.Type.INVERSE_OFFERS)).hasSize(2);
    // Another time for the same machine: what was asked before is taken back, and asked anew.
    assertThat(operate(new OperatorRequest.UpdateMaintenance(schedule(9)))).isEqualTo(200);
    assertThat(stage.events(who, Event.Type.RESCIND_INVERSE_OFFER)).hasSize(1);
    assertThat(stage.snapshot().maintenance().getDrainingMachines(0).getStatusesCount()).isZero();
  }
}
