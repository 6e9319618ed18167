// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.tasks.ResourceRules;
import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.v1.AgentInfo.Capability;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo.Source;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Whether an operation may be applied, in the order in which the original checks. Original:
/// src/master/validation.cpp, namespace operation.
final class OperationRules {
  private OperationRules() {}

  /// @param framework null for an operator's operation
  /// @param principal who asks; null when nobody had to say
  static void check(
      Operation operation, Agent agent, @Nullable Framework framework, @Nullable String principal)
      throws Invalid {
    switch (operation.getType()) {
      case RESERVE -> ReservationRules.check(operation.getReserve(), agent, framework, principal);
      case UNRESERVE -> ReservationRules.check(operation.getUnreserve());
      case CREATE -> create(operation.getCreate(), agent, framework, principal);
      case DESTROY -> destroy(operation.getDestroy(), agent);
      case GROW_VOLUME -> grow(operation.getGrowVolume(), agent);
      case SHRINK_VOLUME -> shrink(operation.getShrinkVolume(), agent);
      case CREATE_DISK -> disk(operation.getCreateDisk().getSource());
      case DESTROY_DISK -> disk(operation.getDestroyDisk().getSource());
      case LAUNCH, LAUNCH_GROUP, UNKNOWN ->
          throw new Invalid("Operation " + operation.getType() + " is not one on resources");
    }
  }

  static Resources resources(String prefix, List<Resource> wire) throws Invalid {
    return ResourceRules.checkPlain(prefix, wire);
  }

  static void checkOneProvider(String prefix, List<Resource> wire) throws Invalid {
    var providers = new TreeSet<String>();
    wire.forEach(resource -> providers.add(resource.getProviderId().getValue()));
    if (providers.size() > 1) {
      throw new Invalid(
          prefix
              + (providers.contains("")
                  ? "Some resources have a resource provider and some do not"
                  : "The resources have multiple resource providers: "
                      + String.join(", ", providers)));
    }
    if (wire.isEmpty()) {
      throw new Invalid(prefix + "Operation contains no resources");
    }
    if (!providers.contains("")) {
      throw new Invalid(
          "Invalid resources: Resource provider " + providers.first() + " is not subscribed");
    }
  }

  private static void checkVolumes(String prefix, List<Resource> wire) throws Invalid {
    for (var volume : wire) {
      if (!volume.hasDisk()) {
        throw new Invalid(prefix + "Resource " + text(volume) + " does not have DiskInfo");
      }
      if (!volume.getDisk().hasPersistence()) {
        throw new Invalid(prefix + "'persistence' is not set in DiskInfo");
      }
      if (!volume.getDisk().hasVolume()) {
        throw new Invalid(prefix + "Expecting 'volume' to be set for persistent volume");
      }
      if (volume.getDisk().getVolume().getMode() == io.meseta.wire.v1.Volume.Mode.RO) {
        throw new Invalid(prefix + "Read-only persistent volume not supported");
      }
    }
  }

  static String text(Resource resource) throws Invalid {
    return io.meseta.model.resources.ResourceWire.decode(resource).toString();
  }

  static void checkAgent(String what, Resource resource, Agent agent) throws Invalid {
    var stack = resource.getReservationsList();
    var role = stack.isEmpty() ? "" : stack.getLast().getRole();
    if (role.contains("/") && !agent.has(Capability.Type.HIERARCHICAL_ROLE)) {
      throw new Invalid(
          what.formatted(text(resource), "reservation for hierarchical role '" + role + "'")
              + " on an agent without HIERARCHICAL_ROLE capability");
    }
    if (stack.size() > 1 && !agent.has(Capability.Type.RESERVATION_REFINEMENT)) {
      throw new Invalid(
          what.formatted(text(resource), "reservation refinement")
              + " on an agent without RESERVATION_REFINEMENT capability");
    }
  }

  static void checkOneAllocation(String prefix, Resources resources) throws Invalid {
    if (resources.items().stream().anyMatch(item -> item.key().allocationRole() == null)) {
      throw new Invalid(prefix + "The resources are not allocated to a role");
    }
    ResourceRules.checkOneRole(prefix, resources);
  }

  private static void create(
      Operation.Create create,
      Agent agent,
      @Nullable Framework framework,
      @Nullable String principal)
      throws Invalid {
    var wire = create.getVolumesList();
    var volumes = resources("Invalid resources: ", wire);
    checkOneProvider("Invalid resources: ", wire);
    checkVolumes("Not a persistent volume: ", wire);
    checkUnique(agent, volumes);
    for (var volume : wire) {
      if (volume.hasShared()
          && framework != null
          && !framework.has(FrameworkInfo.Capability.Type.SHARED_RESOURCES)) {
        throw new Invalid(
            "Create volume operation for '"
                + text(volume)
                + "' has been attempted by framework '"
                + framework.id()
                + "' with no SHARED_RESOURCES capability");
      }
      checkAgent("Volume %s with %s cannot be created", volume, agent);
      if (principal != null) {
        checkPrincipal(volume, principal);
      }
    }
    if (framework != null) {
      checkOneAllocation("Invalid volume resources: ", volumes);
    }
  }

