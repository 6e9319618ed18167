// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.AgentView;
import io.meseta.model.attributes.AttributeText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.AgentInfo;

/// An agent in `/state`, `/slaves` and `/state-summary`. Writes members; the caller begins and ends
/// the object.
final class AgentDocument {
  private AgentDocument() {}

  static void members(JsonOut out, AgentView agent) {
    head(out, agent.info());
    out.field("pid", agent.pid().toString());
    out.field("registered_time", Documents.seconds(agent.registeredTime()));
    agent
        .reregisteredTime()
        .ifPresent(time -> out.field("reregistered_time", Documents.seconds(time)));
    Documents.summary(out, "resources", agent.total());
    Documents.summary(out, "used_resources", agent.usedTotal());
    Documents.summary(out, "offered_resources", agent.offeredTotal());
    out.object("reserved_resources");
    agent
        .shown(agent.total())
        .reservations()
        .forEach((role, resources) -> Documents.summary(out, role, resources));
    out.end();
    Documents.summary(out, "unreserved_resources", agent.total().unreserved());
    out.field("active", agent.active());
    out.field("deactivated", agent.deactivated());
    agent.drain().ifPresent(drain -> out.field("drain_info", drain));
    agent
        .drainStarted()
        .ifPresent(
            time -> out.field("estimated_drain_start_time_seconds", Documents.seconds(time)));
    out.field("version", agent.version());
    out.array("capabilities");
    agent.capabilities().forEach(capability -> out.value(capability.getType().name()));
    out.end();
  }

  /// What is known even of an agent that is not back yet.
  static void head(JsonOut out, AgentInfo info) {
    out.field("id", info.getId().getValue());
    out.field("hostname", info.getHostname());
    out.field("port", info.getPort());
    out.object("attributes");
    for (var attribute : info.getAttributesList()) {
      if (AttributeText.summary(attribute) instanceof Double number) {
        out.field(attribute.getName(), number);
      } else {
        out.field(attribute.getName(), AttributeText.summary(attribute).toString());
      }
    }
    out.end();
    if (info.hasDomain()) {
      out.field("domain", info.getDomain());
    }
  }

  /// What `/slaves` says beyond the others: resources in full.
  static void full(JsonOut out, AgentView agent) {
    out.object("reserved_resources_full");
    agent
        .shown(agent.total())
        .reservations()
        .forEach((role, resources) -> resources(out, role, resources));
    out.end();
    resources(out, "unreserved_resources_full", agent.total().unreserved());
    resources(out, "used_resources_full", agent.shown(agent.usedTotal()));
    resources(out, "offered_resources_full", agent.shown(agent.offeredTotal()));
  }

  private static void resources(JsonOut out, String name, Resources resources) {
    out.array(name);
    ResourceWire.encode(resources, Format.ENDPOINT).forEach(out::message);
    out.end();
  }
}
