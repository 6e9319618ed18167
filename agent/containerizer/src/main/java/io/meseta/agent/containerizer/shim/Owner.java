// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Whose folder of shims it is. An agent kills what runs there without its knowledge, so another
/// agent's containers, which it does not know either, must be told from orphans of its own: the
/// file `owner` names the work folder of the agent that used the folder last.
final class Owner {
  private static final String NAME = "owner";

  private Owner() {}

  /// The work folder of the agent that used `folder` last.
  static Optional<String> of(Path folder) {
    try {
      return Optional.of(Files.readString(folder.resolve(NAME)).strip())
          .filter(text -> !text.isEmpty());
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /// Makes `folder` that of `workDir`. Only for who holds the folder's launcher.
  ///
  /// @param known the containers of this agent
  /// @throws IOException if containers of another agent run there
  static void take(Path folder, Path workDir, Set<String> known, String boot) throws IOException {
    var mine = workDir.toString();
    var other = of(folder).filter(owner -> !owner.equals(mine));
    if (other.isPresent()) {
      var living = living(folder, boot);
      living.keySet().removeAll(known);
      if (!living.isEmpty()) {
        throw new IOException(
            "--runtime_dir="
                + folder.getParent()
                + ": "
                + living.size()
                + (living.size() == 1 ? " container runs" : " containers run")
                + " there of the agent with --work_dir="
                + other.get()
                + "; give this agent (--work_dir="
                + mine
                + ") a --runtime_dir of its own, or start the other one to end its containers");
      }
    }
    if (other.isPresent() || of(folder).isEmpty()) {
      var file = folder.resolve(NAME);
      var temporary = Files.writeString(folder.resolve(".tmp").resolve(NAME), mine + "\n");
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// What runs there, by what the journals say.
  private static Map<String, ShimState.Running> living(Path folder, String boot)
      throws IOException {
    var living = new TreeMap<String, ShimState.Running>();
    for (var name : new String[] {Journal.NAME + ".old", Journal.NAME}) {
      try (var lines = Files.lines(folder.resolve(name))) {
        lines
            .flatMap(line -> ShimState.parse(line).stream())
            .forEach(line -> {
              switch (line.state()) {
                case ShimState.Running running -> living.put(line.id(), running);
                case ShimState.Over over -> living.remove(line.id());
              }
            });
      } catch (NoSuchFileException none) {
        // nothing was written yet
      }
    }
    living
        .values()
        .removeIf(running ->
            !running.boot().equals(boot)
                || ProcFs.startTicks(running.shimPid()) != running.shimStart());
    return living;
  }
}
