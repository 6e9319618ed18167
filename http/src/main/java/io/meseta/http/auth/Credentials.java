// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.auth;

import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Principals and their secrets, as `--credentials` names them: JSON with `credentials`, or lines
/// of a principal, a blank and its secret. Original: src/credentials/credentials.hpp.
public final class Credentials {
  private final Map<String, String> secrets;

  private Credentials(Map<String, String> secrets) {
    this.secrets = secrets;
  }

  /// @throws IllegalArgumentException when the file cannot be read or understood; never says what
  ///   is in it
  public static Credentials read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    var secrets = text.stripLeading().startsWith("{") ? json(file, text) : lines(file, text);
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException(file + ": expected at least one principal and its secret");
    }
    return new Credentials(secrets);
  }

  private static Map<String, String> json(Path file, String text) {
    var result = new LinkedHashMap<String, String>();
    try {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      if (text.contains("\"credentials\"")) {
        Json.parse(bytes, io.meseta.wire.v1.Credentials.newBuilder())
            .getCredentialsList()
            .forEach(one -> result.put(one.getPrincipal(), one.getSecret()));
      } else {
        var one = Json.parse(bytes, io.meseta.wire.v1.Credential.newBuilder());
        result.put(one.getPrincipal(), one.getSecret());
      }
    } catch (JsonException e) {
      throw new IllegalArgumentException(
          file + ": expected {\"credentials\":[{\"principal\":...,\"secret\":...}]}", e);
    }
    return result;
  }

  private static Map<String, String> lines(Path file, String text) {
    var result = new LinkedHashMap<String, String>();
    int number = 0;
    for (var line : text.lines().toList()) {
      number++;
      var parts = line.strip().split("\\s+");
      if (line.isBlank()) {
        continue;
      }
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            file + " line " + number + ": expected a principal, a blank and its secret");
      }
      result.put(parts[0], parts[1]);
    }
    return result;
  }

  public boolean isEmpty() {
    return secrets.isEmpty();
  }

  /// The one principal of a file that must name just one.
  ///
  /// @throws IllegalArgumentException when there are more, or none
  public Map.Entry<String, String> single() {
    if (secrets.size() != 1) {
      throw new IllegalArgumentException("expected one principal, not " + secrets.size());
    }
    return secrets.entrySet().iterator().next();
  }

  public Optional<String> secret(String principal) {
    return Optional.ofNullable(secrets.get(principal));
  }

  /// Whether the secret is the principal's; takes as long whether or not it is.
  boolean match(String principal, String secret) {
    @Nullable String known = secrets.get(principal);
    boolean same =
        MessageDigest.isEqual(
            (known == null ? "" : known).getBytes(StandardCharsets.UTF_8),
            secret.getBytes(StandardCharsets.UTF_8));
    return same && known != null;
  }
}
