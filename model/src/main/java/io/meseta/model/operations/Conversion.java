// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.operations;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Amount;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource.ReservationInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// What an operation takes from an agent's resources and what it puts in their place. Master and
/// agent compute it alike, so that the master knows the result before the agent says it. Original:
/// src/common/resources_utils.cpp, getResourceConversions.
public record Conversion(Resources consumed, Resources converted) {

  /// @throws Invalid for what cannot be decoded, and for operations that do not convert an agent's
  ///   own resources
  public static Conversion of(Offer.Operation operation) throws Invalid {
    return switch (operation.getType()) {
      case RESERVE -> {
        var converted = ResourceWire.decode(operation.getReserve().getResourcesList());
        var source = ResourceWire.decode(operation.getReserve().getSourceList());
        yield new Conversion(source.isEmpty() ? popped(converted) : source, converted);
      }
      case UNRESERVE -> {
        var consumed = ResourceWire.decode(operation.getUnreserve().getResourcesList());
        yield new Conversion(consumed, popped(consumed));
      }
      case CREATE -> {
        var converted = ResourceWire.decode(operation.getCreate().getVolumesList());
        yield new Conversion(withoutVolumes(converted), converted);
      }
      case DESTROY -> {
        var consumed = ResourceWire.decode(operation.getDestroy().getVolumesList());
        yield new Conversion(consumed, withoutVolumes(consumed));
      }
      case GROW_VOLUME -> {
        var volume = ResourceWire.decode(List.of(operation.getGrowVolume().getVolume()));
        var addition = ResourceWire.decode(List.of(operation.getGrowVolume().getAddition()));
        yield new Conversion(volume.plus(addition), resized(volume, addition.scalar("disk")));
      }
      case SHRINK_VOLUME -> {
        var volume = ResourceWire.decode(List.of(operation.getShrinkVolume().getVolume()));
        long less = Thousandths.of(operation.getShrinkVolume().getSubtract().getValue());
        var freed = resized(withoutVolumes(volume), less - volume.scalar("disk"));
        yield new Conversion(volume, resized(volume, -less).plus(freed));
      }
      case LAUNCH, LAUNCH_GROUP, CREATE_DISK, DESTROY_DISK, UNKNOWN ->
          throw new Invalid(
              "Operation " + operation.getType() + " is not for the agent's own resources");
    };
  }

  /// The same whoever the resources are allocated to.
  public Conversion unallocate() {
    return new Conversion(consumed.unallocate(), converted.unallocate());
  }

  /// `resources` after the operation.
  ///
  /// @throws Invalid when they do not hold what it consumes, or when a volume to be destroyed is
  ///   there more than once because it is shared
  public Resources apply(Resources resources) throws Invalid {
    if (!resources.contains(consumed)) {
      throw new Invalid(resources + " does not contain " + consumed);
    }
    var rest = resources.minus(consumed);
    for (var item : consumed.shared().items()) {
      if (rest.items().stream().anyMatch(other -> other.key().equals(item.key()))) {
        throw new Invalid(
            "Persistent volume '" + item + "' cannot be removed due to additional shared copies");
      }
    }
    return rest.plus(converted);
  }

  private static Resources popped(Resources resources) throws Invalid {
    for (var item : resources.items()) {
      if (!item.key().dynamicallyReserved()) {
        throw new Invalid("Resource " + item + " is not dynamically reserved");
      }
    }
    return resources.mapKeys(ResourceKey::popReservation);
  }

  private static Resources withoutVolumes(Resources volumes) {
    return map(volumes, Conversion::withoutVolume);
  }

  private static Resources map(Resources resources, UnaryOperator<ResourceKey> change) {
    var result = new ArrayList<ResourceItem>();
    for (var item : resources.items()) {
      result.add(ResourceItem.of(change.apply(item.key()), item.amount()));
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
      if (!(item.amount() instanceof Amount.Scalar(long thousandths))) {
        throw new Invalid("Resource " + item + " is not a scalar");
      }
      if (thousandths + more < 0) {
        throw new Invalid("Cannot take more from " + item + " than it has");
      }
      result.add(ResourceItem.of(item.key(), new Amount.Scalar(thousandths + more)));
    }
    return Resources.of(result);
  }

  /// What the agent's flags call it: without dynamic reservations and volume.
  public static Resources plain(Resources resources) {
    return map(
        resources,
        key -> {
          var result = key;
          while (result.reserved()
              && result.reservations().getLast().getType() == ReservationInfo.Type.DYNAMIC) {
            result = result.popReservation();
          }
          return withoutVolume(result);
        });
  }

  /// `total` with its plain resources turned into `changed`: dynamic reservations and volumes that
  /// were written down before.
  ///
  /// @throws Invalid when they do not fit into it
  public static Resources applyCheckpointed(Resources total, Resources changed) throws Invalid {
    var rest = total;
    for (var item : changed.items()) {
      var original = plain(Resources.of(item));
      if (!rest.contains(original)) {
        throw new Invalid(
            "Incompatible agent resources: "
                + rest
                + " does not contain "
                + original
                + ", which "
                + item
                + " was made of");
      }
      rest = rest.minus(original);
    }
    return rest.plus(changed);
  }
}
