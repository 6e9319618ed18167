// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo.Source;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.Value;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Disks of their own: folders, which are shared out, and devices and file systems, which are not.
@Covers("R06")
class DiskSourcesTest {
  private final Stage stage = new Stage();

  private static Resource disk(double mb, Source source) {
    return Resource.newBuilder()
        .setName("disk")
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(mb))
        .setDisk(Resource.DiskInfo.newBuilder().setSource(source))
        .build();
  }

  private static final Source PATH =
      Source.newBuilder()
          .setType(Source.Type.PATH)
          .setPath(Source.Path.newBuilder().setRoot("/p"))
          .build();
  private static final Source MOUNT =
      Source.newBuilder()
          .setType(Source.Type.MOUNT)
          .setMount(Source.Mount.newBuilder().setRoot("/m"))
          .build();
  private static final Source RAW = device(Source.Type.RAW);
  private static final Source BLOCK = device(Source.Type.BLOCK);

  private static Source device(Source.Type type) {
    var result =
        Source.newBuilder().setType(type).setVendor("acme").setId("lun-1").setProfile("fast");
    result.getMetadataBuilder().addLabelsBuilder().setKey("rack").setValue("r1");
    return result.build();
  }

  private static RegisterSlaveMessage registration(Resource... disks) {
    var message = Stage.registration(1, "cpus:4;mem:1000;disk:50").toBuilder();
    for (var disk : disks) {
      message.getSlaveBuilder().addResources(disk);
    }
    return message.build();
  }

  @Test
  void disksAreOfferedAsTheAgentDescribesThem() {
    stage.say(1, registration(disk(100, PATH), disk(200, MOUNT), disk(300, RAW), disk(400, BLOCK)));
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.lastOffer(stream).getResourcesList())
        .filteredOn(Resource::hasDisk)
        .extracting(r -> r.getDisk().getSource(), r -> r.getScalar().getValue())
        .containsExactlyInAnyOrder(
            tuple(PATH, 100.0), tuple(MOUNT, 200.0), tuple(RAW, 300.0), tuple(BLOCK, 400.0));
  }

  @Test
  void foldersAreSharedOutAndFileSystemsAreNot() {
    stage.say(1, registration(disk(100, PATH), disk(200, MOUNT)));
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(
        stream,
        offer,
        Stage.task("part", offer, "cpus:1;mem:32").toBuilder().addResources(disk(40, PATH)).build(),
        Stage.task("half", offer, "cpus:1;mem:32").toBuilder()
            .addResources(disk(100, MOUNT))
            .build());
    var refused = stage.lastUpdate(stream);
    assertThat(refused.getTaskId().getValue()).isEqualTo("half");
    assertThat(refused.getState()).isEqualTo(TaskState.TASK_ERROR);
    assertThat(refused.getReason()).isEqualTo(Reason.REASON_TASK_INVALID);
    assertThat(refused.getMessage()).contains("more than");
    stage.pass(Duration.ofSeconds(6));
    assertThat(stage.lastOffer(stream).getResourcesList())
        .filteredOn(Resource::hasDisk)
        .extracting(r -> r.getDisk().getSource(), r -> r.getScalar().getValue())
        .containsExactlyInAnyOrder(tuple(PATH, 60.0), tuple(MOUNT, 200.0));
  }

  @Test
  void aDeviceIsDescribedOrTheAgentIsNotAdmitted() {
    stage.say(1, registration(disk(100, Source.newBuilder().setType(Source.Type.UNKNOWN).build())));
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.notes.getLast()).contains("Unsupported 'DiskInfo.Source.Type'");
  }
}
