// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static io.meseta.master.core.Cluster.launch;
import static io.meseta.master.core.Cluster.parse;
import static io.meseta.master.core.Cluster.reserve;
import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.Volume;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Scenarios of the original's persistent_volume_tests, by their names, but for those about the
/// agent's disk. Like there, each is played on disks of every kind that may be had.
@Covers({"S26", "R05", "A11", "U03"})
class PersistentVolumeScenariosTest {
  /// Where the two disks of the agent come from; without a source they are one.
  enum Kind {
    NONE,
    PATH,
    MOUNT
  }

  private static final String PRINCIPAL = "test-principal";
  private static final FrameworkInfo FRAMEWORK = in("role");
  private static final FrameworkInfo SHARING =
      Stage.with(FRAMEWORK, Capability.Type.SHARED_RESOURCES);

  private static FrameworkInfo in(String role) {
    return Stage.with(
            Stage.PLAIN, Capability.Type.MULTI_ROLE, Capability.Type.RESERVATION_REFINEMENT)
        .toBuilder()
        .addRoles(role)
        .setPrincipal(PRINCIPAL)
        .build();
  }

  /// As the framework names it: reserved by the agent for its role.
  private static Resource disk(Kind kind, double mb, int number) {
    var disk =
        Resource.newBuilder()
            .setName("disk")
            .setType(Value.Type.SCALAR)
            .setScalar(Value.Scalar.newBuilder().setValue(mb))
            .addReservations(
                ReservationInfo.newBuilder().setType(ReservationInfo.Type.STATIC).setRole("role"));
    if (kind == Kind.PATH) {
      disk.getDiskBuilder()
          .getSourceBuilder()
          .setType(DiskInfo.Source.Type.PATH)
          .getPathBuilder()
          .setRoot("/disk" + number);
    } else if (kind == Kind.MOUNT) {
      disk.getDiskBuilder()
          .getSourceBuilder()
          .setType(DiskInfo.Source.Type.MOUNT)
          .getMountBuilder()
          .setRoot("/disk" + number);
    }
    return disk.build();
  }

  private static Resource volume(Resource disk, String id, String principal) {
    var result = disk.toBuilder();
    result.getDiskBuilder().getPersistenceBuilder().setId(id);
    if (!principal.isEmpty()) {
      result.getDiskBuilder().getPersistenceBuilder().setPrincipal(principal);
    }
    result
        .getDiskBuilder()
        .getVolumeBuilder()
        .setContainerPath("path-of-" + id)
        .setMode(Volume.Mode.RW);
    return result.build();
  }

  private static Resource volume(Kind kind, int number) {
    return volume(disk(kind, 2048, number), "id" + number, PRINCIPAL);
  }

  private static Resource shared(Kind kind, int number) {
    return volume(kind, number).toBuilder()
        .setShared(Resource.SharedInfo.getDefaultInstance())
        .build();
  }

  private static Operation create(Resource... volumes) {
    return Operation.newBuilder()
        .setType(Operation.Type.CREATE)
        .setCreate(Operation.Create.newBuilder().addAllVolumes(List.of(volumes)))
        .build();
  }

  private static Operation destroy(Resource... volumes) {
    return Operation.newBuilder()
        .setType(Operation.Type.DESTROY)
        .setDestroy(Operation.Destroy.newBuilder().addAllVolumes(List.of(volumes)))
        .build();
  }

  private static Operation grow(Resource volume, Resource addition) {
    return Operation.newBuilder()
        .setType(Operation.Type.GROW_VOLUME)
        .setGrowVolume(Operation.GrowVolume.newBuilder().setVolume(volume).setAddition(addition))
        .build();
  }

  private static Operation shrink(Resource volume, double mb) {
    return Operation.newBuilder()
        .setType(Operation.Type.SHRINK_VOLUME)
        .setShrinkVolume(
            Operation.ShrinkVolume.newBuilder()
                .setVolume(volume)
                .setSubtract(Value.Scalar.newBuilder().setValue(mb)))
        .build();
  }

