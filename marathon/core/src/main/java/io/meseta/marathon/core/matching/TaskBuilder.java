// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.DiscoveryInfo;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.Environment.Variable;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Port;
import io.meseta.wire.v1.Ports;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.Value;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The task of an instance. Original: src/main/scala/mesosphere/mesos/TaskBuilder.scala.
final class TaskBuilder {
  private final Instance instance;
  private final ObjectNode app;
  private final List<Integer> hostPorts;

  private TaskBuilder(Instance instance, ObjectNode app, List<Integer> hostPorts) {
    this.instance = instance;
    this.app = app;
    this.hostPorts = hostPorts;
  }

  static TaskInfo build(
      Instance instance,
      ObjectNode app,
      Offer offer,
      List<Resource> resources,
      List<Integer> hostPorts,
      Map<String, String> environment,
      String bridge) {
    var builder = new TaskBuilder(instance, app, hostPorts);
    var task =
        TaskInfo.newBuilder()
            .setName(AppPath.hostname(instance.appId()))
            .setTaskId(TaskID.newBuilder().setValue(instance.taskId()))
            .setAgentId(offer.getAgentId())
            .addAllResources(resources)
            .setDiscovery(builder.discovery());
    Containers.labels(app.path("labels")).ifPresent(task::setLabels);
    var container = Containers.of(app, instance, hostPorts, bridge);
    var command = builder.command(environment);
    var executor = app.path("executor").stringValue("");
    if (executor.isEmpty() || executor.equals("//cmd")) {
      task.setCommand(command);
      container.ifPresent(task::setContainer);
    } else {
      task.setExecutor(builder.executor(executor, command, container));
    }
    if (app.has("taskKillGracePeriodSeconds")) {
      task.setKillPolicy(
          KillPolicy.newBuilder()
              .setGracePeriod(
                  DurationInfo.newBuilder()
                      .setNanoseconds(
                          app.get("taskKillGracePeriodSeconds").asLong() * 1_000_000_000L)));
    }
    builder.limits(task);
    builder.healthCheck(task);
    return task.build();
  }

  private CommandInfo.Builder command(Map<String, String> environment) {
    var variables = io.meseta.wire.v1.Environment.newBuilder();
    environment.forEach((name, value) ->
        variables.addVariables(
            Variable.newBuilder().setName(name).setType(Variable.Type.VALUE).setValue(value)));
    var command = CommandInfo.newBuilder().setEnvironment(variables);
    if (app.has("cmd")) {
      command.setShell(true).setValue(app.get("cmd").stringValue());
    } else {
      command.setShell(false);
      boolean first = true;
      for (var arg : app.path("args")) {
        command.addArguments(arg.stringValue());
        if (first && !app.has("container")) {
          command.setValue(arg.stringValue()); // a plain process needs to know its program
        }
        first = false;
      }
    }
    for (var artifact : app.path("fetch")) {
      var uri =
          CommandInfo.URI
              .newBuilder()
              .setValue(artifact.get("uri").stringValue())
              .setExtract(artifact.get("extract").asBoolean())
              .setExecutable(artifact.get("executable").asBoolean())
              .setCache(artifact.get("cache").asBoolean());
      if (artifact.has("destPath")) {
        uri.setOutputFile(artifact.get("destPath").stringValue());
      }
      command.addUris(uri);
    }
    if (app.has("user")) {
      command.setUser(app.get("user").stringValue());
    }
    return command;
  }

