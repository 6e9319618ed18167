// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

/// What a client sent is no job; the message is for the client.
public final class BadJob extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  BadJob(String message) {
    this(400, message);
  }

  /// @param status of the HTTP answer
  BadJob(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
