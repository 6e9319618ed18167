// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Ranges.Range;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.AllocationInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Resource.RevocableInfo;
import io.meseta.wire.v1.Resource.SharedInfo;
import io.meseta.wire.v1.ResourceProviderID;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// Reads and writes the wire form of resources. Any of the three formats is read; `role` together
/// with contradicting `reservations` is refused. Original: src/common/resources_utils.cpp and
/// Resources::validate.
@SuppressWarnings("deprecation") // the old `role` field is still spoken by many
public final class ResourceWire {
  /// How reservations are written.
  public enum Format {
    /// `role` and `reservation` fields, `*` when unreserved: for peers without
    /// RESERVATION_REFINEMENT. Cannot express refined reservations.
    PRE,
    /// A stack of `reservations`: between servers, and to frameworks that refine.
    POST,
    /// Both where both can say it: in HTTP documents.
    ENDPOINT
  }

  private ResourceWire() {}

  /// Every resource of `resources`, amounts of equal ones added up.
  ///
  /// @throws Invalid naming the first bad one
  public static Resources decode(Collection<Resource> resources) throws Invalid {
    var items = new ArrayList<ResourceItem>(resources.size());
    for (var resource : resources) {
      items.add(decode(resource));
    }
    return Resources.of(items);
  }

  /// As [#decode], for what was accepted before and came back from our own memory or disk.
  public static Resources decodeTrusted(Collection<Resource> resources) {
    try {
      return decode(resources);
    } catch (Invalid e) {
      throw new IllegalStateException("resources that were accepted before: " + e.reason(), e);
    }
  }

  public static ResourceItem decode(Resource resource) throws Invalid {
    if (resource.getName().isEmpty()) {
      throw new Invalid("Empty resource name");
    }
    checkDisk(resource);
    var key =
        new ResourceKey(
            resource.getName(),
            resource.getType(),
            reservations(resource),
            resource.getAllocationInfo().hasRole() ? resource.getAllocationInfo().getRole() : null,
            resource.hasDisk() ? new ResourceKey.Disk(resource.getDisk()) : null,
            resource.hasProviderId() ? resource.getProviderId().getValue() : null,
            resource.hasRevocable(),
            resource.hasShared());
    if (key.shared() && !key.name().equals("disk")) {
      throw new Invalid("Resource " + key.name() + " cannot be shared");
    }
    if (key.shared() && !key.persistentVolume()) {
      throw new Invalid("Only persistent volumes can be shared");
    }
    return ResourceItem.of(key, amount(resource));
  }

  private static Amount amount(Resource resource) throws Invalid {
    int set =
        (resource.hasScalar() ? 1 : 0)
            + (resource.hasRanges() ? 1 : 0)
            + (resource.hasSet() ? 1 : 0);
    return switch (resource.getType()) {
      case SCALAR -> {
        if (!resource.hasScalar() || set != 1) {
          throw new Invalid("Invalid scalar resource");
        }
        double value = resource.getScalar().getValue();
        long thousandths = Thousandths.of(value);
        if (value != 0 && thousandths <= 0) {
          throw new Invalid("Invalid scalar resource: value <= 0");
        }
        yield new Amount.Scalar(thousandths);
      }
      case RANGES -> {
        if (!resource.hasRanges() || set != 1) {
          throw new Invalid("Invalid ranges resource");
        }
        yield ranges(resource.getRanges());
      }
      case SET -> {
        if (!resource.hasSet() || set != 1) {
          throw new Invalid("Invalid set resource");
        }
        var names = new TreeSet<>(resource.getSet().getItemList());
        if (names.size() != resource.getSet().getItemCount()) {
          throw new Invalid("Invalid set resource: duplicated elements");
        }
        yield new Amount.Items(names);
      }
      case TEXT -> throw new Invalid("Unsupported resource type");
    };
  }

  private static Ranges ranges(Value.Ranges wire) throws Invalid {
    var ranges = new ArrayList<Range>(wire.getRangeCount());
    long count = 0;
    for (var range : wire.getRangeList()) {
      if (Long.compareUnsigned(range.getBegin(), range.getEnd()) > 0) {
        throw new Invalid("Invalid ranges resource: begin > end");
      }
      if (range.getEnd() < 0 || range.getEnd() == Long.MAX_VALUE) {
        throw new Invalid(
            "Invalid ranges resource: end "
                + Long.toUnsignedString(range.getEnd())
                + " is beyond "
                + (Long.MAX_VALUE - 1));
      }
      ranges.add(new Range(range.getBegin(), range.getEnd()));
      count += range.getEnd() - range.getBegin() + 1;
    }
    var result = Ranges.of(ranges);
    if (result.count() != count) {
      throw new Invalid("Invalid ranges resource: overlapping ranges");
    }
    return result;
  }

