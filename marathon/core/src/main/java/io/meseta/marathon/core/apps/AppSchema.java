// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import static io.meseta.marathon.core.json.Schema.any;
import static io.meseta.marathon.core.json.Schema.bool;
import static io.meseta.marathon.core.json.Schema.either;
import static io.meseta.marathon.core.json.Schema.fields;
import static io.meseta.marathon.core.json.Schema.integer;
import static io.meseta.marathon.core.json.Schema.list;
import static io.meseta.marathon.core.json.Schema.map;
import static io.meseta.marathon.core.json.Schema.number;
import static io.meseta.marathon.core.json.Schema.oneOf;
import static io.meseta.marathon.core.json.Schema.string;

import io.meseta.marathon.core.json.Schema;

/// The JSON of an app, legacy fields included. Original: docs/docs/rest-api/public/api/v2/types.
final class AppSchema {
  static final String PATH_ID =
      "(/?((\\.\\.)|(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*"
          + "([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9]))?($|/))+";
  private static final String NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final Schema COUNT = integer(0, Integer.MAX_VALUE);
  private static final Schema PORT = integer(0, 65535);
  private static final Schema PROTOCOL = oneOf("tcp", "udp", "udp,tcp");
  private static final Schema LABELS = map(string());

  static final Schema.Fields NETWORK =
      fields()
          .optional("name", string("[a-z0-9]([-a-z0-9_]*[a-z0-9])?"))
          .optional(
              "mode",
              new Schema.Names(java.util.List.of("container", "container/bridge", "host")),
              "container")
          .optional("labels", LABELS);

  static final Schema.Fields PORT_DEFINITION =
      fields()
          .optional("port", PORT, 0)
          .optional("labels", LABELS)
          .optional("name", string(NAME))
          .optional("protocol", PROTOCOL, "tcp");

  static final Schema.Fields PORT_MAPPING =
      fields()
          .optional("containerPort", PORT, 0)
          .optional("hostPort", PORT)
          .optional("labels", LABELS)
          .optional("name", string(NAME))
          .optional("protocol", PROTOCOL, "tcp")
          .optional("servicePort", PORT, 0)
          .optional("networkNames", list(string(NAME)));

  private static final Schema DOCKER =
      fields()
          .optional(
              "credential", fields().required("principal", string()).optional("secret", string()))
          .optional("pullConfig", fields().required("secret", string()))
          .optional("forcePullImage", bool(), false)
          .required("image", string(1))
          .optional("network", oneOf("BRIDGE", "HOST", "NONE", "USER"))
          .optional(
              "parameters", list(fields().required("key", string(1)).required("value", string())))
          .optional("portMappings", list(PORT_MAPPING))
          .optional("privileged", bool(), false);

  private static final Schema VOLUME =
      fields()
          .required("containerPath", string(1))
          .optional("hostPath", string(1))
          .optional("mode", oneOf("RO", "RW"))
          .optional("persistent", any())
          .optional("external", any())
          .optional("secret", string());

  private static final Schema LINUX_INFO =
      fields()
          .optional(
              "seccomp", fields().optional("profileName", string()).optional("unconfined", bool()))
          .optional(
              "ipcInfo",
              fields()
                  .required("mode", oneOf("PRIVATE", "SHARE_PARENT"))
                  .optional("shmSize", COUNT));

  private static final Schema CONTAINER =
      fields()
          .optional("type", oneOf("DOCKER", "MESOS"), "DOCKER")
          .optional("docker", DOCKER)
          .optional("linuxInfo", LINUX_INFO)
          .optional("volumes", list(VOLUME))
          .optional("portMappings", list(PORT_MAPPING));

  private static final Schema HEALTH_CHECK =
      fields()
          .optional("command", fields().required("value", string(1)))
          .optional("gracePeriodSeconds", COUNT, 300)
          .optional("ignoreHttp1xx", bool())
          .optional("intervalSeconds", integer(1, Integer.MAX_VALUE), 60)
          .optional("maxConsecutiveFailures", COUNT, 3)
          .optional("path", string())
          .optional("port", PORT)
          .optional("portIndex", PORT)
          .optional(
              "protocol",
              oneOf("HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"),
              "HTTP")
          .optional("ipProtocol", oneOf("IPv4", "IPv6"), "IPv4")
          .optional("timeoutSeconds", COUNT, 20)
          .optional("delaySeconds", COUNT, 15);

