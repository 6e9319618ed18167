// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.instances.Instance;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.Image;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.LinuxInfo;
import io.meseta.wire.v1.NetworkInfo;
import io.meseta.wire.v1.Parameter;
import io.meseta.wire.v1.SeccompInfo;
import io.meseta.wire.v1.TTYInfo;
import io.meseta.wire.v1.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The container of a task, from `container`, `networks` and `tty`.
final class Containers {
  /// A published port.
  private record Published(int container, int host, String protocol, List<String> networks) {}

  private final ObjectNode app;
  private final String bridge;
  private final List<Published> published = new ArrayList<>();

  private Containers(ObjectNode app, String bridge) {
    this.app = app;
    this.bridge = bridge;
  }

  /// Empty when the task is a plain process on the host's network.
  static Optional<ContainerInfo> of(
      ObjectNode app, Instance instance, List<Integer> hostPorts, String bridge) {
    var container = app.get("container");
    if (container == null) {
      return app.path("tty").asBoolean(false)
          ? Optional.of(
              ContainerInfo.newBuilder()
                  .setType(ContainerInfo.Type.MESOS)
                  .setMesos(ContainerInfo.MesosInfo.getDefaultInstance())
                  .setTtyInfo(TTYInfo.getDefaultInstance())
                  .build())
          : Optional.empty();
    }
    return Optional.of(new Containers(app, bridge).build(container, instance, hostPorts));
  }

  private ContainerInfo build(JsonNode container, Instance instance, List<Integer> hostPorts) {
    int index = 0;
    for (var mapping : container.path("portMappings")) {
      int host = hostPorts.get(index++);
      if (host != 0) {
        int own = mapping.get("containerPort").asInt();
        var networks = new ArrayList<String>();
        mapping.path("networkNames").forEach(name -> networks.add(name.stringValue()));
        for (var protocol : mapping.get("protocol").stringValue().split(",")) {
          published.add(new Published(own == 0 ? host : own, host, protocol, networks));
        }
      }
    }
    var info = ContainerInfo.newBuilder();
    for (var volume : container.path("volumes")) {
      if (volume.has("hostPath")) {
        info.addVolumes(
            Volume.newBuilder()
                .setContainerPath(volume.get("containerPath").stringValue())
                .setHostPath(volume.get("hostPath").stringValue())
                .setMode(Volume.Mode.valueOf(volume.get("mode").stringValue())));
      }
    }
    if (container.get("type").stringValue().equals("DOCKER")) {
      docker(info, container.get("docker"), instance);
    } else {
      mesos(info, container);
    }
    if (app.path("tty").asBoolean(false)) {
      info.setTtyInfo(TTYInfo.getDefaultInstance());
    }
    return info.build();
  }

  private void docker(ContainerInfo.Builder info, JsonNode docker, Instance instance) {
    info.setType(ContainerInfo.Type.DOCKER);
    var made =
        ContainerInfo.DockerInfo.newBuilder()
            .setImage(docker.get("image").stringValue())
            .setForcePullImage(docker.get("forcePullImage").asBoolean())
            .setPrivileged(docker.get("privileged").asBoolean());
    for (var parameter : docker.path("parameters")) {
      made.addParameters(
          Parameter.newBuilder()
              .setKey(parameter.get("key").stringValue())
              .setValue(parameter.get("value").stringValue()));
    }
    made.addParameters(
        Parameter.newBuilder().setKey("label").setValue("MESOS_TASK_ID=" + instance.taskId()));
    var network = app.get("networks").get(0);
    switch (network.get("mode").stringValue()) {
      case "host" -> made.setNetwork(ContainerInfo.DockerInfo.Network.HOST);
      case "container/bridge" -> made.setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
      default -> {
        made.setNetwork(ContainerInfo.DockerInfo.Network.USER);
        info.addNetworkInfos(network(network, network.get("name").stringValue()));
      }
    }
    for (var port : published) {
      made.addPortMappings(
          ContainerInfo.DockerInfo.PortMapping.newBuilder()
              .setHostPort(port.host())
              .setContainerPort(port.container())
              .setProtocol(port.protocol()));
    }
    info.setDocker(made);
  }

  private void mesos(ContainerInfo.Builder info, JsonNode container) {
    info.setType(ContainerInfo.Type.MESOS);
    var made = ContainerInfo.MesosInfo.newBuilder();
    if (container.has("docker")) {
      var docker = container.get("docker");
      made.setImage(
          Image.newBuilder()
              .setType(Image.Type.DOCKER)
              .setCached(!docker.get("forcePullImage").asBoolean())
              .setDocker(Image.Docker.newBuilder().setName(docker.get("image").stringValue())));
    }
    info.setMesos(made);
    for (var network : app.get("networks")) {
      var mode = network.get("mode").stringValue();
      if (mode.equals("host")) {
        continue;
      }
      var name = mode.equals("container") ? network.get("name").stringValue() : bridge;
      var networkInfo = network(network, name);
      for (var port : published) {
        if (port.networks().isEmpty() || port.networks().contains(name)) {
          networkInfo.addPortMappings(
              NetworkInfo.PortMapping.newBuilder()
                  .setHostPort(port.host())
                  .setContainerPort(port.container())
                  .setProtocol(port.protocol()));
        }
      }
      info.addNetworkInfos(networkInfo);
    }
    linux(info, container.path("linuxInfo"));
  }

  private static void linux(ContainerInfo.Builder info, JsonNode linux) {
    if (!linux.isObject()) {
      return;
    }
    var made = LinuxInfo.newBuilder();
    var seccomp = linux.get("seccomp");
    if (seccomp != null) {
      var builder = SeccompInfo.newBuilder();
      if (seccomp.has("profileName")) {
        builder.setProfileName(seccomp.get("profileName").stringValue());
      }
      if (seccomp.has("unconfined")) {
        builder.setUnconfined(seccomp.get("unconfined").asBoolean());
      }
      made.setSeccomp(builder);
    }
    var ipc = linux.get("ipcInfo");
    if (ipc != null) {
      made.setIpcMode(LinuxInfo.IpcMode.valueOf(ipc.get("mode").stringValue()));
      if (ipc.has("shmSize")) {
        made.setShmSize(ipc.get("shmSize").asInt());
      }
    }
    info.setLinuxInfo(made);
  }

  private static NetworkInfo.Builder network(JsonNode network, String name) {
    var info = NetworkInfo.newBuilder().setName(name);
    info.addIpAddresses(NetworkInfo.IPAddress.getDefaultInstance());
    labels(network.path("labels")).ifPresent(info::setLabels);
    return info;
  }

  static Optional<Labels> labels(JsonNode labels) {
    if (labels.isEmpty()) {
      return Optional.empty();
    }
    var made = Labels.newBuilder();
    labels
        .properties()
        .forEach(each ->
            made.addLabels(
                Label.newBuilder().setKey(each.getKey()).setValue(each.getValue().stringValue())));
    return Optional.of(made.build());
  }
}
