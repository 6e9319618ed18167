// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ResourceVersionUUID;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.Volume;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Scenarios of the original's persistent_volume_tests and reservation_endpoints_tests that need a
/// whole agent, by their names; on disks of the agent's own.
@Covers({"R05", "V07", "L08"})
class VolumeScenariosTest {
  private static final FrameworkInfo PLAIN = FakeMaster.framework("F1", false);
  private static final FrameworkInfo KEPT = FakeMaster.framework("F2", true);
  private static final String RESOURCES = "--resources=cpus:2;mem:1024;disk(role):4096";

  @TempDir Path root;
  private int operations;

  @AfterEach
  void killLeftovers() throws Exception {
    Agents.killAll(root);
  }

  private static Resource disk(double mb) {
    return FakeMaster.scalar("disk", mb).toBuilder()
        .clearAllocationInfo()
        .addReservations(
            ReservationInfo.newBuilder().setType(ReservationInfo.Type.STATIC).setRole("role"))
        .build();
  }

  private static Resource volume(double mb, String id, String path) {
    var result = disk(mb).toBuilder();
    result.getDiskBuilder().getPersistenceBuilder().setId(id).setPrincipal("test-principal");
    result.getDiskBuilder().getVolumeBuilder().setContainerPath(path).setMode(Volume.Mode.RW);
    return result.build();
  }

  private static Resource allocated(Resource resource) {
    var result = resource.toBuilder();
    result.getAllocationInfoBuilder().setRole("role");
    return result.build();
  }

  private static Operation create(Resource volume) {
    return Operation.newBuilder()
        .setType(Operation.Type.CREATE)
        .setCreate(Operation.Create.newBuilder().addVolumes(volume))
        .build();
  }

  private static Operation destroy(Resource volume) {
    return Operation.newBuilder()
        .setType(Operation.Type.DESTROY)
        .setDestroy(Operation.Destroy.newBuilder().addVolumes(volume))
        .build();
  }

  private void apply(FakeMaster master, UUID version, Operation operation) throws Exception {
    master.send(
        ApplyOperationMessage.newBuilder()
            .setOperationInfo(operation)
            .setOperationUuid(
                UUID.newBuilder()
                    .setValue(ByteString.copyFromUtf8("operation%07d".formatted(++operations))))
            .setResourceVersionUuid(ResourceVersionUUID.newBuilder().setUuid(version))
            .build());
    assertThat(master.next(UpdateOperationStatusMessage.class).getStatus().getState())
        .isEqualTo(OperationState.OPERATION_FINISHED);
  }

  private Path volumePath(String id) {
    return root.resolve("work/volumes/roles/role/" + id);
  }

