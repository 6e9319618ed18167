// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

/// A call that the master did not take, or that was never sent.
public final class CallFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  CallFailedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /// The HTTP status of the answer, 0 when there was none.
  public int status() {
    return status;
  }
}
