// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Says in one line that ZooKeeper does not answer, soon and then now and again, and when it does
/// again. The libraries' own words for that are stack traces, several a second.
final class Absence {
  static final Duration FIRST = Duration.ofSeconds(3);
  static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final String what;
  private final BooleanSupplier connected;
  private final Consumer<String> log;
  private Duration away = Duration.ZERO;
  private Duration said = Duration.ZERO;
  private boolean told;

  /// @param what the flag and the hosts, `--zk: host:port`
  Absence(String what, BooleanSupplier connected, Consumer<String> log) {
    this.what = what;
    this.connected = connected;
    this.log = log;
  }

  /// Looks until interrupted, on a thread of its own.
  Thread watch() {
    return Thread.ofVirtual()
        .name("zookeeper-absence")
        .start(() -> {
          try {
            while (true) {
              Thread.sleep(LOOK);
              look(LOOK);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
          }
        });
  }

  /// One look, so long after the last.
  void look(Duration since) {
    if (connected.getAsBoolean()) {
      if (told) {
        log.accept(what + ": ZooKeeper answers again");
      }
      away = Duration.ZERO;
      told = false;
      return;
    }
    away = away.plus(since);
    if (away.compareTo(told ? said.plus(AGAIN) : FIRST) >= 0) {
      told = true;
      said = away;
      log.accept(what + ": no ZooKeeper answers there for " + away.toSeconds() + " s; trying on");
    }
  }
}
