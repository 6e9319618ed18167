// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A registered agent at one moment.
///
/// @param used by framework, what each task and executor holds
/// @param offered what each offer holds
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
    Optional<Instant> drainStarted) {

  public String id() {
    return info.getId().getValue();
  }

  /// The same agent as if it had these resources.
  AgentView withTotal(Resources other) {
    return new AgentView(
        info,
        pid,
        version,
        capabilities,
        registeredTime,
        reregisteredTime,
        other,
        used,
        offered,
        active,
        connected,
        deactivated,
        drain,
        drainStarted);
  }

  /// All that frameworks use of it.
  public Resources usedTotal() {
    return Resources.sum(used.values().stream().map(Resources::sum).toList());
  }

  public Resources offeredTotal() {
    return Resources.sum(offered);
  }
}
