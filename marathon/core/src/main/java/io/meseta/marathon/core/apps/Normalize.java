// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.json.Problems;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Brings an app without legacy fields into the form it is stored and shown in: defaults filled in,
/// empty lists gone, ports where the network mode wants them.
///
/// Original: src/main/scala/mesosphere/marathon/api/v2/AppNormalization.scala.
final class Normalize {
  private static final List<String> OMITTED_WHEN_EMPTY =
      List.of(
          "args",
          "constraints",
          "dependencies",
          "env",
          "fetch",
          "healthChecks",
          "readinessChecks",
          "secrets");

  private final ObjectNode app;
  private final Settings settings;

  private Normalize(ObjectNode app, Settings settings) {
    this.app = app;
    this.settings = settings;
  }

  /// The normal form of `app` below the group `base`.
  static ObjectNode normalize(ObjectNode app, String base, String role, Settings settings) {
    var problems = new Problems();
    var whole = AppSchema.APP.read(app, "", problems);
    if (!problems.isEmpty()) {
      throw RejectedException.malformed(problems);
    }
    // Read once more for the order of fields, which is then the same whatever was given.
    return AppSchema.APP.read(new Normalize(whole, settings).run(base, role), "", problems);
  }

  private ObjectNode run(String base, String role) {
    app.put("id", AppPath.absolute(app.get("id").stringValue(), base));
    if (app.get("dependencies") instanceof ArrayNode dependencies) {
      var absolute = Docs.array();
      var parent = AppPath.parent(app.get("id").stringValue());
      dependencies.forEach(d -> absolute.add(AppPath.absolute(d.stringValue(), parent)));
      app.set("dependencies", absolute);
    }
    if (app.get("role") == null) {
      app.put("role", role);
    }
    networks();
    boolean host = app.get("networks").get(0).get("mode").stringValue().equals("host");
    container(host);
    if (host) {
      if (app.get("portDefinitions") == null) {
        var port = app.putArray("portDefinitions").addObject();
        port.put("port", 0).put("name", "default").put("protocol", "tcp");
      }
    } else {
      app.put("requirePorts", false);
    }
    int ports = (host ? app.get("portDefinitions") : app.at("/container/portMappings")).size();
    for (var check : app.path("healthChecks")) {
      healthCheck((ObjectNode) check, ports > 0);
    }
    strategies();
    if (app.get("labels") == null) {
      app.putObject("labels");
    }
    for (var name : OMITTED_WHEN_EMPTY) {
      var value = app.get(name);
      if (value != null && value.isEmpty()) {
        app.remove(name);
      }
    }
    app.remove("version");
    return app;
  }

  /// The defaults of a check that depend on its protocol.
  private static void healthCheck(ObjectNode check, boolean ports) {
    var protocol = check.get("protocol").stringValue();
    if (protocol.contains("HTTP") && check.get("path") == null) {
      check.put("path", "/");
    }
    if (!protocol.equals("COMMAND")
        && ports
        && check.get("port") == null
        && check.get("portIndex") == null) {
      check.put("portIndex", 0);
    }
    if (protocol.startsWith("HTTP") && check.get("ignoreHttp1xx") == null) {
      check.put("ignoreHttp1xx", false);
    }
  }

  private void networks() {
    if (app.get("networks") == null || app.get("networks").isEmpty()) {
      app.putArray("networks").addObject().put("mode", "host");
    }
    for (var network : app.get("networks")) {
      if (network.get("mode").stringValue().equals("container") && network.get("name") == null) {
        ((ObjectNode) network)
            .put(
                "name",
                settings
                    .defaultNetworkName()
                    .orElseThrow(() ->
                        RejectedException.invalid(
                            "/networks",
                            "Network name must be specified when container network is"
                                + " selected.")));
      }
    }
  }

  private void container(boolean host) {
    if (!host && app.get("container") == null) {
      app.putObject("container").put("type", "MESOS");
    }
    if (!(app.get("container") instanceof ObjectNode container)) {
      return;
    }
    if (container.get("volumes") == null) {
      container.putArray("volumes");
    }
    if (container.get("docker") instanceof ObjectNode docker) {
      if (docker.get("parameters") == null) {
        docker.putArray("parameters");
      }
    }
    if (host) {
      container.remove("portMappings");
      return;
    }
    var definitions = app.remove("portDefinitions");
    var mappings = container.get("portMappings");
    if (!(mappings instanceof ArrayNode)) {
      container.putArray("portMappings").add(Legacy.defaultPortMapping());
    }
    var list = (ArrayNode) container.get("portMappings");
    for (int missing = (definitions == null ? 0 : definitions.size()) - list.size();
        missing > 0;
        missing--) {
      list.addObject().put("containerPort", 0).put("servicePort", 0).put("protocol", "tcp");
    }
    boolean bridge = false;
    for (var network : app.get("networks")) {
      bridge |= network.get("mode").stringValue().equals("container/bridge");
    }
    for (JsonNode mapping : list) {
      if (bridge && mapping.get("hostPort") == null) {
        ((ObjectNode) mapping).put("hostPort", 0);
      }
    }
  }

  private void strategies() {
    boolean resident = false;
    for (var volume : app.path("container").path("volumes")) {
      resident |= volume.get("persistent") != null;
    }
    boolean external = false;
    for (var volume : app.path("container").path("volumes")) {
      external |= volume.get("external") != null;
    }
    if (app.get("upgradeStrategy") == null) {
      boolean single =
          app.path("labels").path("MARATHON_SINGLE_INSTANCE_APP").stringValue("").equals("true");
      double min = single ? 0 : resident || external ? 0.5 : 1;
      double over = single || resident || external ? 0 : 1;
      var strategy = app.putObject("upgradeStrategy");
      strategy.set("minimumHealthCapacity", Docs.number(min));
      strategy.set("maximumOverCapacity", Docs.number(over));
    }
    if (app.get("unreachableStrategy") == null) {
      if (resident) {
        app.put("unreachableStrategy", "disabled");
      } else {
        app.putObject("unreachableStrategy")
            .put("inactiveAfterSeconds", 0)
            .put("expungeAfterSeconds", 0);
      }
    }
  }
}
