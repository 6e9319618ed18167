// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.Amount;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a scheduler reserves and creates, with its records of operations that nobody has answered:
/// they survive its crashes.
final class Reservations {
  private static final int DISK_MB = 96;
  private static final int VOLUME_MB = 64;
  private static final int STEP_MB = 16;

  private final String name;
  private final Chance chance;

  /// Agent by operation id, of operations whose end is not known.
  private final Map<String, String> open = new LinkedHashMap<>();

  private int operations;
  private int volumes;

  Reservations(String name, Chance chance) {
    this.name = name;
    this.chance = chance;
  }

  Map<String, String> open() {
    return open;
  }

  /// An operation's end is told, perhaps again; true when it asks for an acknowledgement.
  boolean heard(OperationStatus status) {
    switch (status.getState()) {
      case OPERATION_PENDING, OPERATION_RECOVERING, OPERATION_UNREACHABLE -> {}
      default -> open.remove(status.getOperationId().getValue());
    }
    return status.hasUuid();
  }

  /// What to do with what an offer holds, one after the other.
  ///
  /// @param cleanUp gives everything back instead of taking more
  List<Operation> choose(Offer offer, boolean cleanUp) {
    var role = offer.getAllocationInfo().getRole();
    var left = ResourceWire.decodeTrusted(offer.getResourcesList());
    var mine = left.reservedTo(role);
    var held = mine.persistentVolumes();
    var plain = mine.filter(item -> !item.key().persistentVolume());
    var result = new ArrayList<Operation>();
    if (cleanUp) {
      destroyAll(held, result);
      if (!mine.isEmpty()) {
        result.add(unreserve(afterDestroying(mine, held, plain)));
      }
    } else if (!held.isEmpty() && chance.oneIn(4)) {
      destroyAll(held, result);
    } else if (!held.isEmpty() && chance.oneIn(4)) {
      resize(held.items().getFirst(), plain, result);
    } else if (!plain.isEmpty() && chance.oneIn(4)) {
      result.add(unreserve(plain));
    } else if (plain.scalar("disk") >= VOLUME_MB * 1000L && chance.oneIn(2)) {
      result.add(create(volume(role)));
    } else if (chance.oneIn(4) && isRoomy(left.unreserved())) {
      result.add(reserve(role));
      if (chance.oneIn(2)) {
        result.add(create(volume(role)));
      }
    }
    return result.stream().map(operation -> named(operation, offer)).toList();
  }

  private static Resources afterDestroying(Resources mine, Resources held, Resources plain) {
    if (held.isEmpty()) {
      return plain;
    }
    try {
      return Conversion.of(destroy(held)).apply(mine);
    } catch (Invalid e) {
      throw new Broken("a volume that is offered cannot be destroyed: " + e.reason());
    }
  }

  private static boolean isRoomy(Resources unreserved) {
    return unreserved.scalar("cpus") >= SchedulerNode.CPU_THOUSANDTHS
        && unreserved.mem() >= 100
        && unreserved.disk() >= DISK_MB;
  }

  private Operation named(Operation operation, Offer offer) {
    if (chance.oneIn(2)) {
      return operation;
    }
    var id = name + "-o" + ++operations;
    open.put(id, offer.getAgentId().getValue());
    return operation.toBuilder().setId(OperationID.newBuilder().setValue(id)).build();
  }

  private static void destroyAll(Resources held, List<Operation> result) {
    if (!held.isEmpty()) {
      result.add(destroy(held));
    }
  }

  private static Operation destroy(Resources held) {
    return Operation.newBuilder()
        .setType(Operation.Type.DESTROY)
        .setDestroy(Operation.Destroy.newBuilder().addAllVolumes(encode(held)))
        .build();
  }

  private static Operation unreserve(Resources resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.UNRESERVE)
        .setUnreserve(Operation.Unreserve.newBuilder().addAllResources(encode(resources)))
        .build();
  }

  private static Operation create(Resource volume) {
    return Operation.newBuilder()
        .setType(Operation.Type.CREATE)
        .setCreate(Operation.Create.newBuilder().addVolumes(volume))
        .build();
  }

  private static Operation reserve(String role) {
    return Operation.newBuilder()
        .setType(Operation.Type.RESERVE)
        .setReserve(
            Operation.Reserve.newBuilder()
                .addResources(scalar("cpus", SchedulerNode.CPU_THOUSANDTHS / 1000.0, role))
                .addResources(scalar("mem", 100, role))
                .addResources(scalar("disk", DISK_MB, role)))
        .build();
  }

  /// Grows from what is reserved beside it, or shrinks.
  private void resize(ResourceItem volume, Resources plain, List<Operation> result) {
    var wire = ResourceWire.encode(volume, Format.POST);
    if (plain.scalar("disk") >= STEP_MB * 1000L && chance.oneIn(2)) {
      var addition =
          plain.items().stream()
              .filter(item -> item.key().name().equals("disk"))
              .findFirst()
              .map(item -> ResourceItem.of(item.key(), new Amount.Scalar(STEP_MB * 1000L)))
              .orElseThrow();
      result.add(
          Operation.newBuilder()
              .setType(Operation.Type.GROW_VOLUME)
              .setGrowVolume(
                  Operation.GrowVolume.newBuilder()
                      .setVolume(wire)
                      .setAddition(ResourceWire.encode(addition, Format.POST)))
              .build());
    } else if (volume.amount() instanceof Amount.Scalar(long size) && size > STEP_MB * 1000L) {
      result.add(
          Operation.newBuilder()
              .setType(Operation.Type.SHRINK_VOLUME)
              .setShrinkVolume(
                  Operation.ShrinkVolume.newBuilder()
                      .setVolume(wire)
                      .setSubtract(Value.Scalar.newBuilder().setValue(STEP_MB)))
              .build());
    }
  }

  /// What one task needs: of the first kind of which there is enough.
  static Resources needs(Resources left, List<ResourceKey> kinds) {
    var none = Resources.EMPTY;
    for (var kind : kinds) {
      var need =
          Resources.of(
              ResourceItem.of(kind, new Amount.Scalar(SchedulerNode.CPU_THOUSANDTHS)),
              ResourceItem.of(
                  new ResourceKey(
                      "mem",
                      Value.Type.SCALAR,
                      kind.reservations(),
                      kind.allocationRole(),
                      null,
                      null,
                      false,
                      false),
                  new Amount.Scalar(100_000)));
      if (left.contains(need)) {
        return need;
      }
    }
    return none;
  }

  private static List<Resource> encode(Resources resources) {
    return ResourceWire.encode(resources, Format.POST);
  }

  private static Resource scalar(String name, double amount, String role) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(amount))
        .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(role))
        .addReservations(
            ReservationInfo.newBuilder().setType(ReservationInfo.Type.DYNAMIC).setRole(role))
        .build();
  }

  private Resource volume(String role) {
    return scalar("disk", VOLUME_MB, role).toBuilder()
        .setDisk(
            DiskInfo.newBuilder()
                .setPersistence(DiskInfo.Persistence.newBuilder().setId(name + "-p" + ++volumes))
                .setVolume(Volume.newBuilder().setContainerPath("data").setMode(Volume.Mode.RW)))
        .build();
  }
}
