// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.RescindResourceOfferMessage;
import io.meseta.wire.internal.ResourceOffersMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.InverseOffer;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.TaskStatus.Source;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.Unavailability;
import io.meseta.wire.v1.allocator.InverseOfferStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.maintenance.Window;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's master_maintenance_tests that are about offers and agents, by their
/// names. Those about endpoints are in master/server.
@Covers({"M07", "S29"})
class MaintenanceScenariosTest extends Scenario {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final MachineID MACHINE = machine("host");

  private final Unavailability unavailability =
      Unavailability.newBuilder()
          .setStart(
              TimeInfo.newBuilder()
                  .setNanoseconds((stage.now.getEpochSecond() + 60) * 1_000_000_000L))
          .setDuration(DurationInfo.newBuilder().setNanoseconds(120_000_000_000L))
          .build();

  private static MachineID machine(String hostname) {
    return MachineID.newBuilder().setHostname(hostname).setIp("127.0.0.1").build();
  }

  private void schedule(MachineID... machines) {
    var schedule =
        Schedule.newBuilder()
            .addWindows(
                Window.newBuilder()
                    .addAllMachineIds(List.of(machines))
                    .setUnavailability(unavailability))
            .build();
    assertThat(operate(new OperatorRequest.UpdateMaintenance(schedule)).status()).isEqualTo(200);
  }

  private List<InverseOffer> inverseOffers(String stream) {
    return stage.events(stream, Event.Type.INVERSE_OFFERS).stream()
        .flatMap(event -> event.getInverseOffers().getInverseOffersList().stream())
        .toList();
  }

  private void answer(String stream, InverseOffer offer, boolean accept, double refuseSeconds) {
    var filters = Filters.newBuilder().setRefuseSeconds(refuseSeconds);
    stage.call(
        stream,
        accept
            ? Call.newBuilder()
                .setType(Call.Type.ACCEPT_INVERSE_OFFERS)
                .setAcceptInverseOffers(
                    Call.AcceptInverseOffers.newBuilder()
                        .addInverseOfferIds(offer.getId())
                        .setFilters(filters))
            : Call.newBuilder()
                .setType(Call.Type.DECLINE_INVERSE_OFFERS)
                .setDeclineInverseOffers(
                    Call.DeclineInverseOffers.newBuilder()
                        .addInverseOfferIds(offer.getId())
                        .setFilters(filters)));
  }

  private void driver(int port) {
    stage.feed(
        new MasterEvent.SubscribeDriver(
            Stage.pid(port),
            Optional.empty(),
            false,
            Call.Subscribe.newBuilder().setFrameworkInfo(Stage.PLAIN).build()));
  }

