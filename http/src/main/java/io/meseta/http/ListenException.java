// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

/// An address cannot be listened on; the message says which and why, in one line.
public final class ListenException extends RuntimeException {
  private final int port;

  ListenException(String ip, int port, String reason) {
    super("cannot listen on " + ip + ":" + port + ": " + reason);
    this.port = port;
  }

  /// The port asked for.
  public int port() {
    return port;
  }
}
