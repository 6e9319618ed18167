// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.http.Router;
import io.meseta.http.auth.BasicAuthentication;
import io.meseta.http.auth.Credentials;
import java.util.Optional;
import java.util.Set;

/// Which endpoints of the agent ask for a principal and its secret. What is not named here is
/// read-only.
final class Realms {
  private static final String READONLY = "mesos-agent-readonly";
  private static final String READWRITE = "mesos-agent-readwrite";

  /// Executors prove themselves otherwise, or not at all.
  private static final Set<String> PUBLIC =
      Set.of("/health", "/version", "/help", "/api/v1/executor");

  private Realms() {}

  /// @throws IllegalArgumentException when the credentials cannot be read
  static void install(Router router, AgentFlags flags) {
    if (flags.httpCredentials().isEmpty()) {
      return;
    }
    Credentials credentials;
    try {
      credentials = Credentials.read(flags.httpCredentials().get());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--http_credentials: " + e.getMessage(), e);
    }
    var basic = new BasicAuthentication(credentials);
    router.identify((request, route) -> basic.apply(request, realm(route, flags)));
    if (flags.authenticateHttpReadonly() && flags.authenticateHttpReadwrite()) {
      router.authenticated();
    }
  }

  private static Optional<String> realm(String route, AgentFlags flags) {
    if (PUBLIC.contains(route)) {
      return Optional.empty();
    }
    if (route.equals("/api/v1") || route.equals("/logging/toggle")) {
      return flags.authenticateHttpReadwrite() ? Optional.of(READWRITE) : Optional.empty();
    }
    return flags.authenticateHttpReadonly() ? Optional.of(READONLY) : Optional.empty();
  }
}