  @SuppressWarnings("deprecation") // agents say it in the old form
  private static List<Resource> disks(Kind kind) {
    return Stream.of(1, 2)
        .map(number -> disk(kind, 2048, number))
        .map(disk -> disk.toBuilder().clearReservations().setRole("role").build())
        .toList();
  }

  private static RegisterSlaveMessage registration(Kind kind, String rest) {
    var result = Stage.registration(1, rest).toBuilder();
    result.getSlaveBuilder().addAllResources(disks(kind));
    return result.build();
  }

  private static Cluster cluster(String acls, FrameworkInfo framework, Kind kind) {
    return new Cluster(acls, framework, registration(kind, "cpus:2;mem:2048"));
  }

  private static Cluster cluster(FrameworkInfo framework, Kind kind) {
    return cluster("{}", framework, kind);
  }

  private static Resources of(Resource... resources) {
    return Cluster.of(List.of(resources));
  }

  private static List<Resource> with(String text, Resource... more) {
    var result = new ArrayList<>(ResourceWire.encode(parse(text), ResourceWire.Format.POST));
    result.addAll(List.of(more));
    return result;
  }

  private static List<Resources> applied(Cluster cluster) {
    return cluster.stage.sentTo(1, ApplyOperationMessage.class).stream()
        .map(ApplyOperationMessage::getOperationInfo)
        .map(operation ->
            operation.hasCreate()
                ? operation.getCreate().getVolumesList()
                : operation.getDestroy().getVolumesList())
        .map(volumes -> Cluster.of(volumes).unallocate())
        .toList();
  }

