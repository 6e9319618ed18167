// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Problems;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The rules of an app in its normal form.
///
/// Original: src/main/scala/mesosphere/marathon/api/v2/validation/AppValidation.scala.
final class Validate {
  private static final Set<String> RESERVED = Set.of("restart", "tasks", "versions", ".", "..");
  private static final Set<String> OPERATORS =
      Set.of("UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS");

  private final ObjectNode app;
  private final Settings settings;
  private final Problems problems = new Problems();

  private Validate(ObjectNode app, Settings settings) {
    this.app = app;
    this.settings = settings;
  }

  /// Throws when a rule is broken.
  static void validate(ObjectNode app, Set<String> roles, Settings settings) {
    var validate = new Validate(app, settings);
    validate.id();
    validate.command();
    validate.container();
    validate.networks();
    validate.healthChecks();
    validate.constraints();
    validate.strategies();
    validate.roles(roles);
    validate.environment();
    validate.features();
    if (!validate.problems.isEmpty()) {
      throw RejectedException.invalid(validate.problems);
    }
  }

  private void id() {
    var segments = AppPath.segments(app.get("id").stringValue());
    if (segments.isEmpty()) {
      problems.add("/id", "must not be root");
    } else if (RESERVED.contains(segments.getLast())) {
      problems.add(
          "/id",
          app.get("id").stringValue()
              + " must not end with any of [restart, tasks, versions, ., ..]");
    }
  }

