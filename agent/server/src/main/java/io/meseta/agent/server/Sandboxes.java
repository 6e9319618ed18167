// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.http.files.VirtualFiles;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The sandboxes of an agent and its log, under the names by which readers see them.
final class Sandboxes {
  private Sandboxes() {}

  static VirtualFiles of(AgentSnapshot agent, AgentFlags flags, Visibility visible) {
    var files = new VirtualFiles();
    flags
        .externalLogFile()
        .or(() -> flags.logDir().map(folder -> folder.resolve(AgentMain.LOG)))
        .ifPresent(log -> files.attach("/slave/log", log, visible.log()));
    Stream.concat(agent.completedFrameworks().stream(), agent.frameworks().stream())
        .forEach(framework -> attach(files, framework, visible));
    return files;
  }

  private static void attach(
      VirtualFiles files, AgentSnapshot.Framework framework, Visibility visible) {
    // The newest run of an executor comes last and so keeps the name `latest`.
    Stream.concat(framework.completedExecutors().stream(), framework.executors().stream())
        .forEach(executor -> {
          var sandbox = Path.of(executor.sandbox());
          var name =
              "/frameworks/"
                  + framework.info().getId().getValue()
                  + "/executors/"
                  + executor.info().getExecutorId().getValue()
                  + "/runs/";
          boolean allowed = visible.sandbox(executor.info(), framework.info());
          files.attach(executor.sandbox(), sandbox, allowed);
          files.attach(name + executor.containerId(), sandbox, allowed);
          files.attach(name + "latest", sandbox, allowed);
        });
  }
}