  // PendingUnavailabilityTest
  @Test
  void pendingUnavailabilityTest() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    var before = stage.offers(stream);
    assertThat(before).hasSize(1);
    assertThat(before.getFirst().hasUnavailability()).isFalse();
    schedule(MACHINE);
    assertThat(stage.events(stream, Event.Type.RESCIND))
        .singleElement()
        .satisfies(event ->
            assertThat(event.getRescind().getOfferId()).isEqualTo(before.getFirst().getId()));
    stage.pass(INTERVAL);
    assertThat(stage.offers(stream)).hasSize(2);
    assertThat(stage.lastOffer(stream).getUnavailability()).isEqualTo(unavailability);
    assertThat(inverseOffers(stream)).hasSize(1);
    stage.pass(INTERVAL);
    assertThat(stage.offers(stream)).hasSize(2);
    assertThat(inverseOffers(stream)).hasSize(1);
  }

  // PreV1SchedulerSupport: a driver sees when its offers' agents will be away, and no inverse
  // offers, which it does not know.
  @Test
  void preV1SchedulerSupport() {
    stage.register(1, ALL);
    driver(7);
    var offers = stage.sentTo(7, ResourceOffersMessage.class);
    assertThat(offers).hasSize(1);
    assertThat(offers.getFirst().getOffers(0).hasUnavailability()).isFalse();
    schedule(MACHINE);
    assertThat(stage.sentTo(7, RescindResourceOfferMessage.class)).hasSize(1);
    stage.pass(INTERVAL.multipliedBy(2));
    var again = stage.sentTo(7, ResourceOffersMessage.class);
    assertThat(again).hasSize(2);
    assertThat(again.getLast().getOffersList())
        .extracting(Offer::getUnavailability)
        .containsExactly(unavailability);
    assertThat(stage.sent.stream().filter(send -> send.to().equals(Stage.pid(7))))
        .extracting(send -> send.message().getClass().getSimpleName())
        .containsExactly(
            "FrameworkRegisteredMessage",
            "ResourceOffersMessage",
            "RescindResourceOfferMessage",
            "ResourceOffersMessage");
  }

  // EnterMaintenanceMode
  @Test
  void enterMaintenanceMode() {
    var stream = running(Stage.PLAIN);
    schedule(MACHINE);
    assertThat(operate(new OperatorRequest.StartMaintenance(List.of(MACHINE))).status())
        .isEqualTo(200);
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    var lost = stage.lastUpdate(stream);
    assertThat(lost.getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(lost.getSource()).isEqualTo(Source.SOURCE_MASTER);
    assertThat(lost.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
    assertThat(agentsLost(stream)).isEqualTo(1);
    stage.forgetSent();
    stage.register(1, ALL);
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).isEmpty();
    assertThat(operate(new OperatorRequest.StopMaintenance(List.of(MACHINE))).status())
        .isEqualTo(200);
    stage.register(1, ALL);
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).hasSize(1);
  }

  // InverseOffers
  @Test
  void inverseOffers() {
    stage.register(1, ALL);
    schedule(MACHINE);
    assertStatus(Optional.empty());
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.lastOffer(stream).hasUnavailability()).isTrue();
    launch(stream, "t1");
    report(1, stream, "t1", TaskState.TASK_RUNNING);
    stage.pass(INTERVAL);
    assertThat(inverseOffers(stream)).hasSize(1);
    answer(stream, inverseOffers(stream).getLast(), false, 0);
    stage.pass(INTERVAL);
    assertThat(inverseOffers(stream)).hasSize(2);
    assertStatus(Optional.of(InverseOfferStatus.Status.DECLINE));
    answer(stream, inverseOffers(stream).getLast(), true, 0);
    stage.pass(INTERVAL);
    assertThat(inverseOffers(stream)).hasSize(3);
    assertStatus(Optional.of(InverseOfferStatus.Status.ACCEPT));
  }

  private void assertStatus(Optional<InverseOfferStatus.Status> expected) {
    var status = stage.snapshot().maintenance();
    assertThat(status.getDownMachinesCount()).isZero();
    assertThat(status.getDrainingMachinesCount()).isEqualTo(1);
    assertThat(status.getDrainingMachines(0).getId()).isEqualTo(MACHINE);
    assertThat(status.getDrainingMachines(0).getStatusesList())
        .extracting(InverseOfferStatus::getStatus)
        .isEqualTo(expected.stream().toList());
    status
        .getDrainingMachines(0)
        .getStatusesList()
        .forEach(answer ->
            assertThat(answer.getFrameworkId())
                .isEqualTo(stage.snapshot().frameworks().getFirst().info().getId()));
  }

  // InverseOffersFilters
  @Test
  void inverseOffersFilters() {
    for (int port = 1; port <= 2; port++) {
      var registration = Stage.registration(port, ALL).toBuilder();
      registration.getSlaveBuilder().setHostname("host-" + port);
      stage.say(port, registration.build());
    }
    schedule(machine("host-1"), machine("host-2"));
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.offers(stream)).hasSize(2).allMatch(Offer::hasUnavailability);
    var offers = stage.offers(stream);
    for (int i = 0; i < 2; i++) {
      stage.launch(stream, offers.get(i), Stage.task("t" + i, offers.get(i), ALL));
      report(
          offers.get(i).getAgentId().equals(AGENT) ? 1 : 2,
          stream,
          "t" + i,
          TaskState.TASK_RUNNING);
    }
    stage.pass(INTERVAL);
    var asked = inverseOffers(stream);
    assertThat(asked).hasSize(2);
    answer(stream, asked.getLast(), false, INTERVAL.toSeconds() + 100);
    answer(stream, asked.getFirst(), true, 0);
    stage.pass(INTERVAL);
    assertThat(inverseOffers(stream)).hasSize(3);
    assertThat(inverseOffers(stream).getLast().getAgentId())
        .isEqualTo(asked.getFirst().getAgentId());
    answer(stream, inverseOffers(stream).getLast(), false, 0);
    stage.pass(INTERVAL);
    assertThat(inverseOffers(stream)).hasSize(4);
    assertThat(inverseOffers(stream).getLast().getAgentId())
        .isEqualTo(asked.getFirst().getAgentId());
  }

  // AcceptInvalidInverseOffer: of a driver, which cannot have one. The master goes on.
  @Test
  void acceptInvalidInverseOffer() {
    driver(7);
    var registered = stage.sentTo(7, FrameworkRegisteredMessage.class).getFirst();
    stage.feed(
        new MasterEvent.DriverCall(
            Stage.pid(7),
            Call.newBuilder()
                .setType(Call.Type.ACCEPT_INVERSE_OFFERS)
                .setFrameworkId(registered.getFrameworkId())
                .setAcceptInverseOffers(
                    Call.AcceptInverseOffers.newBuilder()
                        .addInverseOfferIds(OfferID.newBuilder().setValue("invalid-inverse-offer")))
                .build()));
    assertThat(stage.failures).isEmpty();
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class)).isEmpty();
    stage.register(1, ALL);
    assertThat(stage.sentTo(7, ResourceOffersMessage.class)).hasSize(1);
  }
}
