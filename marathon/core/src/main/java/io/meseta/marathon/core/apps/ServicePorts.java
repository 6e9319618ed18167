// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Gives every port without a service port one that no other app has, keeping what the app had
/// before.
public final class ServicePorts {
  private ServicePorts() {}

  /// Fills in zeros of `app` in place and adds all its service ports to `used`.
  ///
  /// @param before service ports of the app's last version
  public static void assign(
      ObjectNode app,
      Set<Integer> used,
      List<Integer> before,
      Settings settings,
      RandomGenerator random) {
    boolean host = app.get("networks").get(0).get("mode").stringValue().equals("host");
    var ports = host ? app.path("portDefinitions") : app.path("container").path("portMappings");
    var name = host ? "port" : "servicePort";
    for (var port : ports) {
      used.add(port.get(name).asInt());
    }
    if (host && app.path("requirePorts").asBoolean(false)) {
      return; // zero means any host port here
    }
    var own = new ArrayDeque<Integer>();
    before.stream().filter(port -> port != 0 && !used.contains(port)).forEach(own::add);
    for (JsonNode port : ports) {
      if (port.get(name).asInt() == 0) {
        var chosen = own.isEmpty() ? free(used, settings, random) : own.remove();
        used.add(chosen);
        ((ObjectNode) port).put(name, chosen);
      }
    }
  }

  private static int free(Set<Integer> used, Settings settings, RandomGenerator random) {
    int size = settings.localPortMax() - settings.localPortMin() + 1;
    int start = random.nextInt(size);
    for (int i = 0; i < size; i++) {
      int port = settings.localPortMin() + (start + i) % size;
      if (!used.contains(port)) {
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
