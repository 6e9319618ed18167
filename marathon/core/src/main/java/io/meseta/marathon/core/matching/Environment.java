// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.json.Docs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// The environment variables of a task. Original: src/main/scala/mesosphere/mesos/TaskBuilder.scala
/// and EnvironmentHelper.scala.
final class Environment {
  private static final int MAX_LABEL = 512;

  private Environment() {}

  /// In the order: context, host and ports (with the prefix), the app's own, which win.
  static Map<String, String> of(
      Instance instance,
      ObjectNode definition,
      Instance.Agent agent,
      List<Integer> hostPorts,
      String prefix,
      Optional<Boolean> enforceRole,
      RandomGenerator random) {
    var app = instance.app();
    var env = new LinkedHashMap<String, String>();
    env.put("MESOS_TASK_ID", instance.taskId());
    env.put("MARATHON_APP_ID", app.id());
    env.put("MARATHON_APP_VERSION", Docs.time(app.version()));
    if (definition.at("/container/type").stringValue("").equals("DOCKER")) {
      env.put(
          "MARATHON_APP_DOCKER_IMAGE", definition.at("/container/docker/image").stringValue(""));
    }
    env.put("MARATHON_APP_RESOURCE_CPUS", amount(app.spec().cpusMillis()));
    env.put("MARATHON_APP_RESOURCE_MEM", amount(app.spec().memMillis()));
    env.put("MARATHON_APP_RESOURCE_DISK", amount(app.spec().diskMillis()));
    env.put("MARATHON_APP_RESOURCE_GPUS", Integer.toString(app.spec().gpus()));
    enforceRole.ifPresent(enforce ->
        env.put(
            "MARATHON_APP_ENFORCE_GROUP_ROLE", Boolean.toString(enforce).toUpperCase(Locale.ROOT)));
    labels(definition, env);
    env.put(prefix + "HOST", agent.host());
    ports(app, hostPorts, random).forEach((name, value) -> env.put(prefix + name, value));
    definition
        .path("env")
        .properties()
        .forEach(each -> {
          if (each.getValue().isString()) {
            env.put(each.getKey(), each.getValue().stringValue());
          }
        });
    return env;
  }

  private static void labels(ObjectNode definition, Map<String, String> env) {
    var names = new ArrayList<String>();
    for (var label : definition.path("labels").properties()) {
      var value = label.getValue().stringValue();
      if (value.length() < MAX_LABEL) {
        var name = name(label.getKey());
        names.add(name);
        env.put("MARATHON_APP_LABEL_" + name, value);
      }
    }
    env.put("MARATHON_APP_LABELS", String.join(" ", names));
  }

  private static Map<String, String> ports(
      App app, List<Integer> hostPorts, RandomGenerator random) {
    var env = new LinkedHashMap<String, String>();
    var ports = app.spec().ports();
    if (ports.isEmpty()) {
      return env;
    }
    var effective = new ArrayList<Integer>();
    for (int i = 0; i < ports.size(); i++) {
      int host = hostPorts.get(i);
      int own = ports.get(i).containerPort();
      effective.add(host != 0 ? host : own != 0 ? own : 1025 + random.nextInt(65535 - 1024));
    }
    for (int i = 0; i < ports.size(); i++) {
      int own = ports.get(i).containerPort();
      if (own != 0) {
        env.put("PORT_" + own, Integer.toString(effective.get(i)));
      }
    }
    for (int i = 0; i < ports.size(); i++) {
      var value = Integer.toString(effective.get(i));
      env.put("PORT" + i, value);
      ports.get(i).name().ifPresent(name -> env.put("PORT_" + name(name), value));
    }
    env.put("PORT", Integer.toString(effective.getFirst()));
    env.put("PORTS", effective.stream().map(String::valueOf).collect(Collectors.joining(",")));
    return env;
  }

  private static String name(String text) {
    return text.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
  }

  private static String amount(long millis) {
    return Double.toString(millis / 1000.0);
  }
}
