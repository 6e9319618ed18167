// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Docs;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Rewrites the fields of old clients: `uris`, `ports`, `ipAddress`, `container.docker.network` and
/// `container.docker.portMappings`. They are never returned.
///
/// Original: src/main/scala/mesosphere/marathon/api/v2/AppNormalization.scala, forDeprecated.
final class Legacy {
  private static final List<String> ARCHIVES =
      List.of(".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip", ".tar");

  private final ObjectNode app;
  private final Settings settings;

  private Legacy(ObjectNode app, Settings settings) {
    this.app = app;
    this.settings = settings;
  }

  /// Changes `app`, an app or an update of one, in place.
  static void rewrite(ObjectNode app, Settings settings) {
    new Legacy(app, settings).rewrite();
  }

  private void rewrite() {
    uris();
    networks();
    var ip = app.remove("ipAddress");
    if (ip != null && app.get("container") == null) {
      app.putObject("container").put("type", "MESOS");
    }
    container(ip);
    ports();
    app.remove("residency");
    if (app.get("readinessChecks") instanceof ArrayNode checks) {
      for (var check : checks) {
        var codes = check.get("httpStatusCodesForReady");
        if (codes == null || codes.isEmpty()) {
          ((ObjectNode) check).putArray("httpStatusCodesForReady").add(200);
        }
      }
    }
  }

  private void uris() {
    var uris = app.remove("uris");
    if (uris == null || uris.isEmpty()) {
      return;
    }
    var fetch = app.get("fetch");
    if (fetch != null && !fetch.isEmpty()) {
      throw RejectedException.invalid("/", "cannot specify both uris and fetch fields");
    }
    var artifacts = app.putArray("fetch");
    for (var uri : uris) {
      var text = uri.stringValue();
      artifacts
          .addObject()
          .put("uri", text)
          .put("extract", ARCHIVES.stream().anyMatch(text::endsWith))
          .put("executable", false)
          .put("cache", false);
    }
  }

  private void networks() {
    var docker = docker();
    var type = docker == null ? null : docker.remove("network");
    var ip = app.get("ipAddress");
    if (type == null && ip == null) {
      return;
    }
    var given = app.get("networks");
    if (given != null && !given.isEmpty()) {
      throw RejectedException.invalid(
          "/",
          type != null
              ? "must not specify both container.docker.network and networks"
              : "must not specify both networks and ipAddress");
    }
    var network = app.putArray("networks").addObject();
    var name = ip == null ? null : ip.get("networkName");
    var kind = type == null ? "USER" : type.stringValue();
    if (type == null && name != null && name.stringValue().equals(settings.mesosBridgeName())) {
      kind = "BRIDGE";
    }
    switch (kind) {
      case "HOST" -> network.put("mode", "host");
      case "BRIDGE" -> network.put("mode", "container/bridge");
      case "USER" -> {
        network.put("mode", "container");
        if (name != null) {
          network.set("name", name);
        }
      }
      default ->
          throw RejectedException.invalid(
              "/container/docker/network", "unsupported docker network type " + kind);
    }
    if (ip != null && ip.get("labels") != null && !kind.equals("HOST")) {
      network.set("labels", ip.get("labels"));
    }
  }

  private void container(@Nullable JsonNode ip) {
    if (!(app.get("container") instanceof ObjectNode container)) {
      return;
    }
    var docker = docker();
    var old = docker == null ? null : docker.remove("portMappings");
    var mappings = container.get("portMappings");
    if (old != null && !old.isEmpty() && mappings != null && !mappings.isEmpty()) {
      throw RejectedException.invalid(
          "/container", "cannot specify both portMappings and docker.portMappings");
    }
    if (old != null && (mappings == null || mappings.isEmpty())) {
      container.set("portMappings", old);
    }
    var ports = ip == null ? null : ip.at("/discovery/ports");
    if (ports != null && !ports.isEmpty()) {
      if (!"MESOS".equals(container.path("type").stringValue(""))) {
        throw RejectedException.invalid(
            "/ipAddress", "ipAddress.discovery.ports do not apply for container type DOCKER");
      }
      var moved = container.putArray("portMappings");
      for (var port : ports) {
        var mapping = moved.addObject();
        mapping.set("containerPort", port.get("number"));
        mapping.put("servicePort", 0);
        mapping.set("name", port.get("name"));
        mapping.set("protocol", port.get("protocol"));
        if (port.get("labels") != null) {
          mapping.set("labels", port.get("labels"));
        }
      }
    }
  }

  private void ports() {
    var ports = app.remove("ports");
    if (ports == null) {
      return;
    }
    if (app.get("portDefinitions") != null) {
      throw RejectedException.invalid("/", "cannot specify both ports and port definitions");
    }
    var definitions = app.putArray("portDefinitions");
    int index = 0;
    for (var port : ports) {
      var definition = definitions.addObject();
      definition.set("port", port);
      definition.put("name", index == 0 ? "default" : "default-" + index);
      definition.put("protocol", "tcp");
      index++;
    }
  }

  private @Nullable ObjectNode docker() {
    return app.path("container").get("docker") instanceof ObjectNode docker ? docker : null;
  }

  static ObjectNode defaultPortMapping() {
    return Docs.object()
        .put("containerPort", 0)
        .put("servicePort", 0)
        .put("name", "default")
        .put("protocol", "tcp");
  }
}
