// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Resource;
import java.util.List;

/// What an agent has in total: its own resources, with the dynamic reservations and volumes that it
/// has on its disk applied to them.
final class AgentResources {
  private AgentResources() {}

  static Resources total(List<Resource> own, List<Resource> checkpointed) throws Invalid {
    return Conversion.applyCheckpointed(
        ResourceWire.decode(own), ResourceWire.decode(checkpointed));
  }

  /// The same agent with its resources in the form that servers use.
  static AgentInfo upgrade(AgentInfo info) throws Invalid {
    return info.toBuilder()
        .clearResources()
        .addAllResources(ResourceWire.convert(info.getResourcesList(), Format.POST))
        .build();
  }
}
