// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// An agent as the allocator sees it. Invariant: `free` is the total (unshared) without what is
/// allocated.
final class AgentEntry {
  final String id;
  AgentSpec spec;
  boolean active = true;
  boolean hasGpus;

  /// Whether its total has shared volumes: asked for every agent when a framework comes.
  private boolean hasShared;

  /// What counts as headroom: free, unreserved, not revocable; nothing while it is not active.
  Quantities headroom = Quantities.EMPTY;

  /// Unshared resources that nobody holds.
  Resources free;

  /// What each framework holds, offers included.
  final Map<String, Resources> allocated = new LinkedHashMap<>();

  /// Who refuses something of it.
  final Set<Client> refusedBy = new LinkedHashSet<>();

  AgentEntry(String id, AgentSpec spec) {
    this.id = id;
    this.free = spec.total().nonShared();
    change(spec);
  }

  void changeTotal(Resources total) {
    change(new AgentSpec(total, spec.capabilities(), spec.remoteRegion(), spec.info()));
  }

  void change(AgentSpec changed) {
    spec = changed;
    hasGpus = changed.total().scalar("gpus") > 0;
    hasShared = !changed.total().shared().isEmpty();
  }

  boolean offersNothing() {
    return free.isEmpty() && !hasShared;
  }

  void recomputeFree() {
    free =
        spec.total()
            .nonShared()
            .minusAvailable(Resources.sum(allocated.values()).unallocate().nonShared());
  }

  /// What could be offered now: what is free, and shared volumes even while in use.
  Resources offerable() {
    return hasShared ? free.plus(spec.total().shared()) : free;
  }
}
