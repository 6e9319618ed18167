// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's reservation_endpoints_tests, by their names. The agent has
/// `cpus:4;mem:6000` and more; operators are `boss` and `guest`.
@Covers({"L04", "U01", "U03", "R04"})
class ReservationEndpointScenariosTest extends EndpointScenario {
  private static final String FRAMEWORK =
      Client.subscribeCall(
          Map.of(
              "roles", "[\"role\"]",
              "capabilities", "[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]"));
  private static final String FAST = "--allocation_interval=50ms";

  private FakeAgent agent;

  private void startWithAgent(String acls) throws Exception {
    start(acls, FAST);
    agent = agent();
  }

  private static Resources parse(String text) {
    try {
      return ResourceText.parse(text, "*");
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  private static List<Resource> reserved(String text, ReservationInfo.Builder reservation) {
    return ResourceWire.encode(parse(text), Format.POST).stream()
        .map(resource -> resource.toBuilder().addReservations(reservation).build())
        .toList();
  }

  private static ReservationInfo.Builder by(String principal, String role) {
    var result = ReservationInfo.newBuilder().setType(ReservationInfo.Type.DYNAMIC).setRole(role);
    return principal.isEmpty() ? result : result.setPrincipal(principal);
  }

  /// Reserved by the boss for the framework's role.
  private static List<Resource> reserved(String text) {
    return reserved(text, by("boss", "role"));
  }

  private static Resources of(List<Resource> resources) {
    return ResourceWire.decodeTrusted(resources);
  }

  /// As it comes from curl: not escaped.
  private String form(List<Resource> resources) {
    return "slaveId="
        + agent.id.getValue()
        + "&resources=["
        + resources.stream()
            .map(resource ->
                new String(Json.write(resource), java.nio.charset.StandardCharsets.UTF_8))
            .collect(Collectors.joining(","))
        + "]";
  }

  private int reserve(String who, List<Resource> resources) throws Exception {
    return post(who, "/reserve", form(resources));
  }

  private int unreserve(String who, List<Resource> resources) throws Exception {
    return post(who, "/unreserve", form(resources));
  }

  private static Resources offered(Offer offer) {
    return ResourceWire.decodeTrusted(offer.getResourcesList()).unallocate();
  }

  private static Offer offer(Client.Scheduler scheduler) throws Exception {
    return scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
  }

  /// The offer after the one that is taken back.
  private static Offer another(Client.Scheduler scheduler, Offer before) throws Exception {
    assertThat(scheduler.await(Event.Type.RESCIND).getRescind().getOfferId())
        .isEqualTo(before.getId());
    scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
    return offer(scheduler);
  }

  // AvailableResources
  @Test
  void availableResources() throws Exception {
    startWithAgent("{}");
    var reserved = reserved("cpus:1;mem:512");
    assertThat(reserve(BOSS, reserved)).isEqualTo(202);
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offer = offer(scheduler);
      assertThat(offered(offer).contains(of(reserved))).isTrue();
      scheduler.call(
          Call.newBuilder()
              .setType(Call.Type.DECLINE)
              .setDecline(
                  Call.Decline.newBuilder()
                      .addOfferIds(offer.getId())
                      .setFilters(Filters.newBuilder().setRefuseSeconds(1000))));
      assertThat(unreserve(BOSS, reserved)).isEqualTo(202);
      scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
      var again = offered(offer(scheduler));
      assertThat(again.reserved().isEmpty()).isTrue();
      assertThat(again.contains(parse("cpus:4;mem:6000"))).isTrue();
    }
  }

  // ReserveOfferedResources
  @Test
  void reserveOfferedResources() throws Exception {
    startWithAgent("{}");
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offer = offer(scheduler);
      assertThat(offered(offer).contains(parse("cpus:4;mem:6000"))).isTrue();
      assertThat(reserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
      assertThat(offered(another(scheduler, offer)).reservedTo("role"))
          .isEqualTo(of(reserved("cpus:1;mem:512")));
    }
  }

  // UnreserveOfferedResources
  @Test
  void unreserveOfferedResources() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offer = offer(scheduler);
      assertThat(offered(offer).contains(of(reserved("cpus:1;mem:512")))).isTrue();
      assertThat(unreserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
      var again = offered(another(scheduler, offer));
      assertThat(again.reserved().isEmpty()).isTrue();
      assertThat(again.contains(parse("cpus:4;mem:6000"))).isTrue();
    }
  }

