// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.instances.Instance;
import io.meseta.wire.v1.Offer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;

/// The values that agents had in offers, by field: what a GROUP_BY without a number spreads over.
/// Not stored, and bounded.
public final class Seen {
  private static final int MAX_FIELDS = 1000;
  private static final int MAX_VALUES = 1000;

  private final TreeMap<String, LinkedHashSet<String>> values = new TreeMap<>();

  private String home = "";

  /// The region of the master, empty when it has none.
  public void home(String region) {
    home = region;
  }

  /// Whether an agent is in another region than the master.
  boolean remote(Instance.Agent agent) {
    var region = agent.region();
    return region != null && !home.isEmpty() && !region.equals(home);
  }

  /// Takes note of the agent of an offer.
  public void note(Offer offer) {
    Instance.Agent agent = Agents.of(offer);
    for (var field : new String[] {"hostname", "@region", "@zone"}) {
      Constraints.value(field, agent).ifPresent(value -> note(field, value));
    }
    agent.attributes().forEach(this::note);
  }

  private void note(String field, String value) {
    if (!values.containsKey(field) && values.size() >= MAX_FIELDS) {
      return;
    }
    var known = values.computeIfAbsent(field, name -> new LinkedHashSet<>());
    if (known.add(value) && known.size() > MAX_VALUES) {
      known.removeFirst();
    }
  }

  Set<String> of(String field) {
    var known = values.get(field.equals("@hostname") ? "hostname" : field);
    return known == null ? Set.of() : known;
  }
}
