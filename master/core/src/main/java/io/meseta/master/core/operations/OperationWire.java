// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.AllocationInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Brings operations into the form that servers use: resources with a stack of reservations and,
/// for a framework's, marked with the role they are allocated to.
final class OperationWire {
  private OperationWire() {}

  /// @param role of the offers; null for an operator's operation, which is on unallocated resources
  static Operation normalize(Operation operation, @Nullable String role) throws Invalid {
    checkPresent(operation);
    var result = operation.toBuilder();
    switch (operation.getType()) {
      case RESERVE -> {
        var reserve = result.getReserveBuilder();
        var source = normal(reserve.getSourceList(), role);
        var resources = normal(reserve.getResourcesList(), role);
        reserve.clearSource().addAllSource(source).clearResources().addAllResources(resources);
      }
      case UNRESERVE -> {
        var unreserve = result.getUnreserveBuilder();
        var resources = normal(unreserve.getResourcesList(), role);
        unreserve.clearResources().addAllResources(resources);
      }
      case CREATE -> {
        var create = result.getCreateBuilder();
        var volumes = normal(create.getVolumesList(), role);
        create.clearVolumes().addAllVolumes(volumes);
      }
      case DESTROY -> {
        var destroy = result.getDestroyBuilder();
        var volumes = normal(destroy.getVolumesList(), role);
        destroy.clearVolumes().addAllVolumes(volumes);
      }
      case GROW_VOLUME -> {
        var grow = result.getGrowVolumeBuilder();
        grow.setVolume(normal(grow.getVolume(), role));
        grow.setAddition(normal(grow.getAddition(), role));
      }
      case SHRINK_VOLUME -> {
        var shrink = result.getShrinkVolumeBuilder();
        shrink.setVolume(normal(shrink.getVolume(), role));
      }
      case CREATE_DISK -> {
        var create = result.getCreateDiskBuilder();
        create.setSource(normal(create.getSource(), role));
      }
      case DESTROY_DISK -> {
        var destroy = result.getDestroyDiskBuilder();
        destroy.setSource(normal(destroy.getSource(), role));
      }
      case LAUNCH, LAUNCH_GROUP, UNKNOWN -> {}
    }
    return result.build();
  }

  private static void checkPresent(Operation operation) throws Invalid {
    var type = operation.getType().name();
    var field = type.toLowerCase(Locale.ROOT);
    var descriptor = Operation.getDescriptor().findFieldByName(field);
    if (descriptor != null && !operation.hasField(descriptor)) {
      throw new Invalid(
          (type.startsWith("U") ? "An " : "A ")
              + type
              + " offer operation must have the Offer.Operation."
              + field
              + " field set.");
    }
  }

  private static Resource normal(Resource resource, @Nullable String role) throws Invalid {
    return normal(List.of(resource), role).getFirst();
  }

  private static List<Resource> normal(List<Resource> resources, @Nullable String role)
      throws Invalid {
    var result = new ArrayList<Resource>(resources.size());
    for (var resource : ResourceWire.convert(resources, Format.POST)) {
      result.add(
          role == null || resource.getAllocationInfo().hasRole()
              ? resource
              : resource.toBuilder()
                  .setAllocationInfo(AllocationInfo.newBuilder().setRole(role))
                  .build());
    }
    return result;
  }
}
