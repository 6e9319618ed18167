// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.auth;

import io.meseta.http.Answer;
import io.meseta.http.Identified;
import io.meseta.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/// HTTP basic authentication, where it is asked for. Original:
/// 3rdparty/libprocess/src/authenticator.cpp.
public final class BasicAuthentication {
  private final Credentials credentials;

  public BasicAuthentication(Credentials credentials) {
    this.credentials = credentials;
  }

  /// @param realm of an endpoint that needs a name; empty for others
  public Identified apply(Request request, Optional<String> realm) {
    if (realm.isEmpty()) {
      return Identified.NOBODY;
    }
    var given = request.header("authorization").flatMap(BasicAuthentication::decode).orElse("");
    int colon = given.indexOf(':');
    if (colon > 0 && credentials.match(given.substring(0, colon), given.substring(colon + 1))) {
      return new Identified.As(given.substring(0, colon));
    }
    return new Identified.Refused(
        Answer.text(401, "401 Unauthorized.")
            .header("WWW-Authenticate", "Basic realm=\"" + realm.get() + "\""));
  }

  private static Optional<String> decode(String header) {
    var text = header.strip();
    if (!text.toLowerCase(Locale.ROOT).startsWith("basic ")) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new String(
              Base64.getDecoder().decode(text.substring("basic ".length()).strip()),
              StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
