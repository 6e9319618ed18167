// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static io.meseta.master.core.Cluster.launch;
import static io.meseta.master.core.Cluster.of;
import static io.meseta.master.core.Cluster.parse;
import static io.meseta.master.core.Cluster.reserve;
import static io.meseta.master.core.Cluster.unreserve;
import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's reservation_tests, by their names, but for those about the agent's
/// disk.
@Covers({"S26", "R04", "U03"})
class ReservationScenariosTest {
  private static final String PRINCIPAL = "test-principal";
  private static final FrameworkInfo FRAMEWORK = in("role");

  private static final String ANYBODY_RESERVES =
      "\"reserve_resources\":[{\"principals\":{\"values\":[\"test-principal\"]},\"roles\":{\"type\":\"ANY\"}}]";
  private static final String NOBODY_UNRESERVES =
      "\"unreserve_resources\":[{\"principals\":{\"values\":[\"test-principal\"]},"
          + "\"reserver_principals\":{\"type\":\"NONE\"}}]";

  private static FrameworkInfo in(String role) {
    return Stage.with(
            Stage.PLAIN, Capability.Type.MULTI_ROLE, Capability.Type.RESERVATION_REFINEMENT)
        .toBuilder()
        .addRoles(role)
        .setPrincipal(PRINCIPAL)
        .build();
  }

  private static List<Resource> reserved(String text, String role, String principal) {
    var reservation =
        ReservationInfo.newBuilder().setType(ReservationInfo.Type.DYNAMIC).setRole(role);
    if (!principal.isEmpty()) {
      reservation.setPrincipal(principal);
    }
    return ResourceWire.encode(parse(text), ResourceWire.Format.POST).stream()
        .map(resource -> resource.toBuilder().addReservations(reservation).build())
        .toList();
  }

  private static List<Resource> reserved(String text) {
    return reserved(text, "role", PRINCIPAL);
  }

  private static void reserveThenUnreserve(Cluster cluster, String principal) {
    var reserved = reserved("cpus:1;mem:512", "role", principal);
    cluster.assertOffered(parse("cpus:1;mem:512"));
    cluster.accept(reserve(reserved));
    cluster.assertOffered(of(reserved));
    cluster.accept(unreserve(reserved));
    cluster.assertOffered(parse("cpus:1;mem:512"));
  }

  // ReserveThenUnreserve
  @Test
  void reserveThenUnreserve() {
    reserveThenUnreserve(new Cluster(FRAMEWORK, "cpus:1;mem:512"), PRINCIPAL);
  }

  // ReserveTwiceWithDoubleValue
  @Test
  void reserveTwiceWithDoubleValue() {
    var cluster = new Cluster(FRAMEWORK, "cpus:24;mem:4096");
    var reserved = reserved("cpus:0.1;mem:512");
    cluster.accept(reserve(reserved));
    assertThat(cluster.offered().contains(of(reserved))).isTrue();
    cluster.accept(reserve(reserved));
    cluster.assertOffered(of(reserved("cpus:0.2;mem:1024")).plus(parse("cpus:23.8;mem:3072")));
  }

  // ReserveAndLaunchThenUnreserve
  @Test
  void reserveAndLaunchThenUnreserve() {
    var cluster = new Cluster(FRAMEWORK, "cpus:1;mem:512");
    var reserved = reserved("cpus:1;mem:512");
    var offer = cluster.stage.lastOffer(cluster.stream);
    cluster.assertOffered(parse("cpus:1;mem:512"));
    cluster.stage.accept(
        cluster.stream, List.of(offer), reserve(reserved), launch("t1", offer, reserved));
    assertThat(cluster.stage.knownTask("t1")).isPresent();
    cluster.report(1, cluster.stream, "t1", TaskState.TASK_FINISHED);
    cluster.stage.pass(Duration.ofSeconds(1));
    cluster.assertOffered(of(reserved));
    cluster.accept(unreserve(reserved));
    cluster.assertOffered(parse("cpus:1;mem:512"));
  }