  private static final Schema READINESS_CHECK =
      fields()
          .optional("name", string(), "readinessCheck")
          .optional("protocol", oneOf("HTTP", "HTTPS"), "HTTP")
          .optional("path", string(), "/")
          .optional("portName", string(), "http-api")
          .optional("intervalSeconds", integer(1, Integer.MAX_VALUE), 30)
          .optional("timeoutSeconds", COUNT, 10)
          .optional("httpStatusCodesForReady", list(integer(100, 999)))
          .optional("preserveLastResponse", bool(), false);

  private static final Schema ARTIFACT =
      fields()
          .required("uri", string(1))
          .optional("extract", bool(), true)
          .optional("executable", bool(), false)
          .optional("cache", bool(), false)
          .optional("destPath", string());

  private static final Schema IP_ADDRESS =
      fields()
          .optional(
              "discovery",
              fields()
                  .optional(
                      "ports",
                      list(
                          fields()
                              .optional("number", PORT, 0)
                              .required("name", string(NAME))
                              .optional("protocol", PROTOCOL, "tcp")
                              .optional("labels", LABELS))))
          .optional("groups", list(string()))
          .optional("labels", LABELS)
          .optional("networkName", string(1));

  /// An app as clients send it.
  static final Schema.Fields APP =
      fields()
          .required("id", string(PATH_ID))
          .optional("acceptedResourceRoles", list(string()))
          .optional("args", list(string()))
          .optional("backoffFactor", number(1), 1.15)
          .optional("backoffSeconds", COUNT, 1)
          .optional("cmd", string(1))
          .optional("constraints", list(list(string())))
          .optional("container", CONTAINER)
          .optional("cpus", number(0), 1)
          .optional("dependencies", list(string(PATH_ID)))
          .optional("disk", number(0), 0)
          .optional("env", map(either(fields().required("secret", string()), string())))
          .optional("executor", string(), "")
          .optional(
              "executorResources",
              fields()
                  .optional("cpus", number(0), 0.1)
                  .optional("mem", number(0), 32)
                  .optional("disk", number(0), 10))
          .optional("fetch", list(ARTIFACT))
          .optional("healthChecks", list(HEALTH_CHECK))
          .optional("check", any())
          .optional("instances", COUNT, 1)
          .optional("labels", LABELS)
          .optional("maxLaunchDelaySeconds", COUNT, 300)
          .optional("mem", number(0), 128)
          .optional("gpus", COUNT, 0)
          .optional("ipAddress", IP_ADDRESS)
          .optional("networks", list(NETWORK))
          .optional("ports", list(PORT))
          .optional("portDefinitions", list(PORT_DEFINITION))
          .optional("readinessChecks", list(READINESS_CHECK))
          .optional("residency", any())
          .optional(
              "resourceLimits",
              fields()
                  .optional("cpus", either(number(0), oneOf("unlimited")))
                  .optional("mem", either(number(0), oneOf("unlimited"))))
          .optional("requirePorts", bool(), false)
          .optional("secrets", map(fields().required("source", string())))
          .optional("taskKillGracePeriodSeconds", COUNT)
          .optional(
              "upgradeStrategy",
              fields()
                  .required("minimumHealthCapacity", number(-Double.MAX_VALUE))
                  .required("maximumOverCapacity", number(-Double.MAX_VALUE)))
          .optional("uris", list(string(1)))
          .optional("user", string())
          .optional("version", string())
          .optional("killSelection", oneOf("YOUNGEST_FIRST", "OLDEST_FIRST"), "YOUNGEST_FIRST")
          .optional(
              "unreachableStrategy",
              either(
                  fields()
                      .optional("inactiveAfterSeconds", COUNT, 0)
                      .optional("expungeAfterSeconds", COUNT, 0),
                  oneOf("disabled")))
          .optional("tty", bool())
          .optional("role", string(1));

  private AppSchema() {}
}