  // CreateAndDestroyPersistentVolumes: the master's part.
  @ParameterizedTest
  @EnumSource
  void createAndDestroyPersistentVolumes(Kind kind) {
    var cluster = cluster(FRAMEWORK, kind);
    var first = volume(kind, 1);
    var second = volume(kind, 2);
    cluster.accept(create(first), create(second));
    assertThat(applied(cluster)).containsExactly(of(first), of(second));
    assertThat(cluster.offered().contains(of(first, second))).isTrue();
    cluster.accept(destroy(first));
    assertThat(applied(cluster)).hasSize(3).endsWith(of(first));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(second));
    assertThat(cluster.offered().contains(of(disk(kind, 2048, 1)))).isTrue();
  }

  private static double total(Kind kind) {
    return kind == Kind.NONE ? 4096 : 2048;
  }

  private static Resource foo(Resource resource) {
    return resource.toBuilder()
        .addReservations(
            ReservationInfo.newBuilder()
                .setType(ReservationInfo.Type.DYNAMIC)
                .setRole("role/foo")
                .setPrincipal(PRINCIPAL))
        .build();
  }

  // GrowVolume: a mount is always used whole, so there is nothing to grow it by.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOUNT")
  void growVolume(Kind kind) {
    var cluster = cluster(in("role/foo"), kind);
    var volume = foo(volume(disk(kind, total(kind) - 512, 1), "id1", PRINCIPAL));
    var addition = foo(disk(kind, 512, 1));
    var grown = foo(volume(disk(kind, total(kind), 1), "id1", PRINCIPAL));
    cluster.accept(reserve(List.of(foo(disk(kind, total(kind), 1)))), create(volume));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(volume));
    assertThat(cluster.offered().contains(of(addition))).isTrue();
    cluster.accept(grow(volume, addition));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(grown));
    assertThat(cluster.offered().contains(of(addition))).isFalse();
    runsOnAll(cluster);
  }

  /// A task uses all that is offered, and ends well.
  private static void runsOnAll(Cluster cluster) {
    var offer = cluster.stage.lastOffer(cluster.stream);
    cluster.stage.accept(
        cluster.stream, List.of(offer), launch("t1", offer, offer.getResourcesList()));
    for (var state :
        List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED)) {
      assertThat(cluster.report(1, cluster.stream, "t1", state).getState()).isEqualTo(state);
    }
    assertThat(cluster.counter("tasks_finished")).isEqualTo(1);
    assertThat(cluster.stage.core.audit()).isEmpty();
  }

  // ShrinkVolume: a mount stays as it is.
  @ParameterizedTest
  @EnumSource
  void shrinkVolume(Kind kind) {
    var cluster = cluster(in("role/foo"), kind);
    var volume = foo(volume(disk(kind, total(kind), 1), "id1", PRINCIPAL));
    var rest = foo(disk(kind, 512, 1));
    var shrunk = foo(volume(disk(kind, total(kind) - 512, 1), "id1", PRINCIPAL));
    cluster.accept(reserve(List.of(foo(disk(kind, total(kind), 1)))), create(volume));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(volume));
    assertThat(cluster.offered().contains(of(rest))).isFalse();
    cluster.accept(shrink(volume, 512));
    boolean done = kind != Kind.MOUNT;
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(done ? shrunk : volume));
    assertThat(cluster.offered().contains(of(rest))).isEqualTo(done);
    runsOnAll(cluster);
  }

  // NonSpeculativeGrowAndLaunch: neither the old nor the new size can be used at once.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOUNT")
  void nonSpeculativeGrowAndLaunch(Kind kind) {
    var volume = volume(disk(kind, total(kind) - 512, 1), "id1", PRINCIPAL);
    var grown = volume(disk(kind, total(kind), 1), "id1", PRINCIPAL);
    resizeAndLaunch(kind, volume, grown, grow(volume, disk(kind, 512, 1)));
  }

  // NonSpeculativeShrinkAndLaunch
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOUNT")
  void nonSpeculativeShrinkAndLaunch(Kind kind) {
    var volume = volume(disk(kind, 1024, 1), "id1", PRINCIPAL);
    var shrunk = volume(disk(kind, 512, 1), "id1", PRINCIPAL);
    resizeAndLaunch(kind, volume, shrunk, shrink(volume, 512));
  }

  private static void resizeAndLaunch(
      Kind kind, Resource volume, Resource resized, Operation resize) {
    var cluster = cluster(FRAMEWORK, kind);
    var offer = cluster.stage.lastOffer(cluster.stream);
    cluster.accept(
        create(volume),
        resize,
        launch("t1", offer, with("cpus:1;mem:128", resized)),
        launch("t2", offer, with("cpus:1;mem:128", volume)));
    assertThat(cluster.stage.updates(cluster.stream))
        .extracting(status -> status.getTaskId().getValue() + " " + status.getState())
        .containsExactly("t1 TASK_ERROR", "t2 TASK_ERROR");
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(resized));
  }

  // GoodACLGrowThenShrink
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOUNT")
  void goodAclGrowThenShrink(Kind kind) {
    var cluster =
        cluster(
            "{\"resize_volumes\":[{\"principals\":{\"values\":[\"test-principal\"]},"
                + "\"roles\":{\"values\":[\"role\"]}}]}",
            FRAMEWORK,
            kind);
    var volume = volume(disk(kind, total(kind) - 512, 1), "id1", PRINCIPAL);
    var difference = disk(kind, 512, 1);
    var grown = volume(disk(kind, total(kind), 1), "id1", PRINCIPAL);
    cluster.accept(create(volume), grow(volume, difference));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(grown));
    assertThat(cluster.offered().contains(of(difference))).isFalse();
    cluster.accept(shrink(grown, 512));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(volume));
    assertThat(cluster.offered().contains(of(difference))).isTrue();
  }

  private static void suppress(Cluster cluster, String who) {
    cluster.declineForEver(who);
    cluster.stage.call(who, Call.newBuilder().setType(Call.Type.SUPPRESS));
  }

  // BadACLDropGrowAndShrink
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOUNT")
  void badAclDropGrowAndShrink(Kind kind) {
    var cluster =
        cluster(
            "{\"resize_volumes\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"NONE\"}}]}",
            FRAMEWORK,
            kind);
    var volume = volume(disk(kind, total(kind) - 512, 1), "id1", PRINCIPAL);
    var difference = disk(kind, 512, 1);
    cluster.accept(create(volume), grow(volume, difference));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(volume));
    assertThat(cluster.offered().contains(of(difference))).isTrue();
    cluster.accept(shrink(volume, 512));
    assertThat(cluster.offered().persistentVolumes()).isEqualTo(of(volume));
    suppress(cluster, cluster.stream);
    var second = cluster.stage.subscribe(FRAMEWORK.toBuilder().clearPrincipal().build());
    assertThat(cluster.offered(second).contains(of(volume, difference))).isTrue();
    cluster.accept(second, grow(volume, difference));
    assertThat(cluster.offered(second).persistentVolumes()).isEqualTo(of(volume));
    cluster.accept(second, shrink(volume, 512));
    assertThat(cluster.offered(second).persistentVolumes()).isEqualTo(of(volume));
  }

  /// The agent as it comes to a new master.
  private static ReregisterSlaveMessage.Builder back(Kind kind, Resource... volumes) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            registration(kind, "cpus:2;mem:2048").getSlave().toBuilder().setId(Scenario.AGENT))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addAllCheckpointedResources(List.of(volumes));
  }

  // MasterFailover
  @ParameterizedTest
  @EnumSource
  void masterFailover(Kind kind) {
    var cluster = cluster(FRAMEWORK, kind);
    var info = cluster.info(cluster.stream);
    var volume = volume(kind, 1);
    cluster.accept(create(volume));
    cluster.stage.elect("m2");
    cluster.stage.say(1, back(kind, volume).build());
    var again = cluster.stage.subscribe(info);
    assertThat(cluster.offered(again).contains(of(volume))).isTrue();
  }

  // SharedPersistentVolumeRescindOnDestroy
  @ParameterizedTest
  @EnumSource
  void sharedPersistentVolumeRescindOnDestroy(Kind kind) {
    var cluster = cluster(SHARING, kind);
    var stage = cluster.stage;
    var both = of(shared(kind, 1), shared(kind, 2));
    // What it makes is for the other framework, for now.
    stage.call(cluster.stream, Call.newBuilder().setType(Call.Type.SUPPRESS));
    cluster.accept(
        cluster.stream,
        1e6,
        create(shared(kind, 1), shared(kind, 2)),
        launch("t1", stage.lastOffer(cluster.stream), with("cpus:1;mem:128")));
    var second = stage.subscribe(SHARING);
    assertThat(cluster.offered(second).contains(both)).isTrue();
    stage.call(second, Call.newBuilder().setType(Call.Type.SUPPRESS));
    cluster.report(1, cluster.stream, "t1", TaskState.TASK_KILLED);
    cluster.revive(cluster.stream);
    assertThat(cluster.offered().contains(both)).isTrue();
    assertThat(stage.events(cluster.stream, Event.Type.RESCIND)).isEmpty();
    cluster.accept(second, 1e6, destroy(shared(kind, 1), shared(kind, 2)));
    assertThat(stage.events(cluster.stream, Event.Type.RESCIND)).hasSize(1);
    assertThat(stage.snapshot().agents().getFirst().total().persistentVolumes().isEmpty()).isTrue();
    assertThat(stage.core.audit()).isEmpty();
  }

  private static void assertUsed(Cluster cluster, String cpusAndMem) {
    var used = cluster.stage.snapshot().agents().getFirst().usedTotal().nonRevocable();
    var expected = parse(cpusAndMem);
    assertThat(used.cpus()).isEqualTo(expected.cpus());
    assertThat(used.scalar("mem")).isEqualTo(expected.scalar("mem"));
    assertThat(used.disk()).isEqualTo(2048);
  }

  // SharedPersistentVolumeMultipleFrameworks: the master's part. A volume counts once as used.
  @ParameterizedTest
  @EnumSource
  void sharedPersistentVolumeMultipleFrameworks(Kind kind) {
    var cluster = cluster(SHARING, kind);
    var stage = cluster.stage;
    var volume = shared(kind, 1);
    cluster.accept(
        cluster.stream,
        1e6,
        create(volume),
        launch("t1", stage.lastOffer(cluster.stream), with("cpus:1;mem:128", volume)));
    cluster.report(1, cluster.stream, "t1", TaskState.TASK_RUNNING);
    assertUsed(cluster, "cpus:1;mem:128");
    cluster.declineForEver(cluster.stream);
    var second = stage.subscribe(SHARING);
    assertThat(cluster.offered(second).contains(of(volume))).isTrue();
    cluster.accept(
        second, 1e6, launch("t2", stage.lastOffer(second), with("cpus:1;mem:256", volume)));
    assertThat(cluster.report(1, second, "t2", TaskState.TASK_RUNNING).getState())
        .isEqualTo(TaskState.TASK_RUNNING);
    assertUsed(cluster, "cpus:2;mem:384");
    assertThat(stage.core.audit()).isEmpty();
  }

  // SharedPersistentVolumeMasterFailover
  @ParameterizedTest
  @EnumSource
  void sharedPersistentVolumeMasterFailover(Kind kind) {
    var cluster = cluster(SHARING, kind);
    var stage = cluster.stage;
    var volume = shared(kind, 1);
    var offer = stage.lastOffer(cluster.stream);
    stage.accept(
        cluster.stream,
        List.of(offer),
        create(volume),
        launch("t1", offer, with("cpus:0.5;mem:512", volume)),
        launch("t2", offer, with("cpus:0.5;mem:512", volume)));
    for (var task : List.of("t1", "t2")) {
      cluster.report(1, cluster.stream, task, TaskState.TASK_RUNNING);
    }
    var info = cluster.info(cluster.stream);
    var tasks = List.of(stage.knownTask("t1").orElseThrow(), stage.knownTask("t2").orElseThrow());
    stage.elect("m2");
    stage.say(1, back(kind, volume).addFrameworks(info).addAllTasks(tasks).build());
    var again = stage.subscribe(info);
    assertThat(cluster.offered(again).contains(parse("cpus:1;mem:1024"))).isTrue();
    assertThat(cluster.offered(again).contains(of(volume))).isTrue();
    assertThat(stage.core.audit()).isEmpty();
  }

  // DestroyPersistentVolumeMultipleTasks
  @ParameterizedTest
  @EnumSource
  void destroyPersistentVolumeMultipleTasks(Kind kind) {
    var cluster = cluster(SHARING, kind);
    var stage = cluster.stage;
    var shared = shared(kind, 1);
    var own = volume(kind, 2);
    var offer = stage.lastOffer(cluster.stream);
    cluster.accept(
        cluster.stream,
        1e6,
        create(shared),
        create(own),
        launch("t1", offer, with("cpus:1;mem:128", shared)),
        launch("t2", offer, with("cpus:1;mem:256", own)));
    for (var task : List.of("t1", "t2")) {
      cluster.report(1, cluster.stream, task, TaskState.TASK_RUNNING);
    }
    cluster.report(1, cluster.stream, "t2", TaskState.TASK_FINISHED);
    cluster.summon(cluster.stream);
    assertThat(cluster.offered().contains(of(shared, own))).isTrue();
    cluster.accept(destroy(own));
    assertThat(cluster.offered().contains(of(shared))).isTrue();
    assertThat(cluster.offered().contains(of(own))).isFalse();
    cluster.report(1, cluster.stream, "t1", TaskState.TASK_KILLED);
    cluster.summon(cluster.stream);
    cluster.accept(destroy(shared));
    assertThat(cluster.offered().persistentVolumes().isEmpty()).isTrue();
    cluster.assertOffered(Cluster.of(registrationResources(kind)));
  }

  private static List<Resource> registrationResources(Kind kind) {
    return registration(kind, "cpus:2;mem:2048").getSlave().getResourcesList();
  }

  // SharedPersistentVolumeMultipleIterations
  @ParameterizedTest
  @EnumSource
  void sharedPersistentVolumeMultipleIterations(Kind kind) {
    var cluster = cluster(SHARING, kind);
    var stage = cluster.stage;
    var first = shared(kind, 1);
    var second = shared(kind, 2);
    cluster.accept(
        create(first),
        launch("t1", stage.lastOffer(cluster.stream), with("cpus:1;mem:128", first)));
    assertThat(cluster.offered().contains(of(first))).isTrue();
    cluster.accept(
        create(second),
        launch("t2", stage.lastOffer(cluster.stream), with("cpus:0.5;mem:128", second)));
    assertThat(cluster.offered().contains(of(first, second))).isTrue();
    assertThat(stage.knownTask("t1")).isPresent();
    assertThat(stage.knownTask("t2")).isPresent();
  }

  private static void createThenDestroy(Cluster cluster, Resource volume) {
    cluster.accept(create(volume));
    assertThat(applied(cluster)).containsExactly(of(volume));
    assertThat(cluster.offered().contains(of(volume))).isTrue();
    cluster.accept(destroy(volume));
    assertThat(applied(cluster)).containsExactly(of(volume), of(volume));
    assertThat(cluster.offered().contains(of(volume))).isFalse();
  }

  // GoodACLCreateThenDestroy
  @ParameterizedTest
  @EnumSource
  void goodAclCreateThenDestroy(Kind kind) {
    var acls =
        "{\"create_volumes\":[{\"principals\":{\"values\":[\"test-principal\"]},\"roles\":{\"type\":\"ANY\"}}],"
            + "\"destroy_volumes\":[{\"principals\":{\"values\":[\"test-principal\"]},"
            + "\"creator_principals\":{\"values\":[\"test-principal\"]}}]}";
    createThenDestroy(cluster(acls, FRAMEWORK, kind), volume(kind, 1));
  }

  // GoodACLNoPrincipal
  @ParameterizedTest
  @EnumSource
  void goodAclNoPrincipal(Kind kind) {
    var acls =
        "{\"create_volumes\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"ANY\"}}],"
            + "\"destroy_volumes\":[{\"principals\":{\"type\":\"ANY\"},"
            + "\"creator_principals\":{\"type\":\"ANY\"}}]}";
    createThenDestroy(
        cluster(acls, FRAMEWORK.toBuilder().clearPrincipal().build(), kind),
        volume(disk(kind, 2048, 1), "id1", ""));
  }

  /// One may neither create nor destroy, the other may create.
  private static void dropped(Kind kind, FrameworkInfo one, FrameworkInfo other) {
    var acls =
        "{\"create_volumes\":[{\"principals\":{\"values\":[\""
            + other.getPrincipal()
            + "\"]},\"roles\":{\"type\":\"ANY\"}},"
            + "{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"NONE\"}}],"
            + "\"destroy_volumes\":[{\"principals\":{\"type\":\"ANY\"},"
            + "\"creator_principals\":{\"type\":\"NONE\"}}]}";
    var cluster = cluster(acls, one, kind);
    var disk = disk(kind, 2048, 1);
    cluster.accept(create(volume(disk, "id1", one.getPrincipal())));
    assertThat(cluster.offered().persistentVolumes().isEmpty()).isTrue();
    suppress(cluster, cluster.stream);
    var second = cluster.stage.subscribe(other);
    var volume = volume(disk, "id1", other.getPrincipal());
    cluster.accept(second, create(volume));
    assertThat(cluster.offered(second).contains(of(volume))).isTrue();
    suppress(cluster, second);
    cluster.revive(cluster.stream);
    assertThat(cluster.offered().contains(of(volume))).isTrue();
    cluster.accept(destroy(volume));
    assertThat(cluster.offered().contains(of(volume))).isTrue();
    assertThat(applied(cluster)).containsExactly(of(volume));
  }

  // BadACLNoPrincipal
  @ParameterizedTest
  @EnumSource
  void badAclNoPrincipal(Kind kind) {
    dropped(kind, FRAMEWORK.toBuilder().clearPrincipal().build(), FRAMEWORK);
  }

  // BadACLDropCreateAndDestroy
  @ParameterizedTest
  @EnumSource
  void badAclDropCreateAndDestroy(Kind kind) {
    dropped(kind, FRAMEWORK, FRAMEWORK.toBuilder().setPrincipal("creator-principal").build());
  }
}