  private static void runsToItsEnd(FakeMaster master, String task) throws Exception {
    for (var state :
        List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED)) {
      assertThat(master.next(task, state).getTaskId().getValue()).isEqualTo(task);
    }
  }

  // AccessPersistentVolume: the link to the volume stays in the sandbox; the original takes it away
  // when the task has ended.
  @Test
  void accessPersistentVolume() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root, RESOURCES)) {
      var version = master.next(UpdateSlaveMessage.class).getResourceVersionUuid();
      var volume = volume(2048, "id1", "path1");
      apply(master, version, create(volume));
      master.run(
          PLAIN, FakeMaster.task("t", "echo abc > path1/file").addResources(allocated(volume)));
      runsToItsEnd(master, "t");
      assertThat(volumePath("id1").resolve("file")).hasContent("abc\n");
      apply(master, version, destroy(volume));
      assertThat(volumePath("id1")).doesNotExist();
      assertThat(agent.ended()).isNotDone();
    }
  }

  // SharedPersistentVolumeMultipleTasks
  @Test
  void sharedPersistentVolumeMultipleTasks() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root, RESOURCES)) {
      var version = master.next(UpdateSlaveMessage.class).getResourceVersionUuid();
      var volume =
          volume(64, "id1", "path1").toBuilder()
              .setShared(Resource.SharedInfo.getDefaultInstance())
              .build();
      apply(master, version, create(volume));
      for (int i = 1; i <= 2; i++) {
        master.run(
            PLAIN,
            FakeMaster.task("t" + i, "echo task" + i + " > path1/file" + i)
                .addResources(allocated(disk(32 * i)))
                .addResources(allocated(volume)));
      }
      runsToItsEnd(master, "t1");
      runsToItsEnd(master, "t2");
      assertThat(volumePath("id1").resolve("file1")).hasContent("task1\n");
      assertThat(volumePath("id1").resolve("file2")).hasContent("task2\n");
      assertThat(agent.ended()).isNotDone();
    }
  }

  // SlaveRecovery: a task that ends when it does not see its volume goes on.
  @Test
  void slaveRecovery() throws Exception {
    var port = "--port=" + Agents.freePort();
    try (var master = new FakeMaster()) {
      var volume = volume(2048, "id1", "path1");
      try (var agent = Agents.start(master, root, RESOURCES, port)) {
        var version = master.next(UpdateSlaveMessage.class).getResourceVersionUuid();
        apply(master, version, create(volume));
        master.run(
            KEPT,
            FakeMaster.task("t", "while test -d path1; do sleep 0.05; done; exit 1")
                .addResources(allocated(volume)));
        master.next("t", TaskState.TASK_STARTING);
        master.next("t", TaskState.TASK_RUNNING);
        assertThat(agent.ended()).isNotDone();
      }
      try (var agent = Agents.start(master, root, RESOURCES, port)) {
        var back = master.next(ReregisterSlaveMessage.class);
        assertThat(back.getTasksList())
            .singleElement()
            .satisfies(task -> assertThat(task.getState()).isEqualTo(TaskState.TASK_RUNNING));
        assertThat(back.getCheckpointedResourcesCount()).isEqualTo(1);
        assertThat(volumePath("id1")).isDirectory();
        master.kill("F2", "t", Duration.ofSeconds(1));
        // Whatever it ends with comes once, and first.
        assertThat(master.next("t", TaskState.TASK_KILLED).getTaskId().getValue()).isEqualTo("t");
        assertThat(agent.ended()).isNotDone();
      }
    }
  }

  private static final String STATIC =
      ",\"reservations\":[{\"type\":\"STATIC\",\"role\":\"role\"}]";
  private static final String DYNAMIC =
      ",\"reservation\":{\"principal\":\"test-principal\"},\"reservations\":[{\"type\":\"DYNAMIC\","
          + "\"role\":\"role1\",\"principal\":\"test-principal\"}]";

  private static String full(String name, int value, String role, String more) {
    return "{\"name\":\"%s\",\"type\":\"SCALAR\",\"scalar\":{\"value\":%d.0},\"role\":\"%s\"%s}"
        .formatted(name, value, role, more);
  }

  // ReservationEndpointsTest.AgentStateEndpointResources
  @Test
  void agentStateEndpointResources() throws Exception {
    try (var master = new FakeMaster();
        var agent =
            Agents.start(
                master,
                root,
                "--resources=cpus:4;mem:2048;disk:4096;ports:[31000-32000];cpus(role):2;mem(role):512")) {
      var version = master.next(UpdateSlaveMessage.class).getResourceVersionUuid();
      var reserve = Operation.newBuilder().setType(Operation.Type.RESERVE);
      for (var wanted : List.of("cpus 1", "mem 512", "disk 1024")) {
        var pair = wanted.split(" ", -1);
        reserve
            .getReserveBuilder()
            .addResources(
                FakeMaster.scalar(pair[0], Double.parseDouble(pair[1])).toBuilder()
                    .clearAllocationInfo()
                    .addReservations(
                        ReservationInfo.newBuilder()
                            .setType(ReservationInfo.Type.DYNAMIC)
                            .setRole("role1")
                            .setPrincipal("test-principal")));
      }
      apply(master, version, reserve.build());
      var task = FakeMaster.task("t", "sleep 1000").clearResources();
      for (var used : List.of("cpus 2", "mem 512")) {
        var pair = used.split(" ", -1);
        task.addResources(
            allocated(
                FakeMaster.scalar(pair[0], Double.parseDouble(pair[1])).toBuilder()
                    .addReservations(
                        ReservationInfo.newBuilder()
                            .setType(ReservationInfo.Type.STATIC)
                            .setRole("role"))
                    .build()));
      }
      task.addResources(allocated(FakeMaster.scalar("cpus", 2)))
          .addResources(allocated(FakeMaster.scalar("mem", 1024)));
      master.run(PLAIN, task);
      master.next("t", TaskState.TASK_RUNNING);
      var state = Agents.get(agent, "/state").body();
      assertThat(state)
          .contains(
              "\"reserved_resources\":{\"role\":{\"cpus\":2.0,\"gpus\":0.0,\"mem\":512.0,\"disk\":0.0},"
                  + "\"role1\":{\"cpus\":1.0,\"gpus\":0.0,\"mem\":512.0,\"disk\":1024.0}},",
              "\"reserved_resources_allocated\":{\"role\":"
                  + "{\"cpus\":2.0,\"gpus\":0.0,\"mem\":512.0,\"disk\":0.0}},",
              "\"unreserved_resources\":{\"cpus\":3.0,\"gpus\":0.0,\"mem\":1536.0,\"disk\":3072.0,"
                  + "\"ports\":\"[31000-32000]\"},",
              // The executor has 0.1 cpus and 32 MB for itself.
              "\"unreserved_resources_allocated\":"
                  + "{\"cpus\":2.1,\"gpus\":0.0,\"mem\":1056.0,\"disk\":0.0},",
              "\"reserved_resources_full\":{\"role\":["
                  + full("cpus", 2, "role", STATIC)
                  + ","
                  + full("mem", 512, "role", STATIC)
                  + "],\"role1\":["
                  + full("cpus", 1, "role1", DYNAMIC)
                  + ","
                  + full("mem", 512, "role1", DYNAMIC)
                  + ","
                  + full("disk", 1024, "role1", DYNAMIC)
                  + "]},",
              "\"unreserved_resources_full\":["
                  + full("cpus", 3, "*", "")
                  + ","
                  + full("mem", 1536, "*", "")
                  + ","
                  + full("disk", 3072, "*", "")
                  + ",{\"name\":\"ports\",\"type\":\"RANGES\",\"ranges\":{\"range\":[{\"begin\":31000,"
                  + "\"end\":32000}]},\"role\":\"*\"}],");
      master.kill("F1", "t", Duration.ofSeconds(1));
      master.next("t", TaskState.TASK_KILLED);
    }
  }
}
