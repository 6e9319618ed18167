// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.flags.Texts;
import io.meseta.http.Answer;
import io.meseta.http.Firewall;
import io.meseta.http.Request;
import io.meseta.model.Invalid;
import io.meseta.model.acls.Acls;
import io.meseta.model.acls.Action;
import java.util.Optional;

/// Who may do what, by `--acls`. Original: src/slave/http.cpp and src/common/http.cpp.
final class Access {
  private final Acls acls;

  Access(Acls acls) {
    this.acls = acls;
  }

  /// @throws IllegalArgumentException naming the flag that cannot be used
  static Access of(AgentFlags flags) {
    if (flags.acls().isEmpty()) {
      return new Access(Acls.NONE);
    }
    try {
      return new Access(Acls.parse(Texts.json("acls", flags.acls().get())));
    } catch (Invalid e) {
      throw new IllegalArgumentException("--acls: " + e.reason(), e);
    }
  }

  /// The endpoints that are switched off.
  ///
  /// @throws IllegalArgumentException naming the flag that cannot be used
  static Optional<Firewall> firewall(AgentFlags flags) {
    return flags
        .firewallRules()
        .map(given -> {
          var text = Texts.json("firewall_rules", given);
          try {
            return Firewall.parse(text);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--firewall_rules: " + e.getMessage(), e);
          }
        });
  }

  static Answer forbidden() {
    return Answer.text(403, "403 Forbidden.");
  }

  /// @param principal empty for whoever has not said who they are
  Visibility seenBy(Optional<String> principal) {
    return new Visibility(acls, principal);
  }

  /// Whether something may be done that is done to nothing in particular.
  boolean permits(Request request, Action action) {
    return acls.permits(request.principal(), action, Optional.empty());
  }

  /// The refusal of whoever may not use an endpoint.
  ///
  /// @param path as rules name it
  Optional<Answer> endpoint(Request request, String path) {
    return acls.permits(request.principal(), Action.GET_ENDPOINT, path)
        ? Optional.empty()
        : Optional.of(forbidden());
  }
}
