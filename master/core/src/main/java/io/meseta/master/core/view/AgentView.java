// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A registered agent at one moment.
///
/// @param used by framework, what each task and executor holds
/// @param offered what each offer holds
/// @param shows which resources the reader may see
public record AgentView(
    AgentInfo info,
    Upid pid,
    String version,
    List<AgentInfo.Capability> capabilities,
    Instant registeredTime,
    Optional<Instant> reregisteredTime,
    Resources total,
    Map<String, List<Resources>> used,
    List<Resources> offered,
    boolean active,
    boolean connected,
    boolean deactivated,
    Optional<DrainInfo> drain,
    Optional<Instant> drainStarted,
    Predicate<ResourceItem> shows) {
  /// For readers that may see all resources.
  public static final Predicate<ResourceItem> EVERYTHING = item -> true;

  public String id() {
    return info.getId().getValue();
  }

  /// The same agent for those who may not see everything of it.
  AgentView showing(Predicate<ResourceItem> some) {
    return new AgentView(
        info,
        pid,
        version,
        capabilities,
        registeredTime,
        reregisteredTime,
        total,
        used,
        offered,
        active,
        connected,
        deactivated,
        drain,
        drainStarted,
        some);
  }

  /// What may be shown of `resources` where roles are named; sums without roles are of all.
  public Resources shown(Resources resources) {
    return shows == EVERYTHING ? resources : resources.filter(shows);
  }

  /// Its description with what may be shown.
  public AgentInfo shownInfo() {
    return shows == EVERYTHING ? info : shown(info, shows);
  }

  static AgentInfo shown(AgentInfo info, Predicate<ResourceItem> shows) {
    var some = ResourceWire.decodeTrusted(info.getResourcesList()).filter(shows);
    return info.toBuilder()
        .clearResources()
        .addAllResources(ResourceWire.encode(some, ResourceWire.Format.POST))
        .build();
  }

  /// All that frameworks use of it.
  public Resources usedTotal() {
    var parts = new ArrayList<Resources>();
    used.values().forEach(parts::addAll);
    return Resources.sum(parts);
  }

  public Resources offeredTotal() {
    return Resources.sum(offered);
  }
}