  private static void checkDisk(Resource resource) throws Invalid {
    if (!resource.hasDisk()) {
      return;
    }
    if (!resource.getName().equals("disk")) {
      throw new Invalid("DiskInfo should not be set for " + resource.getName() + " resource");
    }
    if (!resource.getDisk().hasSource()) {
      return;
    }
    var source = resource.getDisk().getSource();
    switch (source.getType()) {
      case PATH, MOUNT -> {}
      case BLOCK, RAW -> {
        if (source.hasMount() || source.hasPath()) {
          throw new Invalid(
              (source.hasMount() ? "Mount" : "Path")
                  + " should not be set for "
                  + source.getType()
                  + " disk source");
        }
      }
      case UNKNOWN -> throw new Invalid("Unsupported 'DiskInfo.Source.Type' in a disk resource");
    }
  }

  private static List<ReservationInfo> reservations(Resource resource) throws Invalid {
    return resource.getReservationsCount() == 0 ? oldReservation(resource) : stack(resource);
  }

  private static List<ReservationInfo> oldReservation(Resource resource) throws Invalid {
    var role = resource.getRole();
    checkRole(role);
    if (!resource.hasReservation()) {
      return role.equals(Roles.ANY)
          ? List.of()
          : List.of(
              ReservationInfo.newBuilder()
                  .setType(ReservationInfo.Type.STATIC)
                  .setRole(role)
                  .build());
    }
    var reservation = resource.getReservation();
    if (reservation.hasType() || reservation.hasRole()) {
      throw new Invalid(
          "'Resource.ReservationInfo."
              + (reservation.hasType() ? "type" : "role")
              + "' must not be set for the 'Resource.reservation' field");
    }
    if (role.equals(Roles.ANY)) {
      throw new Invalid("Invalid reservation: role \"*\" cannot be dynamically reserved");
    }
    return List.of(
        reservation.toBuilder().setType(ReservationInfo.Type.DYNAMIC).setRole(role).build());
  }

  private static List<ReservationInfo> stack(Resource resource) throws Invalid {
    var stack = resource.getReservationsList();
    for (int i = 0; i < stack.size(); i++) {
      var reservation = stack.get(i);
      if (!reservation.hasType() || !reservation.hasRole()) {
        throw new Invalid(
            "Invalid reservation: 'Resource.ReservationInfo."
                + (reservation.hasType() ? "role" : "type")
                + "' field must be set.");
      }
      if (reservation.getType() == ReservationInfo.Type.UNKNOWN) {
        throw new Invalid("Unsupported 'Resource.ReservationInfo.Type'");
      }
      checkRole(reservation.getRole());
      if (reservation.getRole().equals(Roles.ANY)) {
        throw new Invalid("Invalid reservation: role \"*\" cannot be reserved");
      }
      if (i > 0 && reservation.getType() == ReservationInfo.Type.STATIC) {
        throw new Invalid("Invalid refined reservation: A refined reservation cannot be STATIC");
      }
      if (i > 0 && !Roles.isBelow(reservation.getRole(), stack.get(i - 1).getRole())) {
        throw new Invalid(
            "Invalid refined reservation: role '"
                + reservation.getRole()
                + "' is not a refinement of '"
                + stack.get(i - 1).getRole()
                + "'");
      }
    }
    if (stack.size() > 1 && (resource.hasRole() || resource.hasReservation())) {
      throw new Invalid(
          "Invalid resource format: 'Resource."
              + (resource.hasRole() ? "role" : "reservation")
              + "' must not be set if there is more than one reservation in"
              + " 'Resource.reservations'");
    }
    checkAgreement(resource, stack.getFirst());
    return stack;
  }

