// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.model.Invalid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Attribute;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.AttributeConstraint;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Offer constraints made ready: for each role the agents that may be offered. A role's groups are
/// alternatives; all constraints of a group must hold. Predicates on text hold for attributes that
/// are not text, which schedulers judge themselves. Regular expressions are RE2's: matching takes
/// time linear in the text, whatever a framework writes. Original:
/// src/master/allocator/mesos/offer_constraints_filter.cpp.
public final class ConstraintFilter {
  /// All groups and constraints of a framework: each is tried on each agent. One that wants its
  /// tasks on different hosts has a constraint for each of them.
  private static final int MAX_PARTS = 100_000;

  private ConstraintFilter() {}

  /// By role.
  ///
  /// @param maxProgramSize how large expressions may be once compiled
  /// @throws Invalid naming the constraint that cannot be used
  public static Map<String, Predicate<AgentInfo>> of(
      OfferConstraints constraints, int maxProgramSize) throws Invalid {
    checkCount(constraints);
    var regexes = new Regexes(maxProgramSize);
    var result = new LinkedHashMap<String, Predicate<AgentInfo>>();
    for (var entry : new TreeMap<>(constraints.getRoleConstraintsMap()).entrySet()) {
      if (entry.getValue().getGroupsCount() == 0) {
        throw new Invalid(
            "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role "
                + entry.getKey());
      }
      var alternatives = new ArrayList<List<Predicate<AgentInfo>>>();
      for (var group : entry.getValue().getGroupsList()) {
        if (group.getAttributeConstraintsCount() == 0) {
          throw new Invalid(
              "'OfferConstraints::RoleConstraints::groups' for role "
                  + entry.getKey()
                  + " contains an empty RoleConstraints::Group");
        }
        var all = new ArrayList<Predicate<AgentInfo>>();
        for (var constraint : group.getAttributeConstraintsList()) {
          all.add(predicate(constraint, regexes));
        }
        alternatives.add(all);
      }
      result.put(
          entry.getKey(),
          agent ->
              alternatives.stream()
                  .anyMatch(group -> group.stream().allMatch(one -> one.test(agent))));
    }
    return result;
  }

  private static void checkCount(OfferConstraints constraints) throws Invalid {
    long parts = 0;
    for (var role : constraints.getRoleConstraintsMap().values()) {
      for (var group : role.getGroupsList()) {
        parts += 1 + group.getAttributeConstraintsCount();
      }
    }
    if (parts > MAX_PARTS) {
      throw new Invalid(
          parts + " groups and constraints are more than the " + MAX_PARTS + " allowed");
    }
  }

  private static Predicate<AgentInfo> predicate(AttributeConstraint constraint, Regexes regexes)
      throws Invalid {
    var selector = constraint.getSelector();
    var test = test(constraint.getPredicate(), regexes);
    return switch (selector.getSelectorCase()) {
      case ATTRIBUTE_NAME -> {
        var name = selector.getAttributeName();
        yield agent -> {
          for (var attribute : agent.getAttributesList()) {
            if (attribute.getName().equals(name)) {
              return test.attribute(attribute);
            }
          }
          return test.missing;
        };
      }
      case PSEUDOATTRIBUTE_TYPE ->
          switch (selector.getPseudoattributeType()) {
            case HOSTNAME -> agent -> test.text(Optional.of(agent.getHostname()));
            case REGION -> agent -> test.text(region(agent));
            case ZONE -> agent -> test.text(zone(agent));
            case UNKNOWN -> throw new Invalid("Unknown pseudoattribute type");
          };
      case SELECTOR_NOT_SET ->
          throw new Invalid(
              "Exactly one of 'AttributeConstraint::Selector::name' or"
                  + " 'AttributeConstraint::Selector::pseudoattribute_type' must be set");
    };
  }

  private static Optional<String> region(AgentInfo agent) {
    return agent.getDomain().hasFaultDomain()
        ? Optional.of(agent.getDomain().getFaultDomain().getRegion().getName())
        : Optional.empty();
  }

  private static Optional<String> zone(AgentInfo agent) {
    return agent.getDomain().hasFaultDomain()
        ? Optional.of(agent.getDomain().getFaultDomain().getZone().getName())
        : Optional.empty();
  }

  /// @param missing what holds when there is no such attribute
  /// @param other what holds for one that is not text
  private record Test(boolean missing, boolean other, Predicate<String> matches) {
    boolean text(Optional<String> text) {
      return text.map(matches::test).orElse(missing);
    }

    boolean attribute(Attribute attribute) {
      return attribute.getType() == Value.Type.TEXT
          ? matches.test(attribute.getText().getValue())
          : other;
    }
  }

  private static Test test(AttributeConstraint.Predicate predicate, Regexes regexes)
      throws Invalid {
    return switch (predicate.getPredicateCase()) {
      case EXISTS -> new Test(false, true, text -> true);
      case NOT_EXISTS -> new Test(true, false, text -> false);
      case TEXT_EQUALS -> {
        var value = predicate.getTextEquals().getValue();
        yield new Test(false, true, value::equals);
      }
      case TEXT_NOT_EQUALS -> {
        var value = predicate.getTextNotEquals().getValue();
        yield new Test(true, true, text -> !text.equals(value));
      }
      case TEXT_MATCHES -> {
        var regex = regexes.get(predicate.getTextMatches().getRegex());
        yield new Test(false, true, regex::matches);
      }
      case TEXT_NOT_MATCHES -> {
        var regex = regexes.get(predicate.getTextNotMatches().getRegex());
        yield new Test(true, true, text -> !regex.matches(text));
      }
      case PREDICATE_NOT_SET -> throw new Invalid("Unknown predicate type");
    };
  }
}
