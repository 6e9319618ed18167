// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

import io.meseta.model.attributes.AttributeText;
import io.meseta.model.resources.Amount;
import io.meseta.model.resources.Ranges;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Attribute;
import java.util.List;
import java.util.Optional;

/// Whether an agent that was started with other flags may keep its id. Original:
/// src/slave/compatibility.cpp.
public final class Compatibility {
  private Compatibility() {}

  /// `--reconfiguration_policy`.
  public enum Policy {
    EQUAL,
    ADDITIVE
  }

  /// Why `now` may not take the id of `before`, if it may not. Ids are not compared.
  public static Optional<String> problem(AgentInfo before, AgentInfo now, Policy policy) {
    return switch (policy) {
      case EQUAL -> equal(before, now);
      case ADDITIVE -> additive(before, now);
    };
  }

  private static Optional<String> equal(AgentInfo before, AgentInfo now) {
    var a = normal(before);
    var b = normal(now);
    if (a.equals(b)) {
      return Optional.empty();
    }
    return Optional.of(
        "Incompatible agent info detected.\n"
            + "Old agent info:\n"
            + before
            + "New agent info:\n"
            + (before.hasId() ? now.toBuilder().setId(before.getId()).build() : now));
  }

  private static AgentInfo normal(AgentInfo info) {
    return info.toBuilder()
        .clearId()
        .clearResources()
        .addAllResources(
            ResourceWire.encode(
                ResourceWire.decodeTrusted(info.getResourcesList()), ResourceWire.Format.POST))
        .build();
  }

  private static Optional<String> additive(AgentInfo before, AgentInfo now) {
    if (!before.getHostname().equals(now.getHostname())) {
      return changed("Hostname changed from " + before.getHostname() + " to " + now.getHostname());
    }
    if (before.getPort() != now.getPort()) {
      return changed("Port changed from " + before.getPort() + " to " + now.getPort());
    }
    if (before.hasDomain() && !before.getDomain().equals(now.getDomain())) {
      return changed("Domain changed from " + before.getDomain() + " to " + now.getDomain());
    }
    var old = ResourceWire.decodeTrusted(before.getResourcesList());
    var fresh = ResourceWire.decodeTrusted(now.getResourcesList());
    for (var item : old.items()) {
      var match =
          fresh.items().stream().filter(other -> other.key().equals(item.key())).findFirst();
      if (match.isEmpty()) {
        return changed("Resource not found: " + item);
      }
      var problem = shrunk(item, match.get());
      if (problem.isPresent()) {
        return problem;
      }
    }
    for (var attribute : before.getAttributesList()) {
      var problem = attributeChanged(attribute, now.getAttributesList());
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> shrunk(ResourceItem before, ResourceItem now) {
    if (now.amount().contains(before.amount())) {
      return Optional.empty();
    }
    var name = before.key().name();
    return switch (before.amount()) {
      case Amount.Scalar _ ->
          changed(
              "Value of scalar resource '" + name + "' decreased from " + before + " to " + now);
      case Ranges _ ->
          changed(
              "Previous value of range resource '"
                  + name
                  + "' ("
                  + before
                  + ") not included in current "
                  + now);
      case Amount.Items _ ->
          changed(
              "Previous value of set resource '"
                  + name
                  + "' ("
                  + before
                  + ") not included in current "
                  + now);
    };
  }

  private static Optional<String> attributeChanged(Attribute before, List<Attribute> now) {
    boolean kept =
        now.stream()
            .filter(other -> other.getName().equals(before.getName()))
            .anyMatch(other ->
                switch (before.getType()) {
                  case RANGES -> containsRanges(other, before);
                  case SET ->
                      other.getSet().getItemList().containsAll(before.getSet().getItemList());
                  case SCALAR, TEXT -> other.equals(before);
                });
    return kept
        ? Optional.empty()
        : changed(
            "Attribute '"
                + before.getName()
                + "' ("
                + AttributeText.summary(before)
                + ") was removed or changed");
  }

  private static boolean containsRanges(Attribute outer, Attribute inner) {
    return ranges(outer).contains(ranges(inner));
  }

  private static Ranges ranges(Attribute attribute) {
    return Ranges.of(
        attribute.getRanges().getRangeList().stream()
            .map(r -> new Ranges.Range(r.getBegin(), r.getEnd()))
            .toList());
  }

  private static Optional<String> changed(String what) {
    return Optional.of("Configuration change not permitted under `additive` policy: " + what);
  }
}
