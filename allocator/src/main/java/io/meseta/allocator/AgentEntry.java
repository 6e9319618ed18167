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
    this.spec = spec;
    this.free = spec.total().nonShared();
    this.hasGpus = spec.total().scalar("gpus") > 0;
  }

  void changeTotal(Resources total) {
    spec = new AgentSpec(total, spec.capabilities(), spec.remoteRegion(), spec.info());
    hasGpus = total.scalar("gpus") > 0;
  }

  void recomputeFree() {
    free =
        spec.total()
            .nonShared()
            .minusAvailable(Resources.sum(allocated.values()).unallocate().nonShared());
  }

  /// What could be offered now: what is free, and shared volumes even while in use.
  Resources offerable() {
    var shared = spec.total().shared();
    return shared.isEmpty() ? free : free.plus(shared);
  }
}
