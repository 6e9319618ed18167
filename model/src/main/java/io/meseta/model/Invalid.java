// SPDX-License-Identifier: Apache-2.0
package io.meseta.model;

/// What a caller sent cannot be accepted. The message is meant for the caller: it names the value
/// and what was expected.
public final class Invalid extends Exception {
  private static final long serialVersionUID = 1;

  public Invalid(String message) {
    super(message, null, false, false); // a value that travels, not a failure to trace
  }

  /// The reason, never null.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
