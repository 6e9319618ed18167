// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.operations;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Amount;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What an operation takes from the agent's resources and what it puts in their place. Allocations
/// do not matter here.
record Applied(Resources consumed, Resources produced) {

  static Applied of(Offer.Operation operation) throws Invalid {
    return switch (operation.getType()) {
      case RESERVE -> {
        var produced = decode(operation.getReserve().getResourcesList());
        var source = decode(operation.getReserve().getSourceList());
        yield new Applied(source.isEmpty() ? popped(produced) : source, produced);
      }
      case UNRESERVE -> {
        var consumed = decode(operation.getUnreserve().getResourcesList());
        yield new Applied(consumed, popped(consumed));
      }
      case CREATE -> {
        var produced = decode(operation.getCreate().getVolumesList());
        yield new Applied(withoutVolumes(produced), produced);
      }
      case DESTROY -> {
        var consumed = decode(operation.getDestroy().getVolumesList());
        yield new Applied(consumed, withoutVolumes(consumed));
      }
      case GROW_VOLUME -> {
        var volume = decode(List.of(operation.getGrowVolume().getVolume()));
        var addition = decode(List.of(operation.getGrowVolume().getAddition()));
        yield new Applied(volume.plus(addition), resized(volume, addition.scalar("disk")));
      }
      case SHRINK_VOLUME -> {
        var volume = decode(List.of(operation.getShrinkVolume().getVolume()));
        long less = Thousandths.of(operation.getShrinkVolume().getSubtract().getValue());
        var freed = resized(withoutVolumes(volume), less - volume.scalar("disk"));
        yield new Applied(volume, resized(volume, -less).plus(freed));
      }
      case LAUNCH, LAUNCH_GROUP, CREATE_DISK, DESTROY_DISK, UNKNOWN ->
          throw new Invalid(
              "Operation " + operation.getType() + " is not for the agent's own resources");
    };
  }

  private static Resources decode(Collection<Resource> resources) throws Invalid {
    return ResourceWire.decode(resources).unallocate();
  }

  private static Resources popped(Resources resources) throws Invalid {
    for (var item : resources.items()) {
      if (!item.key().dynamicallyReserved()) {
        throw new Invalid(item + " is not dynamically reserved");
      }
    }
    return resources.mapKeys(ResourceKey::popReservation);
  }

  private static Resources withoutVolumes(Resources volumes) {
    var result = new ArrayList<ResourceItem>();
    for (var item : volumes.items()) {
      result.add(ResourceItem.of(withoutVolume(item.key()), item.amount()));
    }
    return Resources.of(result);
  }

  private static ResourceKey withoutVolume(ResourceKey key) {
    var disk = key.disk();
    return key.withDisk(
        disk == null || !disk.info().hasSource()
            ? null
            : disk.info().toBuilder().clearPersistence().clearVolume().build(),
        false);
  }

  /// The volume with `more` thousandths of a megabyte.
  private static Resources resized(Resources volume, long more) throws Invalid {
    var result = new ArrayList<ResourceItem>();
    for (var item : volume.items()) {
      long size = ((Amount.Scalar) item.amount()).thousandths() + more;
      if (size < 0) {
        throw new Invalid("Cannot take more from " + item + " than it has");
      }
      result.add(ResourceItem.of(item.key(), new Amount.Scalar(size)));
    }
    return Resources.of(result);
  }

  /// What the flags call it: without dynamic reservations and volume.
  static ResourceItem plain(ResourceItem item) {
    var key = item.key();
    while (key.reserved()
        && key.reservations().getLast().getType() == ReservationInfo.Type.DYNAMIC) {
      key = key.popReservation();
    }
    return ResourceItem.of(withoutVolume(key), item.amount());
  }
}
