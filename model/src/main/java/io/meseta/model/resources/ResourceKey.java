// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a resource is, apart from how much of it there is.
///
/// @param reservations from the outermost role to the most refined; empty when unreserved
/// @param allocationRole the role it is offered or allocated to, if it is
/// @param disk the kind of disk and volume, if it is one
/// @param providerId the resource provider it comes from; absent for the agent itself
public record ResourceKey(
    String name,
    Value.Type type,
    List<ReservationInfo> reservations,
    @Nullable String allocationRole,
    @Nullable Disk disk,
    @Nullable String providerId,
    boolean revocable,
    boolean shared) {

  /// A disk is identified by its source and the volume on it; how a task mounts it (`volume`) is
  /// not part of the identity.
  public record Disk(DiskInfo info) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Disk that
          && info.hasSource() == that.info.hasSource()
          && info.getSource().equals(that.info.getSource())
          && info.hasPersistence() == that.info.hasPersistence()
          && info.getPersistence().getId().equals(that.info.getPersistence().getId());
    }

    @Override
    public int hashCode() {
      return Objects.hash(info.getSource(), info.getPersistence().getId());
    }
  }

  public ResourceKey {
    reservations = List.copyOf(reservations);
  }

  /// Sums and differences of resources do little else than this: what is cheap to compare and
  /// mostly differs comes first, and lists that are mostly empty cost no iterators.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof ResourceKey that
            && name.equals(that.name)
            && type == that.type
            && revocable == that.revocable
            && shared == that.shared
            && Objects.equals(allocationRole, that.allocationRole)
            && reservations.size() == that.reservations.size()
            && (reservations.isEmpty() || reservations.equals(that.reservations))
            && Objects.equals(disk, that.disk)
            && Objects.equals(providerId, that.providerId);
  }

  @Override
  public int hashCode() {
    int hash = 31 * name.hashCode() + type.getNumber();
    hash = 31 * hash + (allocationRole == null ? 0 : allocationRole.hashCode());
    hash = 31 * hash + (reservations.isEmpty() ? 0 : reservations.hashCode());
    return 31 * hash + (disk == null ? 0 : disk.hashCode());
  }

  /// An unreserved, unallocated resource of the agent.
  public static ResourceKey plain(String name, Value.Type type) {
    return new ResourceKey(name, type, List.of(), null, null, null, false, false);
  }

  public boolean reserved() {
    return !reservations.isEmpty();
  }

  /// The most refined role that it is reserved to; `*` when unreserved.
  public String reservationRole() {
    return reservations.isEmpty() ? Roles.ANY : reservations.getLast().getRole();
  }

  public boolean dynamicallyReserved() {
    return reserved() && reservations.getLast().getType() == ReservationInfo.Type.DYNAMIC;
  }

  /// Whether it may be offered to `role`.
  public boolean allocatableTo(String role) {
    return reservations.isEmpty() || Roles.mayUse(role, reservationRole());
  }

  public boolean persistentVolume() {
    return disk != null && disk.info().hasPersistence();
  }

  /// Whether it is one indivisible thing: two of them never add up to a bigger one.
  public boolean exclusive() {
    if (disk == null) {
      return false;
    }
    if (disk.info().hasPersistence()) {
      return true;
    }
    var source = disk.info().getSource();
    return switch (source.getType()) {
      case MOUNT, BLOCK -> disk.info().hasSource();
      case RAW -> source.hasId();
      case PATH, UNKNOWN -> false;
    };
  }

  public ResourceKey withAllocation(@Nullable String role) {
    return Objects.equals(allocationRole, role)
        ? this
        : new ResourceKey(name, type, reservations, role, disk, providerId, revocable, shared);
  }

  public ResourceKey withReservations(List<ReservationInfo> stack) {
    return new ResourceKey(name, type, stack, allocationRole, disk, providerId, revocable, shared);
  }

  public ResourceKey pushReservation(ReservationInfo reservation) {
    var stack = new ArrayList<>(reservations);
    stack.add(reservation);
    return withReservations(stack);
  }

  public ResourceKey popReservation() {
    if (reservations.isEmpty()) {
      throw new IllegalStateException(name + " is not reserved");
    }
    return withReservations(reservations.subList(0, reservations.size() - 1));
  }

  public ResourceKey withDisk(@Nullable DiskInfo info, boolean nowShared) {
    return new ResourceKey(
        name,
        type,
        reservations,
        allocationRole,
        info == null ? null : new Disk(info),
        providerId,
        revocable,
        nowShared);
  }
}
