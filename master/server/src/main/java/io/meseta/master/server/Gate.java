// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sends clients of a master that does not lead to the one that does. A few endpoints are about
/// this master itself and answered anyway. Original: src/master/http.cpp, Master::Http::redirect.
final class Gate implements Function<Request, Optional<Answer>> {
  private static final Set<String> OWN =
      Set.of("/health", "/version", "/flags", "/metrics", "/metrics/snapshot", "/__processes__");

  /// What tells of this process, or changes it: the leader's log is not made louder through others.
  private static final List<String> OWN_BELOW =
      List.of("/help", "/files", "/logging", "/system", "/profiler", "/memory-profiler");

  private volatile @Nullable Leadership leadership;

  void open(Leadership newLeadership) {
    leadership = newLeadership;
  }

  @Override
  public Optional<Answer> apply(Request request) {
    var known = leadership;
    if (known == null) {
      return Optional.of(Answer.text(503, "The master is starting"));
    }
    var path = normal(request.path());
    if (request.path().contains("/..")) {
      return Optional.of(Answer.text(404, "404 Not Found."));
    }
    if (path.equals("/redirect")) {
      return Optional.of(redirect(known, ""));
    }
    if (path.startsWith("/redirect/")) {
      return Optional.of(Answer.text(404, "404 Not Found."));
    }
    if (known.elected() && !known.recovered() && path.startsWith("/api/")) {
      return Optional.of(Answer.text(503, "Master has not finished recovery"));
    }
    boolean own =
        OWN.contains(path)
            || OWN_BELOW.stream().anyMatch(top -> path.equals(top) || path.startsWith(top + "/"));
    if (known.elected() || own || isConsole(request.method(), path)) {
      return Optional.empty();
    }
    var query = request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery();
    return Optional.of(redirect(known, request.rawPath() + query));
  }

  private static String normal(String path) {
    var result = path.startsWith("/master/") ? path.substring("/master".length()) : path;
    return result.length() > 1 && result.endsWith("/")
        ? result.substring(0, result.length() - 1)
        : result;
  }

  /// Static files: the console itself finds the leader.
  private static boolean isConsole(String method, String path) {
    if (path.equals("/")) {
      return true;
    }
    if (!method.equals("GET") && !method.equals("HEAD")
        || path.lastIndexOf('.') < path.lastIndexOf('/')) {
      return false; // names of roles and the like may have dots: what is there decides
    }
    var resource = (path.startsWith("/lib/") ? "console" : "console/master") + path;
    return Gate.class.getClassLoader().getResource(resource) != null;
  }

  private static Answer redirect(Leadership leadership, String target) {
    return leadership
        .leader()
        .map(leader ->
            Answer.redirect(
                "//"
                    + (leader.hasHostname() ? leader.getHostname() : leader.getAddress().getIp())
                    + ":"
                    + leader.getPort()
                    + target))
        .orElse(Answer.text(503, "No leader elected"));
  }
}
