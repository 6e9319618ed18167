// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Command lines that run with the rights of a user instead of the agent's.
public final class AsUser {
  private AsUser() {}

  /// `command` as `account`, with its groups and nothing of the agent's.
  public static List<String> line(Account account, List<String> command) {
    var line =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + account.uid(),
                "--regid=" + account.gid(),
                "--groups="
                    + account.groups().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(",")),
                "--"));
    line.addAll(command);
    return line;
  }
}
