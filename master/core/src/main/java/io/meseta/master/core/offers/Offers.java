// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.allocator.Allocation;
import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.AllocationInfo;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Owns the outstanding offers.
public final class Offers {
  private final Master master;
  private final Map<String, Offer> outstanding = new LinkedHashMap<>();
  private long nextId;

  public Offers(Master master) {
    this.master = master;
  }

  public Optional<Offer> get(String id) {
    return Optional.ofNullable(outstanding.get(id));
  }

  public int count() {
    return outstanding.size();
  }

  /// Makes offers of new allocations and sends each framework its own in one event.
  public void make(List<Allocation> allocations) {
    var events = new LinkedHashMap<String, Event.Offers.Builder>();
    for (var allocation : allocations) {
      var framework = master.frameworks.get(allocation.frameworkId()).orElseThrow();
      var agent = master.agents.get(allocation.agentId()).orElseThrow();
      var offer = create(framework, agent, allocation);
      outstanding.put(offer.id(), offer);
      framework.add(offer);
      agent.add(offer);
      framework.counts.add("offers/sent");
      master
          .config
          .offerTimeout()
          .ifPresent(
              timeout -> master.out.setTimer(new TimerKey.OfferTimeout(offer.id()), timeout));
      events
          .computeIfAbsent(framework.id(), id -> Event.Offers.newBuilder())
          .addOffers(offer.wire());
    }
    events.forEach((id, offers) ->
        master.frameworks.send(
            master.frameworks.get(id).orElseThrow(),
            Event.newBuilder().setType(Event.Type.OFFERS).setOffers(offers).build()));
  }

  private Offer create(Framework framework, Agent agent, Allocation allocation) {
    var id = master.info.getId() + "-O" + nextId++;
    boolean multiRole = framework.has(Capability.Type.MULTI_ROLE);
    var shown = multiRole ? allocation.resources() : allocation.resources().unallocate();
    var format = framework.has(Capability.Type.RESERVATION_REFINEMENT) ? Format.POST : Format.PRE;
    var wire =
        agent.offerTemplate().toBuilder()
            .setId(OfferID.newBuilder().setValue(id))
            .setFrameworkId(framework.info().getId())
            .addAllResources(
                ResourceWire.encode(shown, format).stream().filter(Offers::isOffered).toList());
    if (multiRole) {
      wire.setAllocationInfo(AllocationInfo.newBuilder().setRole(allocation.role()));
    }
    for (var executor : framework.executors(agent.id()).values()) {
      wire.addExecutorIds(executor.info().getExecutorId());
    }
    return new Offer(
        id, framework.id(), agent.id(), allocation.role(), allocation.resources(), wire.build());
  }

  /// The agent gives out ephemeral ports to containers by itself; frameworks do not see them.
  private static boolean isOffered(Resource resource) {
    return !resource.getName().equals("ephemeral_ports");
  }

  /// Takes the offer off the books; the caller decides about its resources.
  public void remove(Offer offer) {
    outstanding.remove(offer.id());
    master.frameworks.get(offer.frameworkId()).ifPresent(framework -> framework.remove(offer));
    master.agents.get(offer.agentId()).ifPresent(agent -> agent.remove(offer));
    if (master.config.offerTimeout().isPresent()) {
      master.out.cancelTimer(new TimerKey.OfferTimeout(offer.id()));
    }
  }

  /// Takes the offer back without telling the framework.
  public void discard(Offer offer, Optional<Duration> refuse) {
    remove(offer);
    master.allocator.recover(
        offer.frameworkId(), offer.agentId(), offer.resources(), refuse, master.now());
  }

  /// Takes the offer back and tells the framework.
  public void rescind(Offer offer) {
    discard(offer, Optional.empty());
    master
        .frameworks
        .get(offer.frameworkId())
        .ifPresent(framework -> {
          framework.counts.add("offers/rescinded");
          master.frameworks.send(
              framework,
              Event.newBuilder()
                  .setType(Event.Type.RESCIND)
                  .setRescind(Event.Rescind.newBuilder().setOfferId(offer.wire().getId()))
                  .build());
        });
  }

  public void timeout(String offerId) {
    get(offerId).ifPresent(this::rescind);
  }
}
