// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.queue;

import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.matching.Reject;
import io.meseta.wire.v1.Offer;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What became of the offers an app was tried on. One per waiting app.
public final class Statistics {
  private static final int AGENTS = 100;

  private record Unused(Offer offer, Reject reason, Instant at) {}

  /// Since when the app waits.
  private final Instant since;

  private int processed;
  private int unused;
  private @Nullable Instant lastUnusedAt;
  private @Nullable Instant lastUsedAt;
  private final LinkedHashMap<String, Unused> lastByAgent = new LinkedHashMap<>();
  private final EnumMap<Reject, Integer> attempt = new EnumMap<>(Reject.class);
  private int attemptProcessed;

  public Statistics(Instant since) {
    this.since = since;
  }

  public Instant since() {
    return since;
  }

  public void used(Offer offer, Instant now) {
    processed++;
    lastUsedAt = now;
    lastByAgent.remove(offer.getAgentId().getValue());
    attempt.clear();
    attemptProcessed = 0;
  }

  public void unused(Offer offer, Reject reason, Instant now) {
    processed++;
    unused++;
    attemptProcessed++;
    lastUnusedAt = now;
    attempt.merge(reason, 1, Integer::sum);
    lastByAgent.remove(offer.getAgentId().getValue());
    lastByAgent.put(offer.getAgentId().getValue(), new Unused(offer, reason, now));
    if (lastByAgent.size() > AGENTS) {
      lastByAgent.pollFirstEntry();
    }
  }

  /// `processedOffersSummary`
  public ObjectNode summary() {
    var json = Docs.object();
    json.put("processedOffersCount", processed);
    json.put("unusedOffersCount", unused);
    if (lastUnusedAt != null) {
      json.put("lastUnusedOfferAt", Docs.time(lastUnusedAt));
    }
    if (lastUsedAt != null) {
      json.put("lastUsedOfferAt", Docs.time(lastUsedAt));
    }
    var last = new EnumMap<Reject, Integer>(Reject.class);
    lastByAgent.values().forEach(each -> last.merge(each.reason(), 1, Integer::sum));
    json.set("rejectSummaryLastOffers", funnel(last, lastByAgent.size()));
    json.set("rejectSummaryLaunchAttempt", funnel(attempt, attemptProcessed));
    return json;
  }

  /// `lastUnusedOffers`
  public ArrayNode lastUnusedOffers() {
    var list = Docs.array();
    for (var each : List.copyOf(lastByAgent.values())) {
      var item = list.addObject();
      item.set("offer", offer(each.offer()));
      item.putArray("reason").add(each.reason().name());
      item.put("timestamp", Docs.time(each.at()));
    }
    return list;
  }

  private static ArrayNode funnel(Map<Reject, Integer> declined, int all) {
    var list = Docs.array();
    int left = all;
    for (var reason : Reject.values()) {
      int here = declined.getOrDefault(reason, 0);
      list.addObject().put("reason", reason.name()).put("declined", here).put("processed", left);
      left -= here;
    }
    return list;
  }

  private static JsonNode offer(Offer offer) {
    var json = Docs.object();
    json.put("id", offer.getId().getValue());
    json.put("agentId", offer.getAgentId().getValue());
    json.put("hostname", offer.getHostname());
    var resources = json.putArray("resources");
    for (var resource : offer.getResourcesList()) {
      var item = resources.addObject().put("name", resource.getName());
      if (resource.hasScalar()) {
        item.set("scalar", Docs.number(resource.getScalar().getValue()));
      }
      if (resource.hasRanges()) {
        var ranges = item.putArray("ranges");
        for (var range : resource.getRanges().getRangeList()) {
          ranges.addObject().put("begin", range.getBegin()).put("end", range.getEnd());
        }
      }
    }
    var attributes = json.putArray("attributes");
    for (var attribute : offer.getAttributesList()) {
      var item = attributes.addObject().put("name", attribute.getName());
      if (attribute.hasText()) {
        item.put("text", attribute.getText().getValue());
      }
      if (attribute.hasScalar()) {
        item.set("scalar", Docs.number(attribute.getScalar().getValue()));
      }
    }
    return json;
  }
}
