// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.util.LinkedHashMap;
import java.util.Map;

/// A framework as the allocator sees it.
final class FrameworkEntry {
  final String id;
  FrameworkSpec spec;
  boolean active;

  /// By role. A role stays here after the framework left it, as long as it holds resources in it.
  final Map<String, Client> clients = new LinkedHashMap<>();

  FrameworkEntry(String id, FrameworkSpec spec) {
    this.id = id;
    this.spec = spec;
  }

  boolean wants(String role) {
    return active && spec.roles().contains(role) && !spec.suppressed().contains(role);
  }

  /// Whether it may be shown the agent at all, in the given role.
  boolean fits(AgentEntry agent, String role, boolean hideGpus) {
    if (hideGpus && agent.hasGpus && !spec.has(Capability.Type.GPU_RESOURCES)) {
      return false;
    }
    if (agent.spec.remoteRegion() != null && !spec.has(Capability.Type.REGION_AWARE)) {
      return false;
    }
    if (spec.has(Capability.Type.MULTI_ROLE)
        && !agent.spec.has(AgentInfo.Capability.Type.MULTI_ROLE)) {
      return false;
    }
    return role.indexOf('/') < 0 || agent.spec.has(AgentInfo.Capability.Type.HIERARCHICAL_ROLE);
  }

  /// The part of `resources` that it can understand.
  Resources understood(Resources resources) {
    boolean revocable = spec.has(Capability.Type.REVOCABLE_RESOURCES);
    boolean shared = spec.has(Capability.Type.SHARED_RESOURCES);
    boolean refined = spec.has(Capability.Type.RESERVATION_REFINEMENT);
    if (revocable && shared && refined) {
      return resources;
    }
    return resources.filter(item ->
        (revocable || !item.key().revocable())
            && (shared || !item.key().shared())
            && (refined || item.key().reservations().size() < 2));
  }
}
