// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import java.util.Optional;

/// The address of a libprocess peer: `id@ip:port`. Two spellings of one machine are two peers.
///
/// @param id such as `master` or `slave(1)`
/// @param ip an IPv4 address in dotted form, or a host name as given
/// @param port 0 to 65535
public record Upid(String id, String ip, int port) {
  /// Nobody. Prints as `@0.0.0.0:0`, which is sent where a framework speaks HTTP and so has no
  /// address.
  public static final Upid NONE = new Upid("", "0.0.0.0", 0);

  public Upid {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
    }
  }

  /// Reads `id@ip:port`; empty when `text` has another form.
  public static Optional<Upid> parse(String text) {
    int at = text.indexOf('@');
    int colon = text.lastIndexOf(':');
    if (at < 0 || colon < at + 2 || colon + 1 == text.length() || text.length() - colon > 6) {
      return Optional.empty();
    }
    int port = 0;
    for (int i = colon + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return Optional.empty();
      }
      port = port * 10 + (c - '0');
    }
    if (port > 65535) {
      return Optional.empty();
    }
    return Optional.of(new Upid(text.substring(0, at), text.substring(at + 1, colon), port));
  }

  /// `ip:port`, what a `Host` header says.
  public String address() {
    return ip + ":" + port;
  }

  @Override
  public String toString() {
    return id + "@" + ip + ":" + port;
  }
}
