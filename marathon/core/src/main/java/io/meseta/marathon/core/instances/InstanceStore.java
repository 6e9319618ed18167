// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.instances;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Instances as stored records.
final class InstanceStore {
  private InstanceStore() {}

  static byte[] bytes(Instance instance) {
    var json = Docs.object();
    json.put("app", instance.appId());
    json.put("appVersion", Docs.time(instance.app().version()));
    json.put("attempt", instance.attempt());
    json.put("condition", instance.condition().name());
    json.put("keep", instance.keep());
    json.put("since", Docs.time(instance.since()));
    var agent = instance.agent();
    if (agent != null) {
      var node = json.putObject("agent").put("id", agent.id()).put("host", agent.host());
      if (agent.region() != null) {
        node.put("region", agent.region());
      }
      if (agent.zone() != null) {
        node.put("zone", agent.zone());
      }
      node.set("attributes", Docs.strings(agent.attributes()));
    }
    var ports = json.putArray("ports");
    instance.hostPorts().forEach(ports::add);
    var addresses = json.putArray("addresses");
    for (var address : instance.addresses()) {
      addresses.addObject().put("ip", address.ip()).put("protocol", address.protocol());
    }
    time(json, "stagedAt", instance.stagedAt());
    time(json, "startedAt", instance.startedAt());
    return Docs.bytes(json);
  }

  private static void time(
      tools.jackson.databind.node.ObjectNode json, String name, @Nullable Instant time) {
    if (time != null) {
      json.put(name, Docs.time(time));
    }
  }

  /// Empty when the app's version is not known any more.
  static Optional<Instance> load(
      String id, byte[] bytes, BiFunction<String, Instant, Optional<App>> apps) {
    var json = Docs.parse(bytes);
    var version = Docs.time(json.get("appVersion").stringValue()).orElseThrow();
    return apps.apply(json.get("app").stringValue(), version).map(app -> load(id, json, app));
  }

  private static Instance load(String id, JsonNode json, App app) {
    var ports = new ArrayList<Integer>();
    json.path("ports").forEach(port -> ports.add(port.asInt()));
    var addresses = new ArrayList<Instance.Address>();
    json.path("addresses")
        .forEach(each ->
            addresses.add(
                new Instance.Address(
                    each.get("ip").stringValue(), each.get("protocol").stringValue())));
    return new Instance(
        id,
        app,
        json.get("attempt").asInt(),
        Condition.valueOf(json.get("condition").stringValue()),
        json.get("keep").asBoolean(),
        time(json, "since").orElseThrow(),
        agent(json.get("agent")),
        ports,
        addresses,
        time(json, "stagedAt").orElse(null),
        time(json, "startedAt").orElse(null),
        null);
  }

  private static Instance.@Nullable Agent agent(@Nullable JsonNode json) {
    if (json == null) {
      return null;
    }
    var attributes = new LinkedHashMap<String, String>();
    json.path("attributes")
        .properties()
        .forEach(each -> attributes.put(each.getKey(), each.getValue().stringValue()));
    return new Instance.Agent(
        json.get("id").stringValue(),
        json.get("host").stringValue(),
        json.path("region").stringValue(null),
        json.path("zone").stringValue(null),
        attributes);
  }

  private static Optional<Instant> time(JsonNode json, String name) {
    return json.has(name) ? Docs.time(json.get(name).stringValue()) : Optional.empty();
  }
}
