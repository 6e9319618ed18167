// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.model.Invalid;
import io.meseta.wire.v1.CheckInfo;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.Environment;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.Secret;
import io.meseta.wire.v1.Volume;
import java.util.Locale;

/// What commands, containers and checks may say. Original: src/common/validation.cpp.
final class CommandRules {
  private CommandRules() {}

  static void check(String prefix, CommandInfo command) throws Invalid {
    for (var variable : command.getEnvironment().getVariablesList()) {
      checkVariable(prefix + "Environment variable '" + variable.getName() + "' ", variable);
    }
  }

  private static void checkVariable(String prefix, Environment.Variable variable) throws Invalid {
    switch (variable.getType()) {
      case VALUE -> {
        if (!variable.hasValue()) {
          throw new Invalid(prefix + "of type 'VALUE' must have a value set");
        }
        if (variable.hasSecret()) {
          throw new Invalid(prefix + "of type 'VALUE' must not have a secret set");
        }
      }
      case SECRET -> {
        if (!variable.hasSecret()) {
          throw new Invalid(prefix + "of type 'SECRET' must have a secret set");
        }
        if (variable.hasValue()) {
          throw new Invalid(prefix + "of type 'SECRET' must not have a value set");
        }
        checkSecret(prefix + "specifies an invalid secret: ", variable.getSecret());
        for (byte b : variable.getSecret().getValue().getData().toByteArray()) {
          if (b == 0) {
            throw new Invalid(
                prefix
                    + "specifies a secret containing null bytes, which is not allowed in the"
                    + " environment");
          }
        }
      }
      case UNKNOWN -> throw new Invalid("Environment variable of type 'UNKNOWN' is not allowed");
    }
  }

  private static void checkSecret(String prefix, Secret secret) throws Invalid {
    boolean reference = secret.getType() == Secret.Type.REFERENCE;
    switch (secret.getType()) {
      case REFERENCE, VALUE -> {
        if (reference ? !secret.hasReference() : !secret.hasValue()) {
          throw new Invalid(
              prefix
                  + "Secret of type "
                  + secret.getType()
                  + " must have the '"
                  + (reference ? "reference" : "value")
                  + "' field set");
        }
        if (reference ? secret.hasValue() : secret.hasReference()) {
          throw new Invalid(
              prefix
                  + "Secret of type "
                  + secret.getType()
                  + " must not have the '"
                  + (reference ? "value" : "reference")
                  + "' field set");
        }
      }
      case UNKNOWN -> throw new Invalid(prefix + "Secret of type 'UNKNOWN' is not allowed");
    }
  }

  static void check(String prefix, ContainerInfo container) throws Invalid {
    for (var volume : container.getVolumesList()) {
      checkVolume(prefix + "Invalid volume: ", volume);
    }
    if (container.getType() != ContainerInfo.Type.DOCKER) {
      return;
    }
    if (!container.hasDocker()) {
      throw new Invalid(prefix + "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo");
    }
    if (container.getDocker().getParametersList().stream()
        .anyMatch(parameter -> parameter.getKey().equals("name"))) {
      throw new Invalid(prefix + "Parameter in DockerInfo must not be 'name'");
    }
  }

  private static void checkVolume(String prefix, Volume volume) throws Invalid {
    int sources =
        (volume.hasHostPath() ? 1 : 0) + (volume.hasImage() ? 1 : 0) + (volume.hasSource() ? 1 : 0);
    if (sources != 1) {
      throw new Invalid(
          prefix + "Only one of them should be set: 'host_path', 'image' and 'source'");
    }
    if (!volume.hasSource()) {
      return;
    }
    var source = volume.getSource();
    var missing =
        switch (source.getType()) {
          case DOCKER_VOLUME -> source.hasDockerVolume() ? "" : "docker_volume";
          case HOST_PATH -> source.hasHostPath() ? "" : "host_path";
          case SANDBOX_PATH -> source.hasSandboxPath() ? "" : "sandbox_path";
          case SECRET -> source.hasSecret() ? "" : "secret";
          case CSI_VOLUME ->
              !source.hasCsiVolume()
                  ? "csi_volume"
                  : source.getCsiVolume().hasStaticProvisioning()
                      ? ""
                      : "csi_volume.static_provisioning";
          case UNKNOWN -> throw new Invalid(prefix + "'source.type' is unknown");
        };
    if (!missing.isEmpty()) {
      throw new Invalid(
          prefix + "'source." + missing + "' is not set for " + source.getType() + " volume");
    }
  }

