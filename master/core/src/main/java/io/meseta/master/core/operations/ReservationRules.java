// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What may be reserved and unreserved, by whom. Original: src/master/validation.cpp.
final class ReservationRules {
  private ReservationRules() {}

  static void check(
      Operation.Reserve reserve,
      Agent agent,
      @Nullable Framework framework,
      @Nullable String principal)
      throws Invalid {
    var wire = reserve.getResourcesList();
    var target = OperationRules.resources("Invalid resources: ", wire);
    var source = OperationRules.resources("Invalid source: ", reserve.getSourceList());
    if (framework != null && reserve.getSourceCount() > 0) {
      throw new Invalid("Reservation updates are not yet implemented for the scheduler API.");
    }
    if (reserve.getSourceCount() > 0) {
      checkAlike("Invalid source: ", reserve.getSourceList());
      checkAlike("Invalid resources: ", wire);
      if (!source.toUnreserved().equals(target.toUnreserved())) {
        throw new Invalid(
            "Source and target resources should refer to identical resource quantities: "
                + source.toUnreserved()
                + " vs. "
                + target.toUnreserved());
      }
    }
    OperationRules.checkOneProvider("Invalid resources: ", wire);
    for (var resource : wire) {
      checkOne(resource, agent, framework, principal);
    }
    if (framework != null) {
      OperationRules.checkOneAllocation("Invalid reservation resources: ", target);
    }
  }

  private static void checkAlike(String prefix, List<Resource> resources) throws Invalid {
    if (resources.isEmpty()) {
      throw new Invalid(prefix + "Resource cannot be empty");
    }
    var first = resources.getFirst().getReservationsList();
    for (var resource : resources) {
      if (!resource.getReservationsList().equals(first)) {
        throw new Invalid(
            prefix + "Mixed reservations are not supported: " + ResourceWire.decode(resources));
      }
    }
  }

  private static void checkOne(
      Resource resource, Agent agent, @Nullable Framework framework, @Nullable String principal)
      throws Invalid {
    var item = ResourceWire.decode(resource);
    if (!item.key().dynamicallyReserved()) {
      throw new Invalid("Resource " + item + " is not dynamically reserved");
    }
    OperationRules.checkAgent("Resource %s with %s cannot be reserved", resource, agent);
    if (principal != null) {
      checkPrincipal(resource.getReservationsList().getLast(), principal);
    }
    if (framework == null) {
      if (resource.hasAllocationInfo()) {
        throw new Invalid(
            "A reserve operation was attempted with an allocated resource, but the operator API"
                + " only allows reservations to be made to unallocated resources");
      }
      return;
    }
    var allocation = resource.getAllocationInfo().getRole();
    var role = item.key().reservationRole();
    if (!allocation.equals(role)) {
      throw new Invalid(
          "A reserve operation was attempted for a resource with role '"
              + role
              + "', but the resource was allocated to role '"
              + allocation
              + "'");
    }
    if (!framework.roles().contains(allocation)) {
      throw new Invalid(
          "A reserve operation was attempted for a resource allocated to role '"
              + allocation
              + "', but the framework only has roles '"
              + framework.roles()
              + "'");
    }
  }

  private static void checkPrincipal(ReservationInfo reservation, String principal) throws Invalid {
    if (!reservation.hasPrincipal()) {
      throw new Invalid(
          "A reserve operation was attempted by principal '"
              + principal
              + "', but there is a reserved resource in the request with no principal set");
    }
    if (!reservation.getPrincipal().equals(principal)) {
      throw new Invalid(
          "A reserve operation was attempted by authenticated principal '"
              + principal
              + "', which does not match a reserved resource in the request with principal '"
              + reservation.getPrincipal()
              + "'");
    }
  }

  static void check(Operation.Unreserve unreserve) throws Invalid {
    var wire = unreserve.getResourcesList();
    var resources = OperationRules.resources("Invalid resources: ", wire);
    OperationRules.checkOneProvider("Invalid resources: ", wire);
    for (var item : resources.items()) {
      if (!item.key().dynamicallyReserved()) {
        throw new Invalid("Resource " + item + " is not dynamically reserved");
      }
      if (item.key().persistentVolume()) {
        throw new Invalid(
            "A dynamically reserved persistent volume "
                + item
                + " cannot be unreserved directly. Please destroy the persistent volume first then"
                + " unreserve the resource");
      }
    }
  }
}
