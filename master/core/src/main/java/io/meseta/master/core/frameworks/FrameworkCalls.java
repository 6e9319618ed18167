// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.scheduler.Call;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Calls of a scheduler about its framework: REVIVE, SUPPRESS, UPDATE_FRAMEWORK.
public final class FrameworkCalls {
  private final Master master;

  public FrameworkCalls(Master master) {
    this.master = master;
  }

  public void revive(Framework framework, Call.Revive call) {
    master.counters.add("messages_revive_offers");
    if (legal(framework, call.getRolesList(), "REVIVE")) {
      master.allocator.revive(framework.id(), call.getRolesList());
      framework.touch();
    }
  }

  public void suppress(Framework framework, Call.Suppress call) {
    master.counters.add("messages_suppress_offers");
    if (legal(framework, call.getRolesList(), "SUPPRESS")) {
      master.allocator.suppress(framework.id(), call.getRolesList());
      framework.touch();
    }
  }

  /// One bad role drops the whole call, which was accepted (202) before it was looked at.
  private boolean legal(Framework framework, Collection<String> roles, String call) {
    for (var role : roles) {
      var problem =
          Roles.problem(role)
              .or(() ->
                  framework.roles().contains(role)
                      ? Optional.empty()
                      : Optional.of("'" + role + "' is not among its roles " + framework.roles()));
      if (problem.isPresent()) {
        master.out.note(
            "dropping " + call + " of framework " + framework.id() + ": " + problem.get());
        return false;
      }
    }
    return true;
  }

  /// Answers 200 once done, 400 with the reason if not.
  public Effect.Reply update(long requestId, Framework framework, Call.UpdateFramework call) {
    var info = call.getFrameworkInfo();
    var problem =
        FrameworkRules.problem(
                info, call.getSuppressedRolesList(), call.getOfferConstraints(), master.config)
            .map(reason -> "Supplied FrameworkInfo is not valid: " + reason)
            .or(() ->
                FrameworkRules.updateProblem(framework.info(), info)
                    .map(reason -> "FrameworkInfo update is not valid: " + reason));
    if (problem.isPresent()) {
      return new Effect.Reply(requestId, 400, problem.get());
    }
    var forbidden = master.permissions.register(info);
    if (forbidden.isPresent()) {
      return new Effect.Reply(requestId, 403, forbidden.get());
    }
    boolean described = !info.equals(framework.info());
    boolean constrained = !call.getOfferConstraints().equals(framework.constraints());
    master.frameworks.update(
        framework, info, call.getOfferConstraints(), List.copyOf(call.getSuppressedRolesList()));
    if (described) {
      master.frameworks.broadcast(framework);
    } else if (constrained) { // which agents are not told
      master.frameworks.tellWatchers(framework);
    }
    return new Effect.Reply(requestId, 200, "");
  }
}
