// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.InverseOffer;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.allocator.InverseOfferStatus;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Under which machine the answers to inverse offers are shown, and in which order.
@Covers({"M07", "S29"})
class MaintenanceStatusTest {
  private static final MachineID BOTH = machine("Both", "10.0.0.1");
  private static final MachineID BOTH_BY_NAME = machine("both", "");
  private static final MachineID NAMED = machine("named", "");
  private static final MachineID ADDRESS = machine("", "10.0.0.4");
  private static final MachineID EMPTY = machine("empty", "");

  /// An answer, and who gave it for which agent.
  private record Given(String stream, String agent, InverseOfferStatus.Status status) {}

  private final Stage stage = new Stage();
  private final Map<String, Upid> agents = new LinkedHashMap<>();

  private static MachineID machine(String hostname, String ip) {
    var id = MachineID.newBuilder();
    if (!hostname.isEmpty()) {
      id.setHostname(hostname);
    }
    if (!ip.isEmpty()) {
      id.setIp(ip);
    }
    return id.build();
  }

  private String agent(String hostname, String ip) {
    var pid = new Upid("slave(1)", ip, 5051);
    var registration = Stage.registration(5051, "cpus:4;mem:400").toBuilder();
    registration.getSlaveBuilder().setHostname(hostname);
    stage.feed(new MasterEvent.AgentMessage(pid, registration.build()));
    var id = stage.snapshot().agents().getLast().info().getId().getValue();
    agents.put(id, pid);
    return id;
  }

  private void operate(OperatorRequest request) {
    long id = 500 + stage.replies.size();
    stage.feed(new MasterEvent.OperatorCall(id, request));
    assertThat(stage.replies.get(id).status()).isEqualTo(200);
  }

  private void schedule(MachineID... machines) {
    var schedule = Schedule.newBuilder();
    schedule
        .addWindowsBuilder()
        .addAllMachineIds(List.of(machines))
        .getUnavailabilityBuilder()
        .setStart(TimeInfo.newBuilder().setNanoseconds(5));
    operate(new OperatorRequest.UpdateMaintenance(schedule.build()));
  }

  /// A framework with a small task on every agent.
  private String holder() {
    var stream = stage.subscribe(Stage.PLAIN);
    for (int i = 0; i < 3 && stage.offers(stream).size() < agents.size(); i++) {
      stage.pass(Duration.ofSeconds(2));
    }
    for (var offer : stage.offers(stream)) {
      var task = Stage.task("t-" + offer.getId().getValue(), offer, "cpus:1;mem:32");
      assertThat(stage.launch(stream, offer, task).status()).isEqualTo(202);
    }
    stage.call(stream, Call.newBuilder().setType(Call.Type.SUPPRESS));
    return stream;
  }

  private List<InverseOffer> asked(String stream) {
    return stage.events(stream, Event.Type.INVERSE_OFFERS).stream()
        .flatMap(event -> event.getInverseOffers().getInverseOffersList().stream())
        .toList();
  }

  /// Answers the last agent's first, declining every other one.
  private List<Given> answerAll(String stream) {
    var given = new ArrayList<Given>();
    for (var offer : asked(stream).reversed()) {
      boolean accept = given.size() % 2 == 0;
      var call = Call.newBuilder();
      if (accept) {
        call.setType(Call.Type.ACCEPT_INVERSE_OFFERS)
            .getAcceptInverseOffersBuilder()
            .addInverseOfferIds(offer.getId())
            .getFiltersBuilder()
            .setRefuseSeconds(600);
      } else {
        call.setType(Call.Type.DECLINE_INVERSE_OFFERS)
            .getDeclineInverseOffersBuilder()
            .addInverseOfferIds(offer.getId())
            .getFiltersBuilder()
            .setRefuseSeconds(600);
      }
      stage.call(stream, call);
      given.add(
          new Given(
              stream,
              offer.getAgentId().getValue(),
              accept ? InverseOfferStatus.Status.ACCEPT : InverseOfferStatus.Status.DECLINE));
    }
    return given;
  }

  private List<String> expected(List<Given> given, String... agentIds) {
    var result = new ArrayList<String>();
    for (var agent : agentIds) {
      for (var one : given) {
        if (one.agent().equals(agent)) {
          result.add(stage.frameworkId(one.stream()).getValue() + " " + one.status());
        }
      }
    }
    return result;
  }

  private List<String> shown(MachineID machine) {
    return stage.snapshot().maintenance().getDrainingMachinesList().stream()
        .filter(draining -> draining.getId().equals(machine))
        .findFirst()
        .orElseThrow()
        .getStatusesList()
        .stream()
        .map(status -> status.getFrameworkId().getValue() + " " + status.getStatus())
        .toList();
  }

  @Test
  void answersAreShownUnderTheMachineThatStandsForTheAgent() {
    var namedLate = agent("NAMED", "10.0.0.3");
    var both = agent("both", "10.0.0.1");
    var elsewhere = agent("both", "10.0.0.9");
    var named = agent("named", "10.0.0.2");
    var addressed = agent("other", "10.0.0.4");
    var unplanned = agent("unplanned", "10.0.0.7");
    var first = holder();
    var second = holder();
    // What stands for an agent by name and address comes before what does by one of them.
    schedule(EMPTY, BOTH_BY_NAME, ADDRESS, BOTH, NAMED);
    stage.pass(Duration.ofSeconds(2));
    assertThat(asked(first))
        .extracting(offer -> offer.getAgentId().getValue())
        .containsExactlyInAnyOrder(namedLate, both, elsewhere, named, addressed)
        .doesNotContain(unplanned);
    assertThat(asked(second)).hasSize(5);
    var given = answerAll(second);
    given.addAll(answerAll(first));

    assertThat(stage.snapshot().maintenance().getDrainingMachinesList())
        .extracting(ClusterStatus.DrainingMachine::getId)
        .containsExactly(EMPTY, BOTH_BY_NAME, ADDRESS, BOTH, NAMED);
    assertThat(shown(EMPTY)).isEmpty();
    assertThat(shown(BOTH_BY_NAME)).hasSize(2).isEqualTo(expected(given, elsewhere));
    assertThat(shown(ADDRESS)).hasSize(2).isEqualTo(expected(given, addressed));
    assertThat(shown(BOTH)).hasSize(2).isEqualTo(expected(given, both));
    assertThat(shown(NAMED)).hasSize(4).isEqualTo(expected(given, namedLate, named));

    // A machine that is down shows no answers, and its agents are gone.
    operate(new OperatorRequest.StartMaintenance(List.of(ADDRESS)));
    assertThat(stage.sent).anyMatch(send -> send.message() instanceof ShutdownMessage);
    assertThat(stage.snapshot().maintenance().getDownMachinesList()).containsExactly(ADDRESS);
    assertThat(stage.snapshot().maintenance().getDrainingMachinesCount()).isEqualTo(4);

    // Answers go with the agent they are about, and with the framework that gave them.
    stage.feed(
        new MasterEvent.AgentMessage(
            agents.get(namedLate),
            UnregisterSlaveMessage.newBuilder()
                .setSlaveId(AgentID.newBuilder().setValue(namedLate))
                .build()));
    assertThat(shown(NAMED)).hasSize(2).isEqualTo(expected(given, named));
    stage.call(first, Call.newBuilder().setType(Call.Type.TEARDOWN));
    given.removeIf(one -> one.stream().equals(first));
    assertThat(shown(NAMED)).hasSize(1).isEqualTo(expected(given, named));
    assertThat(shown(BOTH)).hasSize(1).isEqualTo(expected(given, both));
  }
}
