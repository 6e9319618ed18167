// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.model.IdRules;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Amount;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/// What the resources of tasks and executors may be. Original: src/master/validation.cpp.
public final class ResourceRules {
  private ResourceRules() {}

  /// What holds for all resources, whoever uses them.
  public static Resources checkPlain(String prefix, List<Resource> wire) throws Invalid {
    Resources resources;
    try {
      resources = ResourceWire.decode(wire);
    } catch (Invalid e) {
      throw new Invalid(prefix + "Invalid resources: " + e.reason());
    }
    checkGpus(prefix, resources);
    checkDisks(prefix, resources);
    return resources;
  }

  /// @param who `Task` or `Executor`, for messages
  static Resources check(String who, List<Resource> wire) throws Invalid {
    var lower = who.toLowerCase(Locale.ROOT);
    Resources resources;
    try {
      resources = ResourceWire.decode(wire);
    } catch (Invalid e) {
      throw new Invalid(who + " uses invalid resources: Invalid resources: " + e.reason());
    }
    checkGpus(who + " uses invalid resources: ", resources);
    checkDisks(who + " uses invalid resources: ", resources);
    checkPersistenceIds(who + " uses duplicate persistence ID: ", resources);
    checkOneRole("Invalid " + lower + " resources: ", resources);
    checkRevocable(who + " mixes revocable and non-revocable resources: ", resources);
    return resources;
  }

  private static void checkGpus(String prefix, Resources resources) throws Invalid {
    if (resources.scalar("gpus") % 1000 != 0) {
      throw new Invalid(
          prefix + "Invalid 'gpus' resource: The 'gpus' resource must be an unsigned integer");
    }
  }

  private static void checkDisks(String prefix, Resources resources) throws Invalid {
    for (var item : resources.items()) {
      var disk = item.key().disk();
      if (disk == null) {
        continue;
      }
      var info = disk.info();
      String problem = null;
      if (info.hasPersistence()) {
        var idProblem = IdRules.problem(info.getPersistence().getId());
        if (item.key().revocable()) {
          problem = "Persistent volumes cannot be created from revocable resources";
        } else if (!item.key().reserved()) {
          problem = "Persistent volumes cannot be created from unreserved resources";
        } else if (!info.hasVolume()) {
          problem = "Expecting 'volume' to be set for persistent volume";
        } else if (info.getVolume().hasHostPath()) {
          problem = "Expecting 'host_path' to be unset for persistent volume";
        } else if (idProblem.isPresent()) {
          problem = "Invalid persistence ID for persistent volume: " + idProblem.get();
        }
      } else if (info.hasVolume()) {
        problem = "Non-persistent volume not supported";
      } else if (!info.hasSource()) {
        problem = "DiskInfo is set but empty";
      }
      if (problem != null) {
        throw new Invalid(prefix + "Invalid DiskInfo: " + problem);
      }
    }
  }

  static void checkPersistenceIds(String prefix, Resources resources) throws Invalid {
    var seen = new HashSet<List<String>>();
    for (var item : resources.items()) {
      var disk = item.key().disk();
      if (disk != null && disk.info().hasPersistence()) {
        var id = disk.info().getPersistence().getId();
        if (!seen.add(List.of(item.key().reservationRole(), id)) || item.copies() > 1) {
          throw new Invalid(prefix + "Persistence ID '" + id + "' is not unique");
        }
      }
    }
  }

  /// A task, executor or operation holds resources of one role.
  public static void checkOneRole(String prefix, Resources resources) throws Invalid {
    var roles = resources.allocations().keySet();
    if (roles.size() > 1) {
      var two = roles.iterator();
      throw new Invalid(
          prefix
              + "The resources have multiple allocation roles ('"
              + two.next()
              + "' and '"
              + two.next()
              + "') but only one allocation role is allowed");
    }
  }

  static void checkRevocable(String prefix, Resources resources) throws Invalid {
    for (var item : resources.items()) {
      var name = item.key().name();
      if (item.key().revocable() && !resources.named(name).nonRevocable().isEmpty()) {
        throw new Invalid(
            prefix + "Cannot use both revocable and non-revocable '" + name + "' at the same time");
      }
    }
  }

  /// Whether any range or set is claimed twice.
  static boolean overlap(List<Resources> parts) {
    var sum = Resources.EMPTY;
    for (var part : parts) {
      for (var item : part.items()) {
        if (item.amount() instanceof Amount.Scalar) {
          continue;
        }
        for (var present : sum.items()) {
          if (present.key().equals(item.key())
              && !present.amount().minus(item.amount()).equals(present.amount())) {
            return true;
          }
        }
      }
      sum = sum.plus(part);
    }
    return false;
  }
}
