// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.Environment;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.Image;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.NetworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Parameter;
import io.meseta.wire.v1.Parameters;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.Volume;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes the task of a run out of what an offer has left.
final class Tasks {
  private Tasks() {}

  /// What is left of an offer while tasks are cut out of it: scalars in thousandths.
  static final class Remainder {
    private final Offer offer;
    private final List<Resource> resources;
    private final long[] left;

    Remainder(Offer offer) {
      this.offer = offer;
      this.resources = offer.getResourcesList();
      this.left = new long[resources.size()];
      for (int i = 0; i < left.length; i++) {
        left[i] = Math.round(resources.get(i).getScalar().getValue() * 1000);
      }
    }

    Offer offer() {
      return offer;
    }

    /// Cuts the amounts out, reserved ones first; null, and nothing is cut, when they do not fit.
    @Nullable List<Resource> take(Map<String, Double> wanted) {
      var before = left.clone();
      var taken = new ArrayList<Resource>();
      for (var want : wanted.entrySet()) {
        long missing = Math.round(want.getValue() * 1000);
        for (boolean reserved : new boolean[] {true, false}) {
          for (int i = 0; i < left.length && missing > 0; i++) {
            var resource = resources.get(i);
            if (resource.getName().equals(want.getKey())
                && isPlain(resource)
                && isReserved(resource) == reserved
                && left[i] > 0) {
              long cut = Math.min(missing, left[i]);
              left[i] -= cut;
              missing -= cut;
              taken.add(
                  resource.toBuilder()
                      .setScalar(Value.Scalar.newBuilder().setValue(cut / 1000.0))
                      .build());
            }
          }
        }
        if (missing > 0) {
          System.arraycopy(before, 0, left, 0, left.length);
          return null;
        }
      }
      return taken;
    }

    private static boolean isPlain(Resource resource) {
      return resource.getType() == Value.Type.SCALAR
          && !resource.hasRevocable()
          && !resource.getDisk().hasSource()
          && !resource.getDisk().hasPersistence();
    }

    @SuppressWarnings("deprecation") // agents without refined reservations still say `role`
    private static boolean isReserved(Resource resource) {
      return resource.getReservationsCount() > 0
          || (resource.hasRole() && !resource.getRole().equals("*"));
    }
  }

