// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

/// The JSON that a client sent cannot be taken; the message is for the client.
public final class JsonException extends Exception {
  /// Why.
  public enum Kind {
    /// The text is not JSON.
    SYNTAX,
    /// The text is JSON, but not of the message expected.
    CONVERSION
  }

  private final Kind kind;

  public JsonException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /// Why.
  public Kind kind() {
    return kind;
  }
}
