// SPDX-License-Identifier: Apache-2.0
package io.meseta.model;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What an identifier chosen by a client may look like. Identifiers become names of folders on
/// agents, so the limits are those of a file name. Original: src/common/validation.cpp.
public final class IdRules {
  /// In bytes; NAME_MAX of Linux.
  public static final int MAX_BYTES = 255;

  private IdRules() {}

  /// Why `id` is not a legal identifier, if it is not.
  public static Optional<String> problem(String id) {
    if (id.isEmpty()) {
      return Optional.of("ID must not be empty");
    }
    if (id.length() > MAX_BYTES || id.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return Optional.of("ID must not be greater than " + MAX_BYTES + " characters");
    }
    if (id.equals(".") || id.equals("..")) {
      return Optional.of("'" + id + "' is disallowed");
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c < 0x20 || c == 0x7f || c == '/' || c == '\\') {
        return Optional.of("'" + id + "' contains invalid characters");
      }
    }
    return Optional.empty();
  }
}
