// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.meseta.wire.Upid;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The processes that live here, by id, and the rule for what a message is.
final class Processes {
  private static final Logger log = LoggerFactory.getLogger(Processes.class);

  private final Map<String, MessageHandler> handlers = new ConcurrentHashMap<>();
  private volatile BiPredicate<String, String> families = (id, name) -> false;
  private volatile MessageHandler family = (from, name, body) -> {};

  void put(String id, MessageHandler handler) {
    handlers.put(id, handler);
  }

  void remove(String id) {
    handlers.remove(id);
  }

  /// A handler for ids that are made as needed, such as `slave-observer(N)`.
  void family(String prefix, MessageHandler handler) {
    families = (id, name) -> id.startsWith(prefix);
    family = handler;
  }

  /// Whether a POST with these headers is a message, as the original decides it.
  static boolean isMessage(String userAgent, String libprocessFrom) {
    return !libprocessFrom.isEmpty() || userAgent.startsWith("libprocess/");
  }

  /// Hands a message to its process and returns the status for the sender: 202, 404, or 400 for a
  /// bad header or path.
  int deliver(String path, String userAgent, String libprocessFrom, byte[] body) {
    var sender =
        libprocessFrom.isEmpty() ? userAgent.substring("libprocess/".length()) : libprocessFrom;
    var from = Upid.parse(sender.strip());
    int slash = path.indexOf('/', 1);
    if (from.isEmpty() || slash < 0 || slash + 1 == path.length()) {
      return 400;
    }
    var id = decode(path.substring(1, slash));
    return deliver(id, from.get(), path.substring(slash + 1), body) ? 202 : 404;
  }

  /// Hands a message to the process `id`; false when there is none.
  boolean deliver(String id, Upid from, String name, byte[] body) {
    var handler = handlers.get(id);
    if (handler == null && families.test(id, name)) {
      handler = family;
    }
    if (handler == null) {
      return false;
    }
    try {
      handler.on(from, name, body);
    } catch (RuntimeException e) {
      log.error("message {} from {} failed", name, from, e);
    }
    return true;
  }

  private static String decode(String id) {
    try {
      return id.indexOf('%') < 0
          ? id
          : URLDecoder.decode(id.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return id;
    }
  }
}
