// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// What the allocator must know of a framework.
///
/// @param suppressed those of its roles that want no offers now
/// @param minAllocatable for a role, the smallest offers that it wants (any one of them suffices),
///   in place of the flag
/// @param constraints for a role, which agents it takes; all when it is not there
public record FrameworkSpec(
    Set<String> roles,
    Set<String> suppressed,
    Set<Capability.Type> capabilities,
    Map<String, List<Quantities>> minAllocatable,
    Map<String, Predicate<AgentInfo>> constraints) {
  /// A framework that takes any agent.
  public FrameworkSpec(
      Set<String> roles,
      Set<String> suppressed,
      Set<Capability.Type> capabilities,
      Map<String, List<Quantities>> minAllocatable) {
    this(roles, suppressed, capabilities, minAllocatable, Map.of());
  }

  public FrameworkSpec {
    constraints = new LinkedHashMap<>(constraints);
    roles = new LinkedHashSet<>(roles);
    suppressed = new LinkedHashSet<>(suppressed);
    capabilities = copy(capabilities);
    minAllocatable = new LinkedHashMap<>(minAllocatable);
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
