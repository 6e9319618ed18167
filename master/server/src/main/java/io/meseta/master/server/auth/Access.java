// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.auth;

import io.meseta.http.Router;
import io.meseta.http.auth.BasicAuthentication;
import io.meseta.http.auth.Credentials;
import java.nio.file.Path;
import java.util.Optional;

/// What the flags say about authentication.
///
/// @param credentials absent when the file is not given
/// @param frameworks whether drivers must be authenticated; `agents` likewise
public record Access(
    Optional<Credentials> credentials, Realms realms, boolean frameworks, boolean agents) {

  /// @throws IllegalArgumentException naming the flag that cannot be used
  public static Optional<Credentials> read(Optional<Path> file) {
    try {
      return file.map(Credentials::read);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--credentials: " + e.getMessage(), e);
    }
  }

  /// Makes the router ask for names where they are needed.
  public void install(Router router) {
    credentials.ifPresent(known ->
        router.identify(
            (request, route) -> new BasicAuthentication(known).apply(request, realms.of(route))));
  }
}
