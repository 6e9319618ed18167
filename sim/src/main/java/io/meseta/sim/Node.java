// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A process on its own host. A crash ends it without a word; what it keeps on disk is its own
/// matter. A pause stops it while the world goes on, as a collector of garbage may.
public abstract class Node {
  final Cluster cluster;
  final String host;
  private final List<Runnable> backlog = new ArrayList<>();
  int life;

  /// By how much its clock is wrong.
  private Duration clockError = Duration.ZERO;

  private boolean up;
  private boolean paused;

  Node(Cluster cluster, String host) {
    this.cluster = cluster;
    this.host = host;
  }

  public String host() {
    return host;
  }

  public boolean up() {
    return up;
  }

  public boolean paused() {
    return paused;
  }

  /// What its clock shows.
  Instant instant() {
    return cluster.clock.instant().plus(clockError);
  }

  public void setClockError(Duration error) {
    clockError = error;
    if (!error.isZero()) {
      cluster.count(Happening.CLOCK_JUMPED);
    }
    cluster.trace(host + " has a clock that is wrong by " + error);
  }

  public void start() {
    if (!up) {
      up = true;
      life++;
      cluster.trace(host + " starts, life " + life);
      started();
    }
  }

  /// A fault ends the process.
  public void crash(String why) {
    if (up) {
      cluster.count(
          switch (this) {
            case MasterNode master -> Happening.MASTER_CRASHED;
            case AgentNode agent -> Happening.AGENT_CRASHED;
            default -> Happening.SCHEDULER_CRASHED;
          });
    }
    end(why);
  }

  private void end(String why) {
    if (up) {
      cluster.trace(host + " ends: " + why);
      up = false;
      paused = false;
      life++;
      backlog.clear();
      stopped();
      cluster.network.crashed(host);
    }
  }

  /// Ends the process; its supervisor starts it again.
  void exit(String why) {
    end(why);
    cluster.clock.after(cluster.chance.millis(1_000, 5_000), this::start);
  }

  public void pause() {
    if (up && !paused) {
      paused = true;
      cluster.trace(host + " pauses");
      cluster.count(Happening.PAUSED);
    }
  }

  public void resume() {
    if (paused) {
      paused = false;
      cluster.trace(host + " goes on");
      var waiting = List.copyOf(backlog);
      backlog.clear();
      // The threads of a process awake in any order.
      if (cluster.chance.oneIn(2)) {
        cluster.clock.after(cluster.chance.millis(0, 30), () -> waiting.forEach(Runnable::run));
      } else {
        waiting.forEach(Runnable::run);
      }
      resumed();
    }
  }

  /// `action`, unless this process has ended by then; when it is paused, afterwards.
  Runnable guard(Runnable action) {
    int mine = life;
    return () -> {
      if (life == mine && up) {
        if (paused) {
          backlog.add(guard(action));
        } else {
          action.run();
        }
      }
    };
  }

  void later(Duration delay, Runnable action) {
    cluster.clock.after(delay, guard(action));
  }

  abstract void started();

  abstract void stopped();

  void resumed() {}
}
