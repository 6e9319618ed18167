// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.master.Response.GetAgents;
import io.meseta.wire.v1.master.Response.GetFrameworks;
import java.time.Instant;
import java.util.List;

/// Agents and frameworks as the v1 operator API shows them.
public final class V1Views {
  private V1Views() {}

  public static GetAgents.Agent agent(AgentView agent) {
    var result =
        GetAgents.Agent.newBuilder()
            .setAgentInfo(agent.shownInfo())
            .setActive(agent.active())
            .setDeactivated(agent.deactivated())
            .setVersion(agent.version())
            .setPid(agent.pid().toString())
            .setRegisteredTime(time(agent.registeredTime()))
            .addAllTotalResources(full(agent.shown(agent.total())))
            .addAllAllocatedResources(full(agent.shown(agent.usedTotal())))
            .addAllOfferedResources(full(agent.shown(agent.offeredTotal())))
            .addAllCapabilities(agent.capabilities());
    agent.reregisteredTime().ifPresent(time -> result.setReregisteredTime(time(time)));
    agent.drain().ifPresent(result::setDrainInfo);
    agent.drainStarted().ifPresent(time -> result.setEstimatedDrainStartTime(time(time)));
    return result.build();
  }

  public static GetFrameworks.Framework framework(FrameworkView framework) {
    return framework(framework, framework.used());
  }

  /// @param used what its tasks and executors hold
  public static GetFrameworks.Framework framework(FrameworkView framework, Resources used) {
    var result =
        GetFrameworks.Framework.newBuilder()
            .setFrameworkInfo(framework.info())
            .setActive(framework.active())
            .setConnected(framework.connected())
            .setRecovered(framework.recovered())
            .setRegisteredTime(time(framework.registeredTime()))
            .setReregisteredTime(time(framework.reregisteredTime()))
            .addAllOffers(framework.offers())
            .addAllAllocatedResources(full(used))
            .addAllOfferedResources(full(framework.offered()))
            .setOfferConstraints(framework.constraints());
    framework.unregisteredTime().ifPresent(time -> result.setUnregisteredTime(time(time)));
    return result.build();
  }

  private static List<Resource> full(Resources resources) {
    return ResourceWire.encode(resources, Format.ENDPOINT);
  }

  private static TimeInfo time(Instant time) {
    return TimeInfo.newBuilder()
        .setNanoseconds(time.getEpochSecond() * 1_000_000_000L + time.getNano())
        .build();
  }
}
