// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What of a definition the scheduler computes with. Amounts are thousandths.
///
/// @param acceptedRoles reservations to use; empty for any
/// @param unreachable empty when the strategy is disabled
public record Spec(
    int instances,
    long cpusMillis,
    long memMillis,
    long diskMillis,
    int gpus,
    boolean hostNetwork,
    List<Port> ports,
    List<Constraint> constraints,
    List<HealthCheck> healthChecks,
    Optional<ReadinessCheck> readinessCheck,
    Backoff backoff,
    double minimumHealthCapacity,
    double maximumOverCapacity,
    boolean oldestFirst,
    Optional<Unreachable> unreachable,
    String role,
    List<String> acceptedRoles,
    List<String> dependencies,
    Optional<Duration> killGracePeriod) {

  /// A port the task listens on.
  ///
  /// @param containerPort within the container, 0 for the same as the host port; in host mode the
  ///   port asked for in the definition
  /// @param hostPort wanted on the agent, 0 for any, empty for none
  /// @param servicePort for load balancers, unique in the cluster
  public record Port(
      int containerPort,
      Optional<Integer> hostPort,
      int servicePort,
      Optional<String> name,
      String protocol) {}

  /// `field operator value`; the value may be empty.
  public record Constraint(String field, String operator, String value) {}

  /// How long to wait between launches of an app that keeps failing.
  public record Backoff(Duration first, double factor, Duration max) {}

  /// What to do when the agent of an instance is out of reach.
  public record Unreachable(Duration inactiveAfter, Duration expungeAfter) {}

  /// A check of an instance's health.
  ///
  /// @param port to probe, if not the one at `portIndex`
  public record HealthCheck(
      String protocol,
      String path,
      Optional<Integer> port,
      Optional<Integer> portIndex,
      Duration gracePeriod,
      Duration interval,
      Duration timeout,
      int maxConsecutiveFailures,
      boolean ignoreHttp1xx) {
    /// Whether Marathon probes, rather than the agent or the executor.
    public boolean ours() {
      return protocol.equals("HTTP") || protocol.equals("HTTPS") || protocol.equals("TCP");
    }
  }

  /// Asked during deployments whether a new instance may count.
  public record ReadinessCheck(
      String name,
      String protocol,
      String path,
      int portIndex,
      Duration interval,
      Duration timeout,
      List<Integer> readyStatuses,
      boolean preserveLastResponse) {}

  /// Reads the normal form.
  static Spec of(ObjectNode app) {
    boolean host = app.get("networks").get(0).get("mode").stringValue().equals("host");
    var ports = host ? hostPorts(app) : mappedPorts(app);
    var strategy = app.get("upgradeStrategy");
    return new Spec(
        app.get("instances").asInt(),
        millis(app.get("cpus")),
        millis(app.get("mem")),
        millis(app.get("disk")),
        app.get("gpus").asInt(),
        host,
        ports,
        constraints(app),
        healthChecks(app),
        readinessCheck(app, ports),
        new Backoff(
            seconds(app.get("backoffSeconds")),
            app.get("backoffFactor").asDouble(),
            seconds(app.get("maxLaunchDelaySeconds"))),
        strategy.get("minimumHealthCapacity").asDouble(),
        strategy.get("maximumOverCapacity").asDouble(),
        app.get("killSelection").stringValue().equals("OLDEST_FIRST"),
        unreachable(app),
        app.get("role").stringValue(),
        strings(app.path("acceptedResourceRoles")),
        strings(app.path("dependencies")),
        app.has("taskKillGracePeriodSeconds")
            ? Optional.of(seconds(app.get("taskKillGracePeriodSeconds")))
            : Optional.empty());
  }

  private static List<Port> hostPorts(ObjectNode app) {
    boolean exact = app.path("requirePorts").asBoolean(false);
    var ports = new ArrayList<Port>();
    for (var port : app.path("portDefinitions")) {
      int number = port.get("port").asInt();
      ports.add(
          new Port(
              number,
              Optional.of(exact ? number : 0),
              number,
              text(port, "name"),
              port.get("protocol").stringValue()));
    }
    return List.copyOf(ports);
  }

  private static List<Port> mappedPorts(ObjectNode app) {
    var ports = new ArrayList<Port>();
    for (var port : app.path("container").path("portMappings")) {
      ports.add(
          new Port(
              port.get("containerPort").asInt(),
              port.has("hostPort") ? Optional.of(port.get("hostPort").asInt()) : Optional.empty(),
              port.get("servicePort").asInt(),
              text(port, "name"),
              port.get("protocol").stringValue()));
    }
    return List.copyOf(ports);
  }

  private static List<Constraint> constraints(ObjectNode app) {
    var constraints = new ArrayList<Constraint>();
    for (var each : app.path("constraints")) {
      constraints.add(
          new Constraint(
              each.get(0).stringValue(), each.get(1).stringValue(), each.path(2).stringValue("")));
    }
    return List.copyOf(constraints);
  }

  private static List<HealthCheck> healthChecks(ObjectNode app) {
    var checks = new ArrayList<HealthCheck>();
    for (var each : app.path("healthChecks")) {
      checks.add(
          new HealthCheck(
              each.get("protocol").stringValue(),
              each.path("path").stringValue("/"),
              integer(each, "port"),
              integer(each, "portIndex"),
              seconds(each.get("gracePeriodSeconds")),
              seconds(each.get("intervalSeconds")),
              seconds(each.get("timeoutSeconds")),
              each.get("maxConsecutiveFailures").asInt(),
              each.path("ignoreHttp1xx").asBoolean(false)));
    }
    return List.copyOf(checks);
  }

  private static Optional<ReadinessCheck> readinessCheck(ObjectNode app, List<Port> ports) {
    var check = app.path("readinessChecks").get(0);
    if (check == null) {
      return Optional.empty();
    }
    int index = 0;
    for (int i = 0; i < ports.size(); i++) {
      if (ports.get(i).name().equals(text(check, "portName"))) {
        index = i;
      }
    }
    var statuses = new ArrayList<Integer>();
    check.path("httpStatusCodesForReady").forEach(status -> statuses.add(status.asInt()));
    return Optional.of(
        new ReadinessCheck(
            check.get("name").stringValue(),
            check.get("protocol").stringValue(),
            check.get("path").stringValue(),
            index,
            seconds(check.get("intervalSeconds")),
            seconds(check.get("timeoutSeconds")),
            List.copyOf(statuses),
            check.get("preserveLastResponse").asBoolean()));
  }

  private static Optional<Unreachable> unreachable(ObjectNode app) {
    var strategy = app.get("unreachableStrategy");
    return strategy.isObject()
        ? Optional.of(
            new Unreachable(
                seconds(strategy.get("inactiveAfterSeconds")),
                seconds(strategy.get("expungeAfterSeconds"))))
        : Optional.empty();
  }

  private static long millis(JsonNode number) {
    return Math.round(number.asDouble() * 1000);
  }

  private static Duration seconds(JsonNode number) {
    return Duration.ofSeconds(number.asLong());
  }

  private static Optional<String> text(JsonNode object, String name) {
    return object.has(name) ? Optional.of(object.get(name).stringValue()) : Optional.empty();
  }

  private static Optional<Integer> integer(JsonNode object, String name) {
    return object.has(name) ? Optional.of(object.get(name).asInt()) : Optional.empty();
  }

  private static List<String> strings(JsonNode array) {
    var strings = new ArrayList<String>();
    array.forEach(each -> strings.add(each.stringValue()));
    return List.copyOf(strings);
  }
}