  static void check(String prefix, HealthCheck check) throws Invalid {
    if (!check.hasType()) {
      throw new Invalid(prefix + "HealthCheck must specify 'type'");
    }
    switch (check.getType()) {
      case COMMAND -> checkCommand(prefix, "health check", check.hasCommand(), check.getCommand());
      case HTTP -> {
        if (!check.hasHttp()) {
          throw new Invalid(prefix + "Expecting 'http' to be set for HTTP health check");
        }
        var http = check.getHttp();
        if (http.hasScheme()
            && !http.getScheme().equals("http")
            && !http.getScheme().equals("https")) {
          throw new Invalid(
              prefix + "Unsupported HTTP health check scheme: '" + http.getScheme() + "'");
        }
        checkPath(prefix, "health check", http.hasPath(), http.getPath());
      }
      case TCP -> {
        if (!check.hasTcp()) {
          throw new Invalid(prefix + "Expecting 'tcp' to be set for TCP health check");
        }
      }
      case UNKNOWN -> throw new Invalid(prefix + "'UNKNOWN' is not a valid health check type");
    }
    notNegative(prefix, "delay_seconds", check.getDelaySeconds());
    notNegative(prefix, "grace_period_seconds", check.getGracePeriodSeconds());
    notNegative(prefix, "interval_seconds", check.getIntervalSeconds());
    notNegative(prefix, "timeout_seconds", check.getTimeoutSeconds());
  }

  static void check(String prefix, CheckInfo check) throws Invalid {
    if (!check.hasType()) {
      throw new Invalid(prefix + "CheckInfo must specify 'type'");
    }
    switch (check.getType()) {
      case COMMAND ->
          checkCommand(prefix, "check", check.hasCommand(), check.getCommand().getCommand());
      case HTTP -> {
        if (!check.hasHttp()) {
          throw new Invalid(prefix + "Expecting 'http' to be set for HTTP check");
        }
        checkPath(prefix, "check", check.getHttp().hasPath(), check.getHttp().getPath());
      }
      case TCP -> {
        if (!check.hasTcp()) {
          throw new Invalid(prefix + "Expecting 'tcp' to be set for TCP check");
        }
      }
      case UNKNOWN -> throw new Invalid(prefix + "'UNKNOWN' is not a valid check type");
    }
    notNegative(prefix, "delay_seconds", check.getDelaySeconds());
    notNegative(prefix, "interval_seconds", check.getIntervalSeconds());
    notNegative(prefix, "timeout_seconds", check.getTimeoutSeconds());
  }

  private static void checkCommand(String prefix, String kind, boolean present, CommandInfo command)
      throws Invalid {
    if (!present) {
      throw new Invalid(prefix + "Expecting 'command' to be set for COMMAND " + kind);
    }
    if (!command.hasValue()) {
      throw new Invalid(
          prefix
              + "Command "
              + kind
              + " must contain "
              + (command.getShell() ? "'shell command'" : "'executable path'"));
    }
    var title = kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
    check(prefix + title + "'s `CommandInfo` is invalid: ", command);
  }

  private static void checkPath(String prefix, String kind, boolean present, String path)
      throws Invalid {
    if (present && !path.startsWith("/")) {
      throw new Invalid(
          prefix + "The path '" + path + "' of HTTP " + kind + " must start with '/'");
    }
  }

  private static void notNegative(String prefix, String name, double seconds) throws Invalid {
    if (seconds < 0 || Double.isNaN(seconds)) {
      throw new Invalid(prefix + "Expecting '" + name + "' to be non-negative");
    }
  }
}
