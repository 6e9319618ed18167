// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.AgentInfo.Capability;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the allocator must know of an agent.
///
/// @param total all of its resources, without allocations
/// @param info what offer constraints look at
/// @param remoteRegion the region that it is in when that is not the master's
public record AgentSpec(
    Resources total,
    Set<Capability.Type> capabilities,
    @Nullable String remoteRegion,
    AgentInfo info) {
  public AgentSpec {
    capabilities = copy(capabilities);
  }

  /// An agent that no constraint looks at.
  public AgentSpec(
      Resources total, Set<Capability.Type> capabilities, @Nullable String remoteRegion) {
    this(total, capabilities, remoteRegion, AgentInfo.getDefaultInstance());
  }

  private static Set<Capability.Type> copy(Collection<Capability.Type> types) {
    var result = EnumSet.noneOf(Capability.Type.class);
    result.addAll(types);
    return result;
  }

  boolean has(Capability.Type capability) {
    return capabilities.contains(capability);
  }
}
