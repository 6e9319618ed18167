// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.instances.Instance;
import io.meseta.wire.v1.Attribute;
import io.meseta.wire.v1.Offer;
import java.util.LinkedHashMap;
import java.util.stream.Collectors;

/// What an offer says of its agent.
final class Agents {
  private Agents() {}

  static Instance.Agent of(Offer offer) {
    var attributes = new LinkedHashMap<String, String>();
    for (var attribute : offer.getAttributesList()) {
      attributes.put(attribute.getName(), text(attribute));
    }
    var domain = offer.getDomain().getFaultDomain();
    return new Instance.Agent(
        offer.getAgentId().getValue(),
        offer.getHostname(),
        domain.hasRegion() ? domain.getRegion().getName() : null,
        domain.hasZone() ? domain.getZone().getName() : null,
        attributes);
  }

  private static String text(Attribute attribute) {
    return switch (attribute.getType()) {
      case TEXT -> attribute.getText().getValue();
      case SCALAR -> {
        double value = attribute.getScalar().getValue();
        yield value == Math.rint(value) && Math.abs(value) < 1e15
            ? Long.toString((long) value)
            : Double.toString(value);
      }
      case SET ->
          attribute.getSet().getItemList().stream()
              .sorted()
              .collect(Collectors.joining(",", "{", "}"));
      case RANGES ->
          attribute.getRanges().getRangeList().stream()
              .map(range -> range.getBegin() + "-" + range.getEnd())
              .collect(Collectors.joining(",", "[", "]"));
    };
  }
}
