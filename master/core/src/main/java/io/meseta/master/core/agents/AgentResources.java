// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import java.util.ArrayList;
import java.util.List;

/// What an agent has in total: its own resources, with the dynamic reservations and volumes that it
/// has on its disk applied to them.
final class AgentResources {
  private AgentResources() {}

  static Resources total(List<Resource> own, List<Resource> checkpointed) throws Invalid {
    var total = ResourceWire.decode(own);
    for (var item : ResourceWire.decode(checkpointed).items()) {
      var original = Resources.of(ResourceItem.of(original(item.key()), item.amount()));
      if (!total.contains(original)) {
        throw new Invalid(
            "Incompatible agent resources: "
                + total
                + " does not contain "
                + original
                + ", which "
                + item
                + " was made of");
      }
      total = total.minus(original).plus(Resources.of(item));
    }
    return total;
  }

  /// The same agent with its resources in the form that servers use.
  static AgentInfo upgrade(AgentInfo info) throws Invalid {
    return info.toBuilder()
        .clearResources()
        .addAllResources(ResourceWire.convert(info.getResourcesList(), Format.POST))
        .build();
  }

  /// Without what was reserved or created later.
  private static ResourceKey original(ResourceKey key) {
    var stack = new ArrayList<>(key.reservations());
    while (!stack.isEmpty() && stack.getLast().getType() == ReservationInfo.Type.DYNAMIC) {
      stack.removeLast();
    }
    var result = key.withReservations(stack);
    var disk = key.disk();
    if (disk == null) {
      return result;
    }
    var bare = disk.info().toBuilder().clearPersistence().clearVolume().build();
    return result.withDisk(bare.hasSource() ? bare : null, false);
  }
}