  /// Whether the job may run on the agent of this offer.
  static boolean allowed(Job job, Offer offer) {
    for (var constraint : job.node("constraints")) {
      var name = constraint.get(0).stringValue();
      var actual = attribute(offer, name);
      var wanted = constraint.get(2).stringValue();
      boolean holds =
          switch (constraint.get(1).stringValue()) {
            case "EQUALS" -> actual.filter(wanted::equals).isPresent();
            case "LIKE" -> actual.filter(value -> Pattern.matches(wanted, value)).isPresent();
            default -> actual.filter(value -> Pattern.matches(wanted, value)).isEmpty();
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> attribute(Offer offer, String name) {
    for (var attribute : offer.getAttributesList()) {
      if (attribute.getName().equals(name)) {
        return Optional.of(
            switch (attribute.getType()) {
              case TEXT -> attribute.getText().getValue();
              case SCALAR -> {
                double value = attribute.getScalar().getValue();
                yield value == Math.rint(value)
                    ? Long.toString((long) value)
                    : Double.toString(value);
              }
              default -> attribute.toString();
            });
      }
    }
    return name.equals("hostname") ? Optional.of(offer.getHostname()) : Optional.empty();
  }

  /// The task of `run`, or null when the offer has too little left or the job may not run there.
  static @Nullable TaskInfo build(Job job, Run run, Remainder remainder) {
    var offer = remainder.offer();
    if (!allowed(job, offer)) {
      return null;
    }
    var wanted = new LinkedHashMap<String, Double>();
    wanted.put("cpus", job.number("cpus"));
    wanted.put("mem", job.number("mem"));
    wanted.put("disk", job.number("disk"));
    var resources = remainder.take(wanted);
    if (resources == null) {
      return null;
    }
    var task =
        TaskInfo.newBuilder()
            .setName("ChronosTask:" + job.name())
            .setTaskId(TaskID.newBuilder().setValue(run.id()))
            .setAgentId(offer.getAgentId())
            .addAllResources(resources);
    if (job.text("executor").isEmpty()) {
      task.setCommand(command(job, run, offer));
      container(job).ifPresent(task::setContainer);
    } else {
      executor(job, run, offer, task);
    }
    if (job.count("maxCompletionTime") > 0) {
      task.setMaxCompletionTime(
          DurationInfo.newBuilder()
              .setNanoseconds(TimeUnit.SECONDS.toNanos(job.count("maxCompletionTime"))));
    }
    return task.build();
  }

  private static CommandInfo.Builder command(Job job, Run run, Offer offer) {
    var text =
        run.arguments().isEmpty() || !job.flag("shell")
            ? job.text("command")
            : job.text("command") + " " + run.arguments();
    var command = CommandInfo.newBuilder().setEnvironment(environment(job, run, offer));
    if (text.startsWith("http://") || text.startsWith("https://") || text.startsWith("ftp://")) {
      // A command that is an address is fetched and run.
      var uri = text.split("\\s", 2)[0];
      command.addUris(CommandInfo.URI.newBuilder().setValue(uri).setExecutable(true));
      command.setValue(
          "\"." + uri.substring(uri.lastIndexOf('/')) + "\"" + text.substring(uri.length()));
    } else {
      command.setShell(job.flag("shell")).addAllArguments(job.arguments()).addAllUris(uris(job));
      if (!job.flag("shell") && !run.arguments().equals(Run.arguments(job))) {
        // Without a shell the command is the name of a program; what this run adds are words of its
        // own.
        command.addAllArguments(List.of(run.arguments().strip().split("\\s+")));
      }
      if (!text.isEmpty()) {
        command.setValue(text);
      }
    }
    if (!job.text("runAsUser").isEmpty()) {
      command.setUser(job.text("runAsUser"));
    }
    return command;
  }

  private static List<CommandInfo.URI> uris(Job job) {
    var uris = new ArrayList<CommandInfo.URI>();
    for (var fetch : job.node("fetch")) {
      var uri =
          CommandInfo.URI
              .newBuilder()
              .setValue(fetch.get("uri").stringValue())
              .setExecutable(fetch.get("executable").booleanValue())
              .setExtract(fetch.get("extract").booleanValue())
              .setCache(fetch.get("cache").booleanValue());
      if (!fetch.get("output_file").stringValue().isEmpty()) {
        uri.setOutputFile(fetch.get("output_file").stringValue());
      }
      uris.add(uri.build());
    }
    job.texts("uris").forEach(uri -> uris.add(CommandInfo.URI.newBuilder().setValue(uri).build()));
    return uris;
  }

  private static Environment environment(Job job, Run run, Offer offer) {
    var variables = new LinkedHashMap<String, String>();
    variables.put("mesos_task_id", run.id());
    variables.put("MESOS_TASK_ID", run.id());
    variables.put("CHRONOS_JOB_OWNER", job.text("owner"));
    variables.put("CHRONOS_JOB_NAME", job.name());
    variables.put("HOST", offer.getHostname());
    variables.put("CHRONOS_RESOURCE_MEM", Double.toString(job.number("mem")));
    variables.put("CHRONOS_RESOURCE_CPU", Double.toString(job.number("cpus")));
    variables.put("CHRONOS_RESOURCE_DISK", Double.toString(job.number("disk")));
    variables.put("CHRONOS_JOB_RUN_TIME", Long.toString(run.due()));
    variables.put("CHRONOS_JOB_RUN_ATTEMPT", Integer.toString(run.attempt()));
    for (var own : job.node("environmentVariables")) {
      variables.putIfAbsent(own.get("name").stringValue(), own.get("value").stringValue());
    }
    var environment = Environment.newBuilder();
    variables.forEach((name, value) ->
        environment.addVariables(Environment.Variable.newBuilder().setName(name).setValue(value)));
    return environment.build();
  }

  private static void executor(Job job, Run run, Offer offer, TaskInfo.Builder task) {
    var command =
        CommandInfo.newBuilder()
            .setValue(job.text("executor"))
            .setEnvironment(environment(job, run, offer))
            .addAllUris(uris(job));
    if (!job.text("runAsUser").isEmpty()) {
      command.setUser(job.text("runAsUser"));
    }
    var data =
        job.text("taskInfoData").isEmpty()
            ? job.text("executorFlags") + "|" + job.text("command")
            : job.text("taskInfoData");
    task.setExecutor(
        ExecutorInfo.newBuilder()
            .setExecutorId(ExecutorID.newBuilder().setValue("shell-wrapper-executor-" + run.id()))
            .setCommand(command));
    task.setData(com.google.protobuf.ByteString.copyFrom(data, StandardCharsets.UTF_8));
  }

  private static Optional<ContainerInfo> container(Job job) {
    var json = job.node("container");
    if (json.isMissingNode()) {
      return Optional.empty();
    }
    var container = ContainerInfo.newBuilder();
    for (var volume : json.get("volumes")) {
      container.addVolumes(volume(volume));
    }
    var image = json.get("image").stringValue();
    boolean force = json.get("forcePullImage").booleanValue();
    if (json.get("type").stringValue().equals("MESOS")) {
      container.setType(ContainerInfo.Type.MESOS);
      var docker =
          Image.newBuilder()
              .setType(Image.Type.DOCKER)
              .setDocker(Image.Docker.newBuilder().setName(image));
      container.setMesos(ContainerInfo.MesosInfo.newBuilder().setImage(docker.setCached(!force)));
    } else {
      container.setType(ContainerInfo.Type.DOCKER);
      var docker =
          ContainerInfo.DockerInfo.newBuilder()
              .setImage(image)
              .setNetwork(
                  ContainerInfo.DockerInfo.Network.valueOf(json.get("network").stringValue()))
              .setForcePullImage(force);
      for (var parameter : json.get("parameters")) {
        docker.addParameters(parameter(parameter));
      }
      container.setDocker(docker);
    }
    if (json.has("networkName")) {
      container.addNetworkInfos(
          NetworkInfo.newBuilder().setName(json.get("networkName").stringValue()));
    }
    for (var network : json.get("networkInfos")) {
      var labels = Labels.newBuilder();
      for (var label : network.path("labels")) {
        labels.addLabels(
            Label.newBuilder()
                .setKey(label.path("key").asString(""))
                .setValue(label.path("value").asString("")));
      }
      container.addNetworkInfos(
          NetworkInfo.newBuilder().setName(network.path("name").asString("")).setLabels(labels));
    }
    return Optional.of(container.build());
  }

  private static Parameter parameter(JsonNode json) {
    return Parameter.newBuilder()
        .setKey(json.path("key").asString(""))
        .setValue(json.path("value").asString(""))
        .build();
  }

  private static Volume.Builder volume(JsonNode json) {
    boolean readOnly = json.path("mode").asString("RW").toUpperCase(Locale.ROOT).equals("RO");
    var volume =
        Volume.newBuilder()
            .setContainerPath(json.path("containerPath").asString(""))
            .setMode(readOnly ? Volume.Mode.RO : Volume.Mode.RW);
    if (json.path("hostPath").isString()) {
      volume.setHostPath(json.get("hostPath").stringValue());
    }
    var external = json.path("external");
    if (external.isObject()) {
      var options = Parameters.newBuilder();
      external.path("options").forEach(option -> options.addParameter(parameter(option)));
      volume.setSource(
          Volume.Source.newBuilder()
              .setType(Volume.Source.Type.DOCKER_VOLUME)
              .setDockerVolume(
                  Volume.Source.DockerVolume.newBuilder()
                      .setDriver(external.path("provider").asString(""))
                      .setName(external.path("name").asString(""))
                      .setDriverOptions(options)));
    }
    return volume;
  }
}