  private ExecutorInfo executor(
      String path,
      CommandInfo.Builder command,
      java.util.Optional<io.meseta.wire.v1.ContainerInfo> container) {
    var quoted = "'" + path.replace("'", "'\\''") + "'";
    var rest = new StringBuilder(app.path("cmd").stringValue(""));
    app.path("args")
        .forEach(arg -> rest.append(rest.isEmpty() ? "" : " ").append(arg.stringValue()));
    command
        .clearArguments()
        .setShell(true)
        .setValue("chmod ug+rx " + quoted + " && exec " + quoted + " " + rest);
    var executor =
        ExecutorInfo.newBuilder()
            .setType(ExecutorInfo.Type.CUSTOM)
            .setExecutorId(ExecutorID.newBuilder().setValue("marathon-" + instance.taskId()))
            .setCommand(command);
    container.ifPresent(executor::setContainer);
    var resources = app.path("executorResources");
    for (var name : List.of("cpus", "mem", "disk")) {
      if (resources.has(name)) {
        executor.addResources(
            Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(resources.get(name).asDouble())));
      }
    }
    return executor.build();
  }

  private DiscoveryInfo discovery() {
    var ports = Ports.newBuilder();
    boolean host = instance.app().spec().hostNetwork();
    var definitions = host ? app.path("portDefinitions") : app.at("/container/portMappings");
    int index = 0;
    for (var definition : definitions) {
      int hostPort = hostPorts.get(index++);
      boolean onHost = host || hostPort != 0;
      int number = onHost ? hostPort : definition.get("containerPort").asInt();
      for (var protocol : definition.get("protocol").stringValue().split(",")) {
        var port = Port.newBuilder().setNumber(number).setProtocol(protocol);
        if (definition.has("name")) {
          port.setName(definition.get("name").stringValue());
        }
        var labels =
            Containers.labels(definition.path("labels"))
                .map(Labels::toBuilder)
                .orElseGet(Labels::newBuilder);
        labels.addLabels(
            Label.newBuilder().setKey("network-scope").setValue(onHost ? "host" : "container"));
        if (!onHost) {
          var name = app.get("networks").get(0).path("name").stringValue("");
          if (!name.isEmpty()) {
            labels.addLabels(Label.newBuilder().setKey("network-name").setValue(name));
          }
        }
        ports.addPorts(port.setLabels(labels));
      }
    }
    return DiscoveryInfo.newBuilder()
        .setName(AppPath.hostname(instance.appId()))
        .setVisibility(DiscoveryInfo.Visibility.FRAMEWORK)
        .setPorts(ports)
        .build();
  }

  private void limits(TaskInfo.Builder task) {
    for (var limit : app.path("resourceLimits").properties()) {
      double value =
          limit.getValue().isNumber() ? limit.getValue().asDouble() : Double.POSITIVE_INFINITY;
      task.putLimits(limit.getKey(), Value.Scalar.newBuilder().setValue(value).build());
    }
  }

  /// Mesos knows one check per task: a MESOS_* one, or else a COMMAND.
  private void healthCheck(TaskInfo.Builder task) {
    JsonNode command = null;
    for (var check : app.path("healthChecks")) {
      var protocol = check.get("protocol").stringValue();
      if (protocol.startsWith("MESOS_")) {
        task.setHealthCheck(mesosCheck(check, protocol.substring("MESOS_".length())));
        return;
      }
      if (protocol.equals("COMMAND")) {
        command = check;
      }
    }
    if (command != null) {
      task.setHealthCheck(
          times(command)
              .setType(HealthCheck.Type.COMMAND)
              .setCommand(
                  CommandInfo.newBuilder().setValue(command.at("/command/value").stringValue())));
    }
  }

  private HealthCheck.Builder mesosCheck(JsonNode check, String kind) {
    int port = check.has("port") ? check.get("port").asInt() : 0;
    int index = check.path("portIndex").asInt(0);
    if (port == 0 && index < hostPorts.size()) {
      int own = instance.app().spec().ports().get(index).containerPort();
      boolean inside = !instance.app().spec().hostNetwork() && own != 0;
      port = inside ? own : hostPorts.get(index);
    }
    if (kind.equals("TCP")) {
      return times(check)
          .setType(HealthCheck.Type.TCP)
          .setTcp(HealthCheck.TCPCheckInfo.newBuilder().setPort(port));
    }
    return times(check)
        .setType(HealthCheck.Type.HTTP)
        .setHttp(
            HealthCheck.HTTPCheckInfo.newBuilder()
                .setScheme(kind.toLowerCase(java.util.Locale.ROOT))
                .setPort(port)
                .setPath(check.path("path").stringValue("/")));
  }

  private static HealthCheck.Builder times(JsonNode check) {
    return HealthCheck.newBuilder()
        .setDelaySeconds(check.get("delaySeconds").asDouble())
        .setIntervalSeconds(check.get("intervalSeconds").asDouble())
        .setTimeoutSeconds(check.get("timeoutSeconds").asDouble())
        .setGracePeriodSeconds(check.get("gracePeriodSeconds").asDouble())
        .setConsecutiveFailures(check.get("maxConsecutiveFailures").asInt());
  }
}