  /// A task takes `cpus:4;mem:1000` and ends while the rest is offered.
  private void endATask(Client.Scheduler scheduler, List<Resource> resources) throws Exception {
    var first = offer(scheduler);
    var task =
        SchedulerEndpointTest.task("t1", first).toBuilder()
            .clearResources()
            .addAllResources(resources)
            .build();
    scheduler.call(SchedulerEndpointTest.launch(first, task));
    var framework = agent.awaitTask().getFramework().getId();
    scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
    assertThat(offered(offer(scheduler)).cpus()).isZero();
    for (var state : List.of(TaskState.TASK_RUNNING, TaskState.TASK_KILLED)) {
      var status = agent.update(pid(), framework, task.getTaskId(), state);
      assertThat(scheduler.await(Event.Type.UPDATE).getUpdate().getStatus().getState())
          .isEqualTo(state);
      var acknowledge = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE);
      acknowledge
          .getAcknowledgeBuilder()
          .setAgentId(agent.id)
          .setTaskId(task.getTaskId())
          .setUuid(status.getUuid());
      assertThat(scheduler.call(acknowledge).statusCode()).isEqualTo(202);
    }
  }

  /// What is offered when all is offered at once.
  private static Resources summon(Client.Scheduler scheduler, Resources expected) throws Exception {
    scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
    var sum = Resources.EMPTY;
    while (!sum.contains(expected)) {
      for (var offer : scheduler.await(Event.Type.OFFERS).getOffers().getOffersList()) {
        sum = sum.plus(offered(offer));
      }
    }
    return sum;
  }

  // ReserveAvailableAndOfferedResources
  @Test
  void reserveAvailableAndOfferedResources() throws Exception {
    startWithAgent("{}");
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      endATask(scheduler, ResourceWire.encode(parse("cpus:4;mem:1000"), Format.POST));
      assertThat(reserve(BOSS, reserved("cpus:4;mem:6000"))).isEqualTo(202);
      var unused = scheduler.await(Event.Type.RESCIND);
      var expected = of(reserved("cpus:4;mem:6000"));
      assertThat(summon(scheduler, expected).reserved()).isEqualTo(expected);
    }
  }

  // UnreserveAvailableAndOfferedResources
  @Test
  void unreserveAvailableAndOfferedResources() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(BOSS, reserved("cpus:4;mem:6000"))).isEqualTo(202);
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      endATask(scheduler, reserved("cpus:4;mem:1000"));
      assertThat(unreserve(BOSS, reserved("cpus:4;mem:6000"))).isEqualTo(202);
      var unused = scheduler.await(Event.Type.RESCIND);
      assertThat(summon(scheduler, parse("cpus:4;mem:6000")).reserved().isEmpty()).isTrue();
    }
  }

  private static ReservationInfo.Builder labelled(String value) {
    return by("boss", "role")
        .setLabels(Labels.newBuilder().addLabels(Label.newBuilder().setKey("foo").setValue(value)));
  }

  // LabeledResources
  @Test
  void labeledResources() throws Exception {
    startWithAgent("{}");
    var first = reserved("cpus:2;mem:3000", labelled("bar"));
    var second = reserved("cpus:2;mem:3000", labelled("baz"));
    assertThat(reserve(BOSS, first)).isEqualTo(202);
    assertThat(reserve(BOSS, second)).isEqualTo(202);
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offer = offer(scheduler);
      assertThat(offered(offer).contains(of(first))).isTrue();
      assertThat(offered(offer).contains(of(second))).isTrue();
      assertThat(unreserve(BOSS, first)).isEqualTo(202);
      var next = another(scheduler, offer);
      assertThat(offered(next).contains(parse("cpus:4;mem:6000"))).isFalse();
      assertThat(offered(next).contains(parse("cpus:2;mem:3000"))).isTrue();
      assertThat(offered(next).contains(of(first))).isFalse();
      assertThat(offered(next).contains(of(second))).isTrue();
      assertThat(unreserve(BOSS, first)).as("again").isEqualTo(409);
      assertThat(unreserve(BOSS, second)).isEqualTo(202);
      var last = another(scheduler, next);
      assertThat(offered(last).contains(parse("cpus:4;mem:6000"))).isTrue();
      assertThat(offered(last).reserved().isEmpty()).isTrue();
    }
  }

  // InvalidResource
  @Test
  void invalidResource() throws Exception {
    startWithAgent("{}");
    var body = form(reserved("cpus:4", by("boss", "*")));
    for (var path : List.of("/reserve", "/unreserve")) {
      var answer = send(BOSS, "POST", path, body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("Invalid reservation: role \"*\" cannot be reserved");
    }
  }

  // InsufficientResources
  @Test
  void insufficientResources() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(BOSS, reserved("cpus:40;mem:4096"))).isEqualTo(409);
    assertThat(unreserve(BOSS, reserved("cpus:40;mem:4096"))).isEqualTo(409);
  }

  // NoHeader
  @Test
  void noHeader() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(NOBODY, reserved("cpus:1;mem:512"))).isEqualTo(401);
    assertThat(unreserve(NOBODY, reserved("cpus:1;mem:512"))).isEqualTo(401);
  }

  // BadCredentials
  @Test
  void badCredentials() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(BAD, reserved("cpus:1;mem:512"))).isEqualTo(401);
    assertThat(unreserve(BAD, reserved("cpus:1;mem:512"))).isEqualTo(401);
  }

  // GoodReserveAndUnreserveACL
  @Test
  void goodReserveAndUnreserveAcl() throws Exception {
    startWithAgent(
        "{\"reserve_resources\":[{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"type\":\"ANY\"}}],"
            + "\"unreserve_resources\":[{\"principals\":{\"values\":[\"boss\"]},"
            + "\"reserver_principals\":{\"values\":[\"boss\"]}}]}");
    assertThat(reserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
    assertThat(unreserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
  }

  private static List<Resource> ofTwoRoles(String one, String two) {
    return java.util.stream.Stream.of(one, two)
        .flatMap(role -> reserved("cpus:1;mem:512", by("boss", role)).stream())
        .toList();
  }

  // GoodReserveACLMultipleRoles
  @Test
  void goodReserveAclMultipleRoles() throws Exception {
    startWithAgent(
        "{\"reserve_resources\":[{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"type\":\"ANY\"}}]}");
    assertThat(reserve(BOSS, ofTwoRoles("jedi_master", "sith_lord"))).isEqualTo(202);
  }

  // BadReserveACL
  @Test
  void badReserveAcl() throws Exception {
    startWithAgent(
        "{\"reserve_resources\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"NONE\"}}]}");
    assertThat(reserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(403);
  }

  // BadUnreserveACL
  @Test
  void badUnreserveAcl() throws Exception {
    startWithAgent(
        "{\"unreserve_resources\":[{\"principals\":{\"type\":\"ANY\"},\"reserver_principals\":"
            + "{\"type\":\"NONE\"}}]}");
    assertThat(reserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(202);
    assertThat(unreserve(BOSS, reserved("cpus:1;mem:512"))).isEqualTo(403);
  }

  // BadReserveACLMultipleRoles
  @Test
  void badReserveAclMultipleRoles() throws Exception {
    startWithAgent(
        "{\"reserve_resources\":["
            + "{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"values\":[\"panda\"]}},"
            + "{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"type\":\"NONE\"}}]}");
    assertThat(reserve(BOSS, ofTwoRoles("panda", "giraffe"))).isEqualTo(403);
  }

  // NoSlaveId
  @Test
  void noSlaveId() throws Exception {
    startWithAgent("{}");
    var form = form(reserved("cpus:1;mem:512"));
    var body = form.substring(form.indexOf('&') + 1);
    assertThat(post(BOSS, "/reserve", body)).isEqualTo(400);
    assertThat(post(BOSS, "/unreserve", body)).isEqualTo(400);
  }

  // NoResources
  @Test
  void noResources() throws Exception {
    startWithAgent("{}");
    var body = "slaveId=" + agent.id.getValue();
    assertThat(post(BOSS, "/reserve", body)).isEqualTo(400);
    assertThat(post(BOSS, "/unreserve", body)).isEqualTo(400);
  }

  // NonMatchingPrincipal
  @Test
  void nonMatchingPrincipal() throws Exception {
    startWithAgent("{}");
    assertThat(reserve(BOSS, reserved("cpus:1;mem:512", by("badPrincipal", "role"))))
        .isEqualTo(400);
  }

  // ReserveAndUnreserveNoAuthentication
  @Test
  void reserveAndUnreserveNoAuthentication() throws Exception {
    startOpen("{}");
    agent = agent();
    for (var reservation : List.of(by("", "role"), by("boss", "role"))) {
      var reserved = reserved("cpus:1;mem:512", reservation);
      assertThat(reserve(NOBODY, reserved)).isEqualTo(202);
      assertThat(unreserve(NOBODY, reserved)).isEqualTo(202);
    }
  }

  // DifferentPrincipalsSameRole
  @Test
  void differentPrincipalsSameRole() throws Exception {
    startWithAgent("{}");
    var bosses = reserved("cpus:2;mem:3000", by("boss", "role"));
    var guests = reserved("cpus:2;mem:3000", by("guest", "role"));
    assertThat(reserve(BOSS, bosses)).isEqualTo(202);
    assertThat(reserve(GUEST, guests)).isEqualTo(202);
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offered = offered(offer(scheduler));
      assertThat(offered.contains(of(bosses))).isTrue();
      assertThat(offered.contains(of(guests))).isTrue();
    }
  }
}
