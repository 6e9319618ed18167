// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorldTest {
  private static String app(String id, int instances, String cmd) {
    return "{'id':'"
        + id
        + "','cmd':'"
        + cmd
        + "','cpus':0.1,'mem':1,'instances':"
        + instances
        + "}";
  }

  @Test
  void keepsAppsRunningWithoutFaults() {
    Seeds.forAll(
        3,
        random -> {
          var world = new World(random);
          world.faults = 0;
          world.createApp(app("a", 7, "one"));
          world.run(Duration.ofMinutes(1));
          assertThat(world.answers.getFirst().status()).isEqualTo(201);
          assertThat(world.running().get("a")).hasSize(7);
          world.updateApp("/a", "{'cmd':'two'}");
          world.run(Duration.ofMinutes(1));
          assertThat(world.running().get("a")).isEqualTo(Collections.nCopies(7, "two"));
          world.ask(new ApiCall.DeleteApp("/a", true));
          world.run(Duration.ofMinutes(1));
          assertThat(world.running()).isEmpty();
        });
  }

  @Test
  @Covers("M-SEM-11")
  void anUnconfirmedKillIsAskedForAgainEveryThirtySecondsOnly() {
    Seeds.forAll(
        1,
        random -> {
          var world = new World(random);
          world.faults = 0;
          world.createApp(app("a", 1, "one"));
          world.run(Duration.ofMinutes(1));
          world.deaf = true;
          for (int second = 0; second < 65; second++) {
            world.ask(new ApiCall.KillTasks(world.taskIds(), false, false, false));
            world.run(Duration.ofSeconds(1));
          }
          assertThat(world.kills).isBetween(2, 3);
          world.deaf = false;
          world.run(Duration.ofMinutes(2));
          assertThat(world.running().get("a")).hasSize(1);
        });
  }

  /// Whatever fails and whenever Marathon crashes: no task id is launched twice, no task is
  /// launched that is not stored, and when the faults end everything is as wanted.
  @Test
  @Covers({"M-SEM-08", "M-SEM-11", "M-SEM-12", "M-SEM-14", "M-STO-07"})
  void comesToWhatIsWantedAfterAnyFaults() {
    Seeds.forAll(
        60,
        random -> {
          var world = new World(random);
          world.createApp(app("/g/a", 5, "one"));
          world.createApp(app("/g/b", 3, "one"));
          world.run(Duration.ofMillis(random.nextInt(3000)));
          for (int i = 0; i < 8; i++) {
            switch (random.nextInt(4)) {
              case 0 -> world.restart();
              case 1 -> world.updateApp("/g/a", "{'cmd':'cmd" + i + "'}");
              case 2 -> world.updateApp("/g/b", "{'instances':" + random.nextInt(6) + "}");
              default -> {}
            }
            world.run(Duration.ofMillis(random.nextInt(8000)));
          }
          // A request may have been lost with a crash; ask again for what is wanted.
          world.faults = 0;
          world.createApp(app("/g/a", 5, "one"));
          world.createApp(app("/g/b", 3, "one"));
          world.run(Duration.ofSeconds(1));
          world.updateApp("/g/a", "{'cmd':'last','instances':4}");
          world.updateApp("/g/b", "{'cmd':'last','instances':2}");
          world.run(Duration.ofMinutes(40));
          assertThat(world.running().get("a.g")).isEqualTo(List.of("last", "last", "last", "last"));
          assertThat(world.running().get("b.g")).isEqualTo(List.of("last", "last"));
          world.answers.clear();
          world.ask(new ApiCall.ListDeployments());
          world.run(Duration.ofSeconds(1));
          assertThat(world.answers.getFirst().body().get().isEmpty()).isTrue();
        });
  }
}