  // ReserveShareWithinRole
  @Test
  void reserveShareWithinRole() {
    var cluster = new Cluster(FRAMEWORK, "cpus:1;mem:512");
    var reserved = reserved("cpus:1;mem:512");
    cluster.accept(reserve(reserved));
    cluster.assertOffered(of(reserved));
    cluster.declineForEver(cluster.stream);
    var second = cluster.stage.subscribe(FRAMEWORK);
    cluster.stage.pass(Duration.ofSeconds(1));
    assertThat(cluster.offered(second)).isEqualTo(of(reserved));
  }

  // DropReserveTooLarge
  @Test
  void dropReserveTooLarge() {
    var cluster = new Cluster(FRAMEWORK, "cpus:1;mem:512");
    cluster.accept(reserve(reserved("cpus:1;mem:1024")));
    cluster.assertOffered(parse("cpus:1;mem:512"));
  }

  // MasterFailover: the agent brings its reservations.
  @Test
  void masterFailover() {
    var cluster = new Cluster(FRAMEWORK, "cpus:8;mem:2048");
    var stage = cluster.stage;
    var reserved = reserved("cpus:8;mem:2048");
    var info = cluster.info(cluster.stream);
    cluster.accept(reserve(reserved));
    stage.elect("m2");
    stage.say(
        1,
        io.meseta.wire.internal.ReregisterSlaveMessage.newBuilder()
            .setSlave(Stage.agentInfo(1, "cpus:8;mem:2048").toBuilder().setId(Scenario.AGENT))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .addAllCheckpointedResources(reserved)
            .build());
    var back = stage.subscribe(info);
    assertThat(cluster.offered(back)).isEqualTo(of(reserved));
  }

  // GoodACLReserveThenUnreserve
  @Test
  void goodAclReserveThenUnreserve() {
    var acls =
        "{"
            + ANYBODY_RESERVES
            + ",\"unreserve_resources\":[{\"principals\":{\"values\":[\"test-principal\"]},"
            + "\"reserver_principals\":{\"values\":[\"test-principal\"]}}]}";
    reserveThenUnreserve(new Cluster(acls, FRAMEWORK, "cpus:1;mem:512"), PRINCIPAL);
  }

  // BadACLDropReserve
  @Test
  void badAclDropReserve() {
    var acls =
        "{\"reserve_resources\":[{\"principals\":{\"type\":\"NONE\"},\"roles\":{\"type\":\"ANY\"}}]}";
    var cluster = new Cluster(acls, FRAMEWORK, "cpus:1;mem:512");
    cluster.accept(reserve(reserved("cpus:1;mem:512")));
    cluster.assertOffered(parse("cpus:1;mem:512"));
  }

  // BadACLDropUnreserve: what comes after what is forbidden is done all the same.
  @Test
  void badAclDropUnreserve() {
    var cluster =
        new Cluster(
            "{" + ANYBODY_RESERVES + "," + NOBODY_UNRESERVES + "}", FRAMEWORK, "cpus:2;mem:1024");
    var first = reserved("cpus:1;mem:512");
    var second = reserved("cpus:0.5;mem:256");
    cluster.assertOffered(parse("cpus:2;mem:1024"));
    cluster.accept(reserve(first));
    cluster.assertOffered(of(first).plus(parse("cpus:1;mem:512")));
    cluster.accept(unreserve(first), reserve(second));
    cluster.assertOffered(of(first).plus(of(second)).plus(parse("cpus:0.5;mem:256")));
  }

