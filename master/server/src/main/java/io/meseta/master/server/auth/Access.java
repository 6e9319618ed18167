// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.auth;

import io.meseta.http.Router;
import io.meseta.http.auth.BasicAuthentication;
import io.meseta.http.auth.Credentials;
import io.meseta.model.Invalid;
import io.meseta.model.acls.Acls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the flags say about authentication and authorization.
///
/// @param credentials absent when the file is not given
/// @param frameworks whether drivers must be authenticated; `agents` likewise
public record Access(
    Optional<Credentials> credentials,
    Realms realms,
    boolean frameworks,
    boolean agents,
    Acls acls) {

  /// @throws IllegalArgumentException naming the flag that cannot be used
  public static Optional<Credentials> read(Optional<Path> file) {
    try {
      return file.map(Credentials::read);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--credentials: " + e.getMessage(), e);
    }
  }

  /// @param given JSON, or the path of a file with it
  /// @throws IllegalArgumentException when the rules cannot be read
  public static Acls rules(Optional<String> given) {
    if (given.isEmpty()) {
      return Acls.NONE;
    }
    try {
      var text = given.get().strip();
      return Acls.parse(text.startsWith("/") ? Files.readString(Path.of(text)) : text);
    } catch (Invalid e) {
      throw new IllegalArgumentException("--acls: " + e.reason(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--acls=" + given.get() + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /// Makes the router ask for names where they are needed.
  public void install(Router router) {
    credentials.ifPresent(known ->
        router.identify(
            (request, route) -> new BasicAuthentication(known).apply(request, realms.of(route))));
  }
}
