// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Gives every port without a service port one that no other app has, keeping what the app had
/// before.
public final class ServicePorts {
  private ServicePorts() {}

  /// Fills in zeros of `app` in place.
  ///
  /// @param taken whether another app has a port
  /// @param before service ports of the app's last version
  public static void assign(
      ObjectNode app,
      IntPredicate taken,
      List<Integer> before,
      Settings settings,
      RandomGenerator random) {
    boolean host = app.get("networks").get(0).get("mode").stringValue().equals("host");
    var ports = host ? app.path("portDefinitions") : app.path("container").path("portMappings");
    var name = host ? "port" : "servicePort";
    if (host && app.path("requirePorts").asBoolean(false)) {
      return; // zero means any host port here
    }
    var own = new HashSet<Integer>();
    for (var port : ports) {
      own.add(port.get(name).asInt());
    }
    var kept = new ArrayDeque<Integer>();
    before.stream()
        .filter(port -> port != 0 && !own.contains(port) && !taken.test(port))
        .forEach(kept::add);
    for (JsonNode port : ports) {
      if (port.get(name).asInt() == 0) {
        int chosen = kept.isEmpty() ? free(own, taken, settings, random) : kept.remove();
        own.add(chosen);
        ((ObjectNode) port).put(name, chosen);
      }
    }
  }

  private static int free(
      Set<Integer> own, IntPredicate taken, Settings settings, RandomGenerator random) {
    int size = settings.localPortMax() - settings.localPortMin() + 1;
    int start = random.nextInt(size);
    for (int i = 0; i < size; i++) {
      int port = settings.localPortMin() + (start + i) % size;
      if (!own.contains(port) && !taken.test(port)) {
        return port;
      }
    }
    throw RejectedException.of(
        422,
        "No service port is free between "
            + settings.localPortMin()
            + " and "
            + settings.localPortMax());
  }
}