  // ACLMultipleOperations
  @Test
  void aclMultipleOperations() {
    var cluster =
        new Cluster(
            "{" + ANYBODY_RESERVES + "," + NOBODY_UNRESERVES + "}", FRAMEWORK, "cpus:2;mem:1024");
    var stage = cluster.stage;
    var first = reserved("cpus:1;mem:512");
    var second = reserved("cpus:0.5;mem:256");
    var all = of(first).plus(of(second)).plus(parse("cpus:0.5;mem:256"));
    cluster.accept(reserve(first));
    cluster.assertOffered(of(first).plus(parse("cpus:1;mem:512")));
    cluster.accept(
        unreserve(first), reserve(second), launch("t1", stage.lastOffer(cluster.stream), second));
    assertThat(cluster.report(1, cluster.stream, "t1", TaskState.TASK_FINISHED).getState())
        .isEqualTo(TaskState.TASK_FINISHED);
    cluster.summon(cluster.stream);
    cluster.assertOffered(all);
    var offer = stage.lastOffer(cluster.stream);
    stage.accept(
        cluster.stream,
        List.of(offer),
        unreserve(first),
        unreserve(second),
        launch("t2", offer, first));
    assertThat(stage.knownTask("t2")).isPresent();
    assertThat(cluster.report(1, cluster.stream, "t2", TaskState.TASK_FINISHED).getState())
        .isEqualTo(TaskState.TASK_FINISHED);
    cluster.summon(cluster.stream);
    cluster.assertOffered(all);
  }

  // WithoutAuthenticationWithoutPrincipal
  @Test
  void withoutAuthenticationWithoutPrincipal() {
    var nobody = FRAMEWORK.toBuilder().clearPrincipal().build();
    reserveThenUnreserve(new Cluster("{}", nobody, "cpus:1;mem:512"), "");
  }

  // WithoutAuthenticationWithPrincipal
  @Test
  void withoutAuthenticationWithPrincipal() {
    reserveThenUnreserve(new Cluster("{}", FRAMEWORK, "cpus:1;mem:512"), PRINCIPAL);
  }

  // DropReserveWithDifferentRole
  @Test
  void dropReserveWithDifferentRole() {
    var cluster = new Cluster(FRAMEWORK, "cpus:1;mem:512");
    cluster.accept(reserve(reserved("cpus:1;mem:512", "foo", PRINCIPAL)));
    cluster.assertOffered(parse("cpus:1;mem:512"));
  }

  // PreventUnreservingAlienResources
  @Test
  void preventUnreservingAlienResources() {
    var cluster = new Cluster("{}", in("role1"), "cpus:1;mem:512");
    var stage = cluster.stage;
    var reserved = reserved("mem:256", "role1", PRINCIPAL);
    cluster.accept(reserve(reserved));
    cluster.assertOffered(of(reserved).plus(parse("cpus:1;mem:256")));
    cluster.declineForEver(cluster.stream);
    var second = stage.subscribe(in("role2"));
    assertThat(cluster.offered(second)).isEqualTo(parse("cpus:1;mem:256"));
    cluster.accept(second, unreserve(reserved));
    assertThat(cluster.offered(second)).isEqualTo(parse("cpus:1;mem:256"));
    cluster.declineForEver(second);
    stage.call(cluster.stream, Call.newBuilder().setType(Call.Type.REVIVE));
    stage.pass(Duration.ofSeconds(1));
    cluster.assertOffered(of(reserved).plus(parse("cpus:1;mem:256")));
  }

  // SendingCheckpointResourcesMessage: one for each operation, with all that is reserved by then.
  @Test
  void sendingCheckpointResourcesMessage() {
    var registration =
        Stage.registration(1, "cpus:8;mem:4096").toBuilder().clearAgentCapabilities();
    Stage.capabilities().stream()
        .filter(capability ->
            capability.getType() != AgentInfo.Capability.Type.RESOURCE_PROVIDER
                && capability.getType() != AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK)
        .forEach(registration::addAgentCapabilities);
    var cluster = new Cluster("{}", FRAMEWORK, registration.build());
    var first = reserved("cpus:8");
    var second = reserved("mem:2048");
    cluster.accept(reserve(first), reserve(second), unreserve(first));
    assertThat(cluster.stage.sentTo(1, CheckpointResourcesMessage.class))
        .extracting(message -> of(message.getResourcesList()))
        .containsExactly(of(first), of(first).plus(of(second)), of(second));
  }
}
