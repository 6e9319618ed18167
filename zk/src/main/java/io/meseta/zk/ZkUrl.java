// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.util.Optional;

/// `zk://[user:password@]host1:port1,host2:port2/path`.
///
/// @param credentials `user:password`, if any
/// @param hosts what ZooKeeper calls a connect string
/// @param path absolute, `/` when none was given
public record ZkUrl(Optional<String> credentials, String hosts, String path) {
  private static final String SCHEME = "zk://";

  /// Reads the form above; the path begins at the first slash after the scheme.
  ///
  /// @throws IllegalArgumentException naming what was expected, without the credentials
  public static ZkUrl parse(String text) {
    if (!text.startsWith(SCHEME)) {
      throw new IllegalArgumentException("expected zk://host1:port1,host2:port2/path");
    }
    var rest = text.substring(SCHEME.length());
    int slash = rest.indexOf('/');
    var authority = slash < 0 ? rest : rest.substring(0, slash);
    var path = slash < 0 ? "/" : rest.substring(slash);
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (path.contains("//") || path.contains("/../") || path.contains("/./")) {
      throw new IllegalArgumentException("expected a path such as /mesos, got " + path);
    }
    int at = authority.lastIndexOf('@');
    Optional<String> credentials =
        at < 0 ? Optional.empty() : Optional.of(authority.substring(0, at));
    if (credentials.filter(c -> c.indexOf(':') <= 0).isPresent()) {
      throw new IllegalArgumentException("expected user:password before the @");
    }
    var hosts = authority.substring(at + 1);
    for (var host : hosts.split(",", -1)) {
      int colon = host.lastIndexOf(':');
      var port = colon < 0 ? "2181" : host.substring(colon + 1);
      if (host.isEmpty()
          || colon == 0
          || !port.matches("\\d{1,5}")
          || Integer.parseInt(port) > 65535) {
        throw new IllegalArgumentException("expected host:port, got '" + host + "'");
      }
    }
    return new ZkUrl(credentials, hosts, path);
  }

  /// `text` as it was given, right or wrong, without what may be a password in it.
  public static String masked(String text) {
    int at = text.lastIndexOf('@');
    int begin = text.startsWith(SCHEME) ? SCHEME.length() : 0;
    int colon = text.indexOf(':', begin);
    if (at < begin) {
      return text;
    }
    return text.substring(0, colon < 0 || colon > at ? begin : colon + 1)
        + "***"
        + text.substring(at);
  }

  /// The path of a child.
  public String child(String name) {
    return path.equals("/") ? "/" + name : path + "/" + name;
  }

  /// The same servers, another path.
  public ZkUrl at(String newPath) {
    return new ZkUrl(credentials, hosts, newPath);
  }

  /// Without the password, for logs and /flags.
  @Override
  public String toString() {
    return SCHEME
        + credentials.map(c -> c.substring(0, c.indexOf(':')) + ":***@").orElse("")
        + hosts
        + path;
  }
}
