// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A framework as the allocator sees it.
final class FrameworkEntry {
  /// The obstacle that the framework itself set.
  static final String EXCLUDED = "the framework's offer constraints exclude the agent";

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

  /// Why it may not be shown the agent at all, in the given role; null when it may.
  @Nullable String obstacle(AgentEntry agent, String role, boolean hideGpus) {
    if (hideGpus && agent.hasGpus && !spec.has(Capability.Type.GPU_RESOURCES)) {
      return "the agent has gpus and the framework is not GPU_RESOURCES";
    }
    if (agent.spec.remoteRegion() != null && !spec.has(Capability.Type.REGION_AWARE)) {
      return "the agent is in another region and the framework is not REGION_AWARE";
    }
    if (spec.has(Capability.Type.MULTI_ROLE)
        && !agent.spec.has(AgentInfo.Capability.Type.MULTI_ROLE)) {
      return "the agent is not MULTI_ROLE";
    }
    if (role.indexOf('/') >= 0 && !agent.spec.has(AgentInfo.Capability.Type.HIERARCHICAL_ROLE)) {
      return "the agent is not HIERARCHICAL_ROLE";
    }
    var constraint = spec.constraints().get(role);
    if (constraint != null && !constraint.test(agent.spec.info())) {
      return EXCLUDED;
    }
    return null;
  }

  /// Whether an offer of so much is worth making.
  boolean worthwhile(Quantities quantities, String role, AllocatorOptions options) {
    var alternatives = spec.minAllocatable().getOrDefault(role, options.minAllocatable());
    if (alternatives.isEmpty()) {
      return true;
    }
    for (Quantities alternative : alternatives) {
      if (quantities.contains(alternative)) {
        return true;
      }
    }
    return false;
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
