// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ResourceState;
import io.meseta.wire.internal.ResourceVersionUUID;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's reservation_tests and persistent_volume_tests about what an agent
/// keeps of its resources, by their names. The agent has `cpus:4;mem:1000;disk:500`.
@Covers({"R04", "R05", "G02"})
class CheckpointedResourcesScenariosTest {
  private static Resource reserved(String name, double amount) {
    return Driver.scalar(name, amount).toBuilder()
        .addReservations(
            ReservationInfo.newBuilder()
                .setType(ReservationInfo.Type.DYNAMIC)
                .setRole("role")
                .setPrincipal("test-principal"))
        .build();
  }

  private static Resource volume(double mb) {
    var result = reserved("disk", mb).toBuilder();
    result
        .getDiskBuilder()
        .getPersistenceBuilder()
        .setId("persistence_id")
        .setPrincipal("test-principal");
    result
        .getDiskBuilder()
        .getVolumeBuilder()
        .setContainerPath("container_path")
        .setMode(Volume.Mode.RW);
    return result.build();
  }

  private static Operation reserve(Resource... resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.RESERVE)
        .setReserve(Operation.Reserve.newBuilder().addAllResources(List.of(resources)))
        .build();
  }

  private static Operation create(Resource volume) {
    return Operation.newBuilder()
        .setType(Operation.Type.CREATE)
        .setCreate(Operation.Create.newBuilder().addVolumes(volume))
        .build();
  }

  private static Resources of(Resource... resources) {
    return ResourceWire.decodeTrusted(List.of(resources));
  }

  /// An agent that was asked for these operations.
  private static Driver after(Operation... operations) {
    var agent = Driver.running();
    agent.reregister();
    var version = agent.sent(UpdateSlaveMessage.class).getLast().getResourceVersionUuid();
    for (var operation : operations) {
      agent.from(
          ApplyOperationMessage.newBuilder()
              .setOperationInfo(operation)
              .setOperationUuid(
                  UUID.newBuilder().setValue(ByteString.copyFromUtf8(operation.getType().name())))
              .setResourceVersionUuid(ResourceVersionUUID.newBuilder().setUuid(version))
              .build());
    }
    return agent;
  }

  /// What the next agent on that host finds; it is a new one when the host was started anew.
  private static RecoveredState left(Driver before, boolean rebooted) throws Exception {
    var info = before.disk().get("/var/agent/meta/slaves/M-S0/slave.info").getFirst();
    var resources =
        before.disk().get("/var/agent/meta/resources/resources_and_operations.state").getFirst();
    return new RecoveredState(
        rebooted ? Optional.empty() : Optional.of(AgentInfo.parseFrom(info)),
        rebooted,
        ResourceState.parseFrom(resources),
        Optional.empty(),
        List.of(),
        List.of(),
        0);
  }

  private static Driver found(Driver driver, RecoveredState state) {
    driver.on(new AgentEvent.Recovered(state));
    driver.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    driver.advance(Duration.ofSeconds(5));
    return driver;
  }

  /// The next agent, with the resources that the flags say now.
  private static Driver restarted(Driver before, Resource... flags) throws Exception {
    var given = Driver.config(false);
    var config =
        new AgentConfig(
            given.self(),
            given.info().toBuilder().clearResources().addAllResources(List.of(flags)).build(),
            given.version(),
            given.workDir(),
            given.ip(),
            given.executorEnvironment(),
            given.switchUser(),
            given.cleanup(),
            given.registrationBackoffFactor(),
            given.executorRegistrationTimeout(),
            given.executorShutdownGracePeriod(),
            given.executorReregistrationTimeout(),
            given.recoveryTimeout(),
            given.gcDelay(),
            given.gcDiskHeadroom(),
            given.diskWatchInterval(),
            given.maxCompletedExecutorsPerFramework());
    return found(new Driver(config), left(before, true));
  }

  private static Resources told(List<Resource> checkpointed) {
    return ResourceWire.decodeTrusted(checkpointed);
  }

  // ReservationTest.ResourcesCheckpointing
  @Test
  void resourcesCheckpointing() throws Exception {
    var before = after(reserve(reserved("cpus", 4), reserved("mem", 500)));
    var next = found(new Driver(), left(before, false));
    assertThat(
            told(next.sent(ReregisterSlaveMessage.class).getFirst().getCheckpointedResourcesList()))
        .isEqualTo(of(reserved("cpus", 4), reserved("mem", 500)));
  }

  // PersistentVolumeTest.ResourcesCheckpointing and PreparePersistentVolume
  @Test
  void resourcesCheckpointingOfVolumes() throws Exception {
    var before = after(reserve(reserved("disk", 200)), create(volume(200)));
    assertThat(before.writes)
        .contains(
            new io.meseta.agent.core.recovery.Write.Folder(
                "/var/agent/volumes/roles/role/persistence_id"));
    var next = found(new Driver(), left(before, false));
    assertThat(
            told(next.sent(ReregisterSlaveMessage.class).getFirst().getCheckpointedResourcesList()))
        .isEqualTo(of(volume(200)));
  }

  // CompatibleCheckpointedResources: more of one, and just enough of the other.
  @Test
  void compatibleCheckpointedResources() throws Exception {
    var before = after(reserve(reserved("cpus", 4), reserved("mem", 500)));
    var next = restarted(before, Driver.scalar("cpus", 12), Driver.scalar("mem", 500));
    assertThat(next.effects(Effect.Exit.class)).isEmpty();
    assertThat(
            told(next.sent(RegisterSlaveMessage.class).getFirst().getCheckpointedResourcesList()))
        .isEqualTo(of(reserved("cpus", 4), reserved("mem", 500)));
  }

  // CompatibleCheckpointedResourcesWithPersistentVolumes
  @Test
  void compatibleCheckpointedResourcesWithPersistentVolumes() throws Exception {
    var before =
        after(
            reserve(reserved("cpus", 4), reserved("mem", 500), reserved("disk", 200)),
            create(volume(200)));
    var next =
        restarted(
            before,
            Driver.scalar("cpus", 12),
            Driver.scalar("mem", 500),
            Driver.scalar("disk", 200));
    assertThat(next.effects(Effect.Exit.class)).isEmpty();
    assertThat(
            told(next.sent(RegisterSlaveMessage.class).getFirst().getCheckpointedResourcesList()))
        .isEqualTo(of(reserved("cpus", 4), reserved("mem", 500), volume(200)));
  }

  // IncompatibleCheckpointedResources of both: the agent refuses to start.
  @Test
  void incompatibleCheckpointedResources() throws Exception {
    for (var operations :
        List.of(
            List.of(reserve(reserved("cpus", 4))),
            List.of(reserve(reserved("disk", 200)), create(volume(200))))) {
      var before = after(operations.toArray(Operation[]::new));
      var next =
          restarted(
              before,
              Driver.scalar("cpus", 2),
              Driver.scalar("mem", 1000),
              Driver.scalar("disk", 100));
      assertThat(next.effects(Effect.Exit.class)).hasSize(1);
      assertThat(
              Stream.concat(
                  next.sent(RegisterSlaveMessage.class).stream(),
                  next.sent(ReregisterSlaveMessage.class).stream()))
          .isEmpty();
    }
  }
}