  private static void checkPrincipal(Resource volume, String principal) throws Invalid {
    var persistence = volume.getDisk().getPersistence();
    if (!persistence.hasPrincipal()) {
      throw new Invalid(
          "Create volume operation attempted by principal '"
              + principal
              + "', but there is a volume in the operation with no principal set in"
              + " 'disk.persistence'");
    }
    if (!persistence.getPrincipal().equals(principal)) {
      throw new Invalid(
          "Create volume operation attempted by authenticated principal '"
              + principal
              + "', which does not match a volume in the operation with principal '"
              + persistence.getPrincipal()
              + "' set in 'disk.persistence'");
    }
  }

  private static void checkUnique(Agent agent, Resources volumes) throws Invalid {
    Set<List<String>> seen = new HashSet<>();
    for (var all : List.of(agent.total().persistentVolumes(), volumes)) {
      for (var item : all.items()) {
        var disk = item.key().disk();
        if (disk != null) {
          var id = disk.info().getPersistence().getId();
          if (!seen.add(List.of(item.key().reservationRole(), id))) {
            throw new Invalid("Persistence ID '" + id + "' is not unique");
          }
        }
      }
    }
  }

  private static void destroy(Operation.Destroy destroy, Agent agent) throws Invalid {
    var wire = destroy.getVolumesList();
    var volumes = resources("Invalid resources: ", wire).unallocate();
    checkOneProvider("Invalid resources: ", wire);
    checkVolumes("Not a persistent volume: ", wire);
    for (var item : volumes.items()) {
      if (!agent.total().contains(item)) {
        throw new Invalid("Persistent volumes not found");
      }
    }
    for (var used : agent.used().values()) {
      var held = used.unallocate();
      for (var item : volumes.items()) {
        if (held.contains(item)) {
          throw new Invalid("Persistent volumes in use");
        }
      }
    }
  }

  private static void grow(Operation.GrowVolume grow, Agent agent) throws Invalid {
    var volume =
        resources("Invalid resource in the 'GrowVolume.volume' field: ", List.of(grow.getVolume()));
    var addition =
        resources(
            "Invalid resource in the 'GrowVolume.addition' field: ", List.of(grow.getAddition()));
    if (Thousandths.of(grow.getAddition().getScalar().getValue()) <= 0) {
      throw new Invalid("The size of 'GrowVolume.addition' field must be greater than zero");
    }
    if (grow.getVolume().hasProviderId()) {
      throw new Invalid("Growing a volume from a resource provider is not supported");
    }
    checkVolumes(
        "Invalid persistent volume in the 'GrowVolume.volume' field: ", List.of(grow.getVolume()));
    if (grow.getVolume().hasShared()) {
      throw new Invalid("Growing a shared persistent volume is not supported");
    }
    var stripped =
        Conversion.of(
                Operation.newBuilder()
                    .setType(Operation.Type.DESTROY)
                    .setDestroy(Operation.Destroy.newBuilder().addVolumes(grow.getVolume()))
                    .build())
            .converted();
    if (stripped.plus(addition).items().size() != 1) {
      throw new Invalid(
          "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields");
    }
    if (!agent.has(Capability.Type.RESIZE_VOLUME)) {
      throw new Invalid(
          "Volume " + volume + " cannot be grown on an agent without RESIZE_VOLUME capability");
    }
  }

  private static void shrink(Operation.ShrinkVolume shrink, Agent agent) throws Invalid {
    var wire = List.of(shrink.getVolume());
    var volume = resources("Invalid resource in the 'ShrinkVolume.volume' field: ", wire);
    long less = Thousandths.of(shrink.getSubtract().getValue());
    if (less <= 0) {
      throw new Invalid("Value of 'ShrinkVolume.subtract' must be greater than zero");
    }
    if (Thousandths.of(shrink.getVolume().getScalar().getValue()) <= less) {
      throw new Invalid(
          "Value of 'ShrinkVolume.subtract' must be smaller than the size of"
              + " 'ShrinkVolume.volume'");
    }
    if (shrink.getVolume().hasProviderId()) {
      throw new Invalid("Shrinking a volume from a resource provider is not supported");
    }
    if (shrink.getVolume().getDisk().getSource().getType() == Source.Type.MOUNT) {
      throw new Invalid("Shrinking a volume on a MOUNT disk is not supported");
    }
    checkVolumes("Invalid persistent volume in the 'ShrinkVolume.volume' field: ", wire);
    if (shrink.getVolume().hasShared()) {
      throw new Invalid("Shrinking a shared persistent volume is not supported");
    }
    if (!agent.has(Capability.Type.RESIZE_VOLUME)) {
      throw new Invalid(
          "Volume " + volume + " cannot be shrunk on an agent without RESIZE_VOLUME capability");
    }
  }

  /// Disks of resource providers; there are none.
  private static void disk(Resource source) throws Invalid {
    var unused = resources("Invalid resource: ", List.of(source));
    if (!source.hasProviderId()) {
      throw new Invalid("'source' is not managed by a resource provider");
    }
    checkOneProvider("Invalid resource: ", List.of(source));
  }
}
