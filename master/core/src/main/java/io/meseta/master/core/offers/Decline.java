// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.master.core.Master;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.wire.v1.scheduler.Call;

/// Gives offers back unused, and says for how long not to make them again. Offers that are no
/// longer valid are passed over.
public final class Decline {
  private final Master master;

  public Decline(Master master) {
    this.master = master;
  }

  public void on(Framework framework, Call.Decline call) {
    master.counters.add("messages_decline_offers");
    var refuse = RefuseSeconds.of(call.getFilters());
    for (var offerId : call.getOfferIdsList()) {
      master
          .offers
          .get(offerId.getValue())
          .filter(offer -> offer.frameworkId().equals(framework.id()))
          .ifPresent(offer -> {
            framework.counts.add("offers/declined");
            master.offers.discard(offer, refuse);
          });
    }
  }
}