  private void command() {
    var cmd = app.get("cmd");
    var args = app.get("args");
    if (cmd != null && args != null) {
      problems.add(
          "/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
    }
    if (cmd == null && args == null) {
      var container = app.path("container");
      problems.check(
          container.has("docker") || container.path("type").stringValue("").equals("MESOS"),
          "/",
          "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
    }
    if (cmd != null && cmd.stringValue().length() <= 1) {
      problems.add("/cmd", "must not be an empty string");
    }
    var executor = app.path("executor").stringValue("");
    problems.check(
        executor.matches("^(//cmd)|(/?[^/]+(/[^/]+)*)|$"),
        "/executor",
        "got " + executor + ", expected: //cmd, a path or nothing");
  }

  private void container() {
    if (!(app.get("container") instanceof ObjectNode container)) {
      return;
    }
    boolean dockerType = container.get("type").stringValue().equals("DOCKER");
    var docker = container.get("docker");
    if (dockerType) {
      problems.check(docker != null, "/container/docker", "not defined");
      problems.check(
          docker == null || docker.get("pullConfig") == null,
          "/container/docker/pullConfig",
          "pullConfig is not supported with Docker containerizer");
    } else if (docker != null) {
      problems.check(
          !docker.path("privileged").asBoolean(false),
          "/container/docker/privileged",
          "privileged is not supported with the Mesos containerizer");
      problems.check(
          docker.path("parameters").isEmpty(),
          "/container/docker/parameters",
          "parameters are not supported with the Mesos containerizer");
    }
    int index = 0;
    for (var volume : container.get("volumes")) {
      volume(volume, "/container/volumes(" + index++ + ")");
    }
  }

  private void volume(JsonNode volume, String path) {
    if (volume.has("persistent") || volume.has("external") || volume.has("secret")) {
      if (volume.has("secret")) {
        problems.check(
            settings.features().contains("secrets"),
            path,
            "Feature secrets is not enabled. Enable with --enable_features secrets)");
      } else if (volume.has("external")) {
        problems.check(
            settings.features().contains("external_volumes"),
            path,
            "Feature external_volumes is not enabled."
                + " Enable with --enable_features external_volumes)");
      } else {
        problems.add(path, "persistent volumes are not supported");
      }
      return;
    }
    problems.check(volume.has("hostPath"), path + "/hostPath", "not defined");
    problems.check(volume.has("mode"), path + "/mode", "not defined");
  }

  private void networks() {
    int host = 0;
    int bridge = 0;
    int container = 0;
    for (var network : app.get("networks")) {
      switch (network.get("mode").stringValue()) {
        case "host" -> host++;
        case "container/bridge" -> bridge++;
        default -> container++;
      }
    }
    if (host > 1
        || bridge > 1
        || (host > 0 && bridge + container > 0)
        || (bridge > 0 && container > 0)) {
      problems.add(
          "/networks",
          "may only specify a single host network, bridge network, or else 1-to-many container"
              + " networks");
    }
    boolean docker = app.path("container").path("type").stringValue("").equals("DOCKER");
    if (container > 1 && docker) {
      problems.add(
          "/networks",
          "may only specify a single container network when using the Docker container engine");
    }
    var ports = host > 0 ? app.path("portDefinitions") : app.path("container").path("portMappings");
    var path = host > 0 ? "/portDefinitions" : "/container/portMappings";
    var names = new HashSet<String>();
    var numbers = new HashSet<Integer>();
    int index = 0;
    for (var port : ports) {
      if (port.has("name") && !names.add(port.get("name").stringValue())) {
        problems.add(path, "Port names must be unique.");
      }
      int number = port.path("port").asInt(0);
      if (host > 0 && number != 0 && !numbers.add(number)) {
        problems.add(path, "Ports must be unique.");
      }
      if (container > 1 && port.has("hostPort") && port.path("networkNames").size() != 1) {
        problems.add(
            path + "(" + index + ")",
            "networkNames must be a single item list when hostPort is specified and more than 1"
                + " container network is defined");
      }
      index++;
    }
  }

  private void healthChecks() {
    boolean host = app.get("networks").get(0).get("mode").stringValue().equals("host");
    int ports =
        (host ? app.path("portDefinitions") : app.path("container").path("portMappings")).size();
    int mesos = 0;
    int index = 0;
    for (var check : app.path("healthChecks")) {
      var path = "/healthChecks(" + index++ + ")";
      var protocol = check.get("protocol").stringValue();
      if (protocol.startsWith("MESOS_")) {
        mesos++;
      }
      if (protocol.equals("COMMAND")) {
        problems.check(check.has("command"), path + "/command", "must be defined");
      } else {
        problems.check(
            !check.has("command"), path + "/command", "must not be defined for " + protocol);
        problems.check(
            !(check.has("port") && check.has("portIndex")),
            path,
            "must not define both port and portIndex");
        if (check.has("portIndex")) {
          problems.check(
              check.get("portIndex").asInt() < ports,
              path + "/portIndex",
              "Health check port indices must address an element of the ports array or container"
                  + " port mappings.");
        }
      }
      if (check.path("ipProtocol").stringValue("IPv4").equals("IPv6")) {
        problems.check(
            protocol.startsWith("MESOS_")
                && app.path("container").path("type").stringValue("").equals("DOCKER"),
            path,
            "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health"
                + " checks");
      }
    }
    problems.check(mesos <= 1, "/", "AppDefinition can contain at most one Mesos health check");
    index = 0;
    for (var check : app.path("readinessChecks")) {
      var path = "/readinessChecks(" + index++ + ")";
      problems.check(
          check.get("timeoutSeconds").asInt() < check.get("intervalSeconds").asInt(),
          path + "/timeoutSeconds",
          "must be less than intervalSeconds");
      var name = check.get("portName").stringValue();
      boolean known = false;
      for (var port :
          host ? app.path("portDefinitions") : app.path("container").path("portMappings")) {
        known |= port.path("name").stringValue("").equals(name);
      }
      problems.check(
          known, path + "/portName", "No port definition reference for portName " + name);
    }
    problems.check(
        app.path("readinessChecks").size() <= 1, "/readinessChecks", "must have at most 1 element");
  }

  private void constraints() {
    int index = 0;
    for (var constraint : app.path("constraints")) {
      var path = "/constraints(" + index++ + ")";
      if (constraint.size() < 2 || constraint.size() > 3) {
        problems.add(
            path,
            constraint.size() < 2
                ? "Missing field and operator"
                : "Each constraint must have either 2 or 3 fields");
        continue;
      }
      var operator = constraint.get(1).stringValue();
      if (!OPERATORS.contains(operator)) {
        problems.add(
            path,
            "Operator must be one of the following "
                + "UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS");
        continue;
      }
      boolean hasValue = constraint.size() == 3;
      switch (operator) {
        case "UNIQUE" -> problems.check(!hasValue, path, "Value specified but not used");
        case "LIKE", "UNLIKE" -> {
          problems.check(hasValue, path, "A regular expression value must be provided");
          problems.check(
              !hasValue || compiles(constraint.get(2).stringValue()),
              path,
              "'" + constraint.path(2).stringValue("") + "' is not a valid regular expression");
        }
        case "IS" -> problems.check(hasValue, path, "A value must be provided");
        case "MAX_PER" ->
            problems.check(
                hasValue && constraint.get(2).stringValue().matches("\\d{1,9}"),
                path,
                "Value was specified but is not a number");
        case "GROUP_BY" ->
            problems.check(
                !hasValue || constraint.get(2).stringValue().matches("\\d{1,9}"),
                path,
                "Value was specified but is not a number");
        default -> {}
      }
    }
  }

  private void strategies() {
    for (var name : List.of("minimumHealthCapacity", "maximumOverCapacity")) {
      double value = app.get("upgradeStrategy").get(name).asDouble();
      problems.check(
          value >= 0 && value <= 1,
          "/upgradeStrategy/" + name,
          "got " + value + ", expected between 0.0 and 1.0");
    }
    if (app.get("unreachableStrategy") instanceof ObjectNode unreachable) {
      problems.check(
          unreachable.get("inactiveAfterSeconds").asLong()
              <= unreachable.get("expungeAfterSeconds").asLong(),
          "/unreachableStrategy/inactiveAfterSeconds",
          "must be less than or equal to expungeAfterSeconds");
    }
    var labels = app.get("labels");
    if (labels.path("MARATHON_SINGLE_INSTANCE_APP").stringValue("").equals("true")) {
      problems.check(
          app.get("instances").asInt() <= 1,
          "/instances",
          "Single instance app may only have one instance");
      problems.check(
          app.at("/upgradeStrategy/maximumOverCapacity").asDouble() == 0
              && app.at("/upgradeStrategy/minimumHealthCapacity").asDouble() == 0,
          "/upgradeStrategy",
          "Single instance app may not have a positive maximumOverCapacity or"
              + " minimumHealthCapacity");
    }
    if (labels.has("DCOS_MIGRATION_API_VERSION")) {
      problems.check(
          labels.has("DCOS_PACKAGE_FRAMEWORK_NAME") && labels.has("DCOS_MIGRATION_API_PATH"),
          "/labels",
          "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using"
              + " DCOS_MIGRATION_API_VERSION");
    }
    for (var name : List.of("cpus", "mem")) {
      var limit = app.path("resourceLimits").path(name);
      if (limit.isNumber()) {
        problems.check(
            limit.asDouble() >= app.get(name).asDouble(),
            "/resourceLimits/" + name,
            "resource limit must be greater than or equal to requested resource ("
                + app.get(name).asDouble()
                + ")");
      }
    }
  }

  private void roles(Set<String> allowed) {
    var role = app.get("role").stringValue();
    problems.check(
        allowed.contains(role),
        "/role",
        "got " + role + ", expected one of: " + String.join(", ", allowed));
    for (var accepted : app.path("acceptedResourceRoles")) {
      problems.check(
          accepted.stringValue().equals("*") || accepted.stringValue().equals(role),
          "/acceptedResourceRoles",
          "acceptedResourceRoles can only contain * and " + role);
    }
    if (app.has("acceptedResourceRoles")) {
      problems.check(
          !app.get("acceptedResourceRoles").isEmpty(),
          "/acceptedResourceRoles",
          "must not be empty");
    }
  }

  /// What no process can be given.
  private void environment() {
    for (var variable : app.path("env").properties()) {
      var name = variable.getKey();
      var path = "/env/" + name.replace("\0", "\\0");
      if (name.isEmpty()) {
        problems.add("/env", "the name of an environment variable must not be empty");
      }
      problems.check(name.indexOf('=') < 0, path, "the name must not contain '='");
      problems.check(
          name.indexOf('\0') < 0 && variable.getValue().stringValue("").indexOf('\0') < 0,
          path,
          "must not contain a zero character");
    }
    problems.check(
        app.path("cmd").stringValue("").indexOf('\0') < 0,
        "/cmd",
        "must not contain a zero character");
    int index = 0;
    for (var arg : app.path("args")) {
      problems.check(
          arg.stringValue("").indexOf('\0') < 0,
          "/args(" + index++ + ")",
          "must not contain a zero character");
    }
  }

  private void features() {
    boolean secretsUsed = app.has("secrets");
    for (var value : app.path("env")) {
      secretsUsed |= value.isObject();
    }
    if (secretsUsed && !settings.features().contains("secrets")) {
      problems.add(
          app.has("secrets") ? "/secrets" : "/env",
          "Feature secrets is not enabled. Enable with --enable_features secrets)");
    }
    if (app.get("gpus").asInt() > 0 && !settings.features().contains("gpu_resources")) {
      problems.add(
          "/gpus",
          "Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)");
    }
    if (app.get("gpus").asInt() > 0
        && app.path("container").path("type").stringValue("").equals("DOCKER")) {
      problems.add("/", "GPU resources only work with the Mesos containerizer");
    }
  }

  private static boolean compiles(String regex) {
    try {
      Pattern.compile(regex);
      return true;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }
}