  /// The old fields may stand beside a single reservation when they say the same.
  private static void checkAgreement(Resource resource, ReservationInfo reservation)
      throws Invalid {
    if (resource.hasRole() && !resource.getRole().equals(reservation.getRole())) {
      throw new Invalid(
          "Invalid resource format: 'Resource.role' field with '"
              + resource.getRole()
              + "' does not match the role '"
              + reservation.getRole()
              + "' in 'Resource.reservations'");
    }
    if (reservation.getType() == ReservationInfo.Type.STATIC) {
      if (resource.hasReservation()) {
        throw new Invalid(
            "Invalid resource format: 'Resource.reservation' must not be set if the single"
                + " reservation in 'Resource.reservations' is STATIC");
      }
      return;
    }
    if (resource.getReservationsCount() == 1 && resource.hasRole() != resource.hasReservation()) {
      throw new Invalid(
          "Invalid resource format: 'Resource.role' and 'Resource.reservation' must either be"
              + " both set or both not set if the single reservation in 'Resource.reservations'"
              + " is DYNAMIC");
    }
    if (resource.hasReservation()) {
      var old = resource.getReservation();
      if (!old.getPrincipal().equals(reservation.getPrincipal())
          || !old.getLabels().equals(reservation.getLabels())) {
        throw new Invalid(
            "Invalid resource format: principal or labels of 'Resource.reservation' do not match"
                + " those in 'Resource.reservations'");
      }
    }
  }

  private static void checkRole(String role) throws Invalid {
    var problem = Roles.problem(role);
    if (problem.isPresent()) {
      throw new Invalid(problem.get());
    }
  }

  /// Whether [Format#PRE] can express `resources`.
  public static boolean fitsPre(Resources resources) {
    return resources.items().stream().allMatch(item -> item.key().reservations().size() < 2);
  }

  /// The wire form, one message per item (a shared one once per copy).
  ///
  /// @throws IllegalArgumentException for refined reservations in [Format#PRE]
  public static List<Resource> encode(Resources resources, Format format) {
    var result = new ArrayList<Resource>(resources.items().size());
    for (var item : resources.items()) {
      var wire = encode(item, format);
      for (int i = 0; i < item.copies(); i++) {
        result.add(wire);
      }
    }
    return result;
  }

  public static Resource encode(ResourceItem item, Format format) {
    var key = item.key();
    var result = Resource.newBuilder().setName(key.name()).setType(key.type());
    switch (item.amount()) {
      case Amount.Scalar(long thousandths) ->
          result.setScalar(Value.Scalar.newBuilder().setValue(Thousandths.toDouble(thousandths)));
      case Amount.Items items -> result.setSet(Value.Set.newBuilder().addAllItem(items.names()));
      case Ranges ranges -> {
        var wire = Value.Ranges.newBuilder();
        for (var range : ranges.ranges()) {
          wire.addRangeBuilder().setBegin(range.begin()).setEnd(range.end());
        }
        result.setRanges(wire);
      }
    }
    if (key.providerId() != null) {
      result.setProviderId(ResourceProviderID.newBuilder().setValue(key.providerId()));
    }
    if (key.allocationRole() != null) {
      result.setAllocationInfo(AllocationInfo.newBuilder().setRole(key.allocationRole()));
    }
    if (key.disk() != null) {
      result.setDisk(key.disk().info());
    }
    if (key.revocable()) {
      result.setRevocable(RevocableInfo.getDefaultInstance());
    }
    if (key.shared()) {
      result.setShared(SharedInfo.getDefaultInstance());
    }
    writeReservations(result, key, format);
    return result.build();
  }

  private static void writeReservations(Resource.Builder result, ResourceKey key, Format format) {
    var stack = key.reservations();
    if (format != Format.PRE) {
      result.addAllReservations(stack);
    } else if (stack.size() > 1) {
      throw new IllegalArgumentException("refined reservations cannot be written as PRE: " + key);
    }
    if (format == Format.POST || stack.size() > 1) {
      return;
    }
    result.setRole(key.reservationRole());
    if (key.dynamicallyReserved()) {
      result.setReservation(stack.getFirst().toBuilder().clearType().clearRole());
    }
  }

  /// The same resource written in another format.
  public static List<Resource> convert(Collection<Resource> resources, Format format)
      throws Invalid {
    var result = new ArrayList<Resource>(resources.size());
    for (var resource : resources) {
      var stack = reservations(resource);
      if (format == Format.PRE && stack.size() > 1) {
        throw new Invalid(
            "Refined reservation to '" + stack.getLast().getRole() + "' cannot be expressed");
      }
      var builder = resource.toBuilder().clearRole().clearReservation().clearReservations();
      writeReservations(
          builder,
          ResourceKey.plain(resource.getName(), resource.getType()).withReservations(stack),
          format);
      result.add(builder.build());
    }
    return result;
  }
}
