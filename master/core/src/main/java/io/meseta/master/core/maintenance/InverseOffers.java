// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.maintenance;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.offers.RefuseSeconds;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.InverseOffer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.allocator.InverseOfferStatus;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Owns the inverse offers: asks each framework that holds something on a machine with planned
/// unavailability to give it back, keeps its answer, and asks again when its refusal is over.
public final class InverseOffers {
  private record Asked(String agentId, String frameworkId) {}

  private record Outstanding(OfferID id, Asked asked) {}

  private final Master master;
  private final Map<String, Outstanding> outstanding = new LinkedHashMap<>();
  private final Map<Asked, String> byAsked = new LinkedHashMap<>();

  /// By agent and framework.
  private final Map<String, Map<String, InverseOfferStatus>> statuses = new LinkedHashMap<>();

  private final Map<Asked, Instant> quietUntil = new LinkedHashMap<>();
  private long nextId;

  InverseOffers(Master master) {
    this.master = master;
  }

  Collection<InverseOfferStatus> statuses(String agentId) {
    return statuses.getOrDefault(agentId, Map.of()).values();
  }

  /// Once per allocation interval: whoever holds something and was not asked is asked.
  public void make() {
    var events = new LinkedHashMap<String, Event.InverseOffers.Builder>();
    for (var agent : master.agents.registered()) {
      if (agent.unavailability().isPresent() && agent.active()) {
        for (var frameworkId : holders(agent)) {
          master
              .frameworks
              .get(frameworkId)
              .filter(Framework::active)
              .ifPresent(framework -> ask(agent, framework, events));
        }
      }
    }
    events.forEach((id, offers) ->
        master.frameworks.send(
            master.frameworks.get(id).orElseThrow(),
            Event.newBuilder()
                .setType(Event.Type.INVERSE_OFFERS)
                .setInverseOffers(offers)
                .build()));
  }

  private static LinkedHashSet<String> holders(Agent agent) {
    var result = new LinkedHashSet<>(agent.used().keySet());
    agent.offers().forEach(offer -> result.add(offer.frameworkId()));
    return result;
  }

  private void ask(
      Agent agent, Framework framework, Map<String, Event.InverseOffers.Builder> events) {
    var asked = new Asked(agent.id(), framework.id());
    var quiet = quietUntil.get(asked);
    if (byAsked.containsKey(asked) || (quiet != null && quiet.isAfter(master.now()))) {
      return;
    }
    quietUntil.remove(asked);
    var id = OfferID.newBuilder().setValue(master.info.getId() + "-O-inverse-" + nextId++).build();
    outstanding.put(id.getValue(), new Outstanding(id, asked));
    byAsked.put(asked, id.getValue());
    var template = agent.offerTemplate();
    events
        .computeIfAbsent(framework.id(), f -> Event.InverseOffers.newBuilder())
        .addInverseOffers(
            InverseOffer.newBuilder()
                .setId(id)
                .setUrl(template.getUrl())
                .setFrameworkId(framework.info().getId())
                .setAgentId(AgentID.newBuilder().setValue(agent.id()))
                .setUnavailability(agent.unavailability().orElseThrow()));
  }

  public void answer(
      Framework framework, List<OfferID> ids, InverseOfferStatus.Status status, Filters filters) {
    for (var id : ids) {
      var offer = outstanding.get(id.getValue());
      if (offer == null || !offer.asked().frameworkId().equals(framework.id())) {
        continue; // no longer valid
      }
      forget(offer);
      statuses
          .computeIfAbsent(offer.asked().agentId(), agentId -> new LinkedHashMap<>())
          .put(
              framework.id(),
              InverseOfferStatus.newBuilder()
                  .setStatus(status)
                  .setFrameworkId(FrameworkID.newBuilder().setValue(framework.id()))
                  .setTimestamp(RegistryOperation.time(master.now()))
                  .build());
      RefuseSeconds.of(filters)
          .ifPresent(duration -> quietUntil.put(offer.asked(), master.now().plus(duration)));
    }
  }

  private void forget(Outstanding offer) {
    outstanding.remove(offer.id().getValue());
    byAsked.remove(offer.asked());
  }

  private void rescind(Outstanding offer) {
    forget(offer);
    master
        .frameworks
        .get(offer.asked().frameworkId())
        .ifPresent(framework -> {
          boolean unused =
              master.frameworks.send(
                  framework,
                  Event.newBuilder()
                      .setType(Event.Type.RESCIND_INVERSE_OFFER)
                      .setRescindInverseOffer(
                          Event.RescindInverseOffer.newBuilder().setInverseOfferId(offer.id()))
                      .build());
        });
  }

  /// Another time, or none: everybody is asked anew.
  void restart(Agent agent) {
    for (var offer : List.copyOf(outstanding.values())) {
      if (offer.asked().agentId().equals(agent.id())) {
        rescind(offer);
      }
    }
    statuses.remove(agent.id());
    quietUntil.keySet().removeIf(asked -> asked.agentId().equals(agent.id()));
  }

  /// The agent has gone away, or cannot be reached.
  public void agentLeft(Agent agent) {
    restart(agent);
  }

  /// The scheduler has gone away: it is asked anew when it is back.
  public void frameworkLeft(String frameworkId) {
    for (var offer : List.copyOf(outstanding.values())) {
      if (offer.asked().frameworkId().equals(frameworkId)) {
        forget(offer);
      }
    }
    quietUntil.keySet().removeIf(asked -> asked.frameworkId().equals(frameworkId));
    if (master.frameworks.get(frameworkId).isEmpty()) {
      statuses.values().forEach(answers -> answers.remove(frameworkId));
      statuses.values().removeIf(Map::isEmpty);
    }
  }
}
