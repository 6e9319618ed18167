// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.containerizer.Containerizer;
import io.meseta.http.system.Logging;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// What flags must be, beyond their types. Nothing is silently ignored.
final class FlagRules {
  private FlagRules() {}

  /// Every problem, naming the flag, its value and what was expected.
  static List<String> problems(AgentFlags flags) {
    var problems = new ArrayList<String>();
    for (var name : isolators(flags)) {
      if (!Containerizer.ISOLATORS.contains(name)) {
        problems.add(
            "--isolation="
                + flags.isolation()
                + ": this agent has no isolator '"
                + name
                + "' (expected: "
                + String.join(", ", Containerizer.ISOLATORS.stream().sorted().toList())
                + ")");
      }
    }
    oneOf(problems, "launcher", flags.launcher(), Set.of("posix"));
    oneOf(problems, "containerizers", flags.containerizers(), Set.of("mesos"));
    oneOf(problems, "recover", flags.recover(), Set.of("reconnect", "cleanup"));
    oneOf(
        problems,
        "reconfiguration_policy",
        flags.reconfigurationPolicy(),
        Set.of("equal", "additive"));
    oneOf(problems, "authorizer", flags.authorizer(), Set.of("local"));
    oneOf(problems, "http_authenticators", flags.httpAuthenticators(), Set.of("basic"));
    oneOf(problems, "authenticatee", flags.authenticatee(), Set.of("crammd5"));
    if ((flags.authenticateHttpReadonly() || flags.authenticateHttpReadwrite())
        && flags.httpCredentials().isEmpty()) {
      problems.add("--http_credentials: expected, since authentication is asked for");
    }
    off(problems, "http_command_executor", flags.httpCommandExecutor());
    if (flags.ip().isPresent() && flags.ipDiscoveryCommand().isPresent()) {
      problems.add("--ip_discovery_command: expected instead of --ip, not with it");
    }
    if (flags.gcDiskHeadroom() < 0 || flags.gcDiskHeadroom() > 1) {
      problems.add("--gc_disk_headroom=" + flags.gcDiskHeadroom() + " (expected: 0.0 to 1.0)");
    }
    oneOf(problems, "logging_level", flags.loggingLevel(), Set.copyOf(Logging.LEVELS));
    if (flags.port() < 0 || flags.port() > 65535) {
      problems.add("--port=" + flags.port() + " (expected: 0 to 65535)");
    }
    return problems;
  }

  static List<String> isolators(AgentFlags flags) {
    var names = new ArrayList<String>();
    for (var name : Arrays.stream(flags.isolation().split(",")).map(String::strip).toList()) {
      // The original's old name for both.
      names.addAll(name.equals("posix") ? List.of("posix/cpu", "posix/mem") : List.of(name));
    }
    if (!names.contains("filesystem/posix")) {
      names.add("filesystem/posix");
    }
    return names;
  }

  private static void oneOf(List<String> problems, String flag, String value, Set<String> allowed) {
    if (!allowed.contains(value)) {
      problems.add(
          "--"
              + flag
              + "="
              + value
              + " (expected: "
              + String.join(" or ", allowed.stream().sorted().toList())
              + ")");
    }
  }

  private static void off(List<String> problems, String flag, boolean value) {
    if (value) {
      problems.add("--" + flag + "=true: this agent cannot do that (expected: false)");
    }
  }
}
