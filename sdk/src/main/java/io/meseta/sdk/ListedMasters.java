// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Masters named one by one, tried in turn; a standby answers with a redirect to the leader.
final class ListedMasters implements MasterDetector {
  private static final int DEFAULT_PORT = 5050;

  private final List<URI> masters;
  private int next;

  ListedMasters(String text) {
    var parsed = new ArrayList<URI>();
    for (var part : text.split(",")) {
      if (!part.isBlank()) {
        parsed.add(parse(part.strip()));
      }
    }
    if (parsed.isEmpty()) {
      throw wrong(text);
    }
    masters = List.copyOf(parsed);
  }

  @Override
  public synchronized URI await(@Nullable URI failed) {
    return masters.get(next++ % masters.size());
  }

  private static URI parse(String text) {
    try {
      var uri = URI.create(text.contains("://") ? text : "http://" + text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!http || uri.getHost() == null) {
        throw wrong(text);
      }
      int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
      return URI.create(uri.getScheme() + "://" + uri.getHost() + ":" + port);
    } catch (IllegalArgumentException e) {
      throw wrong(text);
    }
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "master: '"
            + text
            + "' (expected: zk://host:port/path, host:port, http://host:port or a list of these)");
  }
}
