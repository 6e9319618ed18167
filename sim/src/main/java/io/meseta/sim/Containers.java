// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.container.Signal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The containers of one host. They outlive the agent; preparations do not.
final class Containers {
  /// What a simulated command does: `TASK|RUN_MILLIS|EXIT_CODE|STUBBORN`; 0 milliseconds run for
  /// ever, and a stubborn one does not end by SIGTERM.
  record Command(String taskId, long runMillis, int exitCode, boolean stubborn) {
    static Command parse(String text) {
      var parts = text.split("\\|");
      return new Command(
          parts[0],
          Long.parseLong(parts[1]),
          Integer.parseInt(parts[2]),
          Boolean.parseBoolean(parts[3]));
    }

    String text() {
      return taskId + "|" + runMillis + "|" + exitCode + "|" + stubborn;
    }
  }

  private static final class Container {
    final String id;
    final Command command;
    boolean running;
    boolean killed;
    @Nullable ExitStatus exit;
    long pid;

    Container(String id, Command command) {
      this.id = id;
      this.command = command;
    }
  }

  private final AgentNode node;
  private final Map<String, Container> containers = new LinkedHashMap<>();
  private long pids = 1000;

  Containers(AgentNode node) {
    this.node = node;
  }

  void launch(ContainerSpec spec) {
    var container = new Container(spec.id(), Command.parse(spec.command().getValue()));
    containers.put(spec.id(), container);
    node.cluster.truth.launched(container.command.taskId(), node.host);
    node.later(
        Duration.ofNanos(node.cluster.chance.millis(5, 1_500)),
        () -> {
          if (container.killed) {
            containers.remove(container.id);
            node.tell(
                new ContainerEvent.Refused(
                    container.id, ContainerEvent.Cause.DESTROYED, "destroyed before it ran"));
          } else {
            begin(container);
            node.tell(new ContainerEvent.Started(container.id, container.pid));
          }
        });
  }

  private void begin(Container container) {
    container.running = true;
    node.cluster.count(Happening.LAUNCHED);
    container.pid = ++pids;
    node.cluster.truth.started(container.command.taskId(), node.places);
    if (container.command.runMillis() > 0) {
      end(
          container,
          Duration.ofMillis(container.command.runMillis()),
          new ExitStatus.Exited(container.command.exitCode()));
    }
  }

  private void end(Container container, Duration after, ExitStatus status) {
    node.cluster.clock.after(
        after,
        () -> {
          if (container.running) {
            container.running = false;
            if (status instanceof ExitStatus.Signalled) {
              node.cluster.count(Happening.KILLED);
            }
            container.exit = status;
            node.cluster.trace(node.host + " " + container.command.taskId() + " " + status);
            node.cluster.truth.ended(container.command.taskId(), status);
            node.tell(new ContainerEvent.Exited(container.id, status));
          }
        });
  }

  void signal(String id, Signal signal) {
    var container = containers.get(id);
    if (container == null) {
      return;
    }
    node.cluster.truth.signalled(container.command.taskId(), node.host);
    if (container.running) {
      if (signal == Signal.KILL) {
        end(container, millis(100), new ExitStatus.Signalled(9));
      } else if (!container.command.stubborn()) {
        end(container, millis(2_000), new ExitStatus.Signalled(15));
      }
    } else if (container.exit == null && signal == Signal.KILL) {
      container.killed = true;
    }
  }

  private Duration millis(int most) {
    return Duration.ofNanos(node.cluster.chance.millis(0, most));
  }

  void forget(String id) {
    var container = containers.get(id);
    if (container != null && container.exit != null) {
      containers.remove(id);
    }
  }

  /// The agent has crashed: what was being prepared never runs, or just made it.
  void agentCrashed() {
    for (var container : List.copyOf(containers.values())) {
      if (!container.running && container.exit == null) {
        if (node.cluster.chance.oneIn(4) && !container.killed) {
          begin(container);
        } else {
          containers.remove(container.id);
          node.cluster.truth.neverStarted(container.command.taskId());
        }
      }
    }
  }

  /// A new agent asks for those that it found in its checkpoints; all others are killed.
  void recover(Set<String> known) {
    for (var container : List.copyOf(containers.values())) {
      if (!known.contains(container.id)) {
        if (container.running) {
          node.cluster.truth.orphaned(container.command.taskId(), node.host);
          end(container, Duration.ZERO, new ExitStatus.Signalled(9));
        }
        containers.remove(container.id);
      }
    }
    for (var id : known) {
      var container = containers.get(id);
      if (container == null) {
        node.tell(new ContainerEvent.Exited(id, new ExitStatus.Unknown("there is no trace of it")));
        continue;
      }
      node.tell(new ContainerEvent.Started(id, container.pid));
      if (container.exit != null) {
        node.tell(new ContainerEvent.Exited(id, container.exit));
      }
    }
  }
}
