// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.sim.Options.Plant;
import io.meseta.testkit.Covers;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  /// One while of unrest and one peace.
  private static final Duration SHORT = Duration.ofMinutes(1);

  private static void check(Simulation.Result result) {
    assertThat(result.failure())
        .as("./meseta sim --seed %d --hours %s", result.seed(), 1 / 60.0)
        .isEmpty();
  }

  @Test
  @Timeout(300)
  @Covers({"H05", "W02", "S10", "G02", "A04"})
  void theClusterComesToRestWhateverHappens() {
    var tally = new Tally();
    LongStream.rangeClosed(1, Integer.getInteger("seeds", 40))
        .forEach(seed -> {
          var result = Simulation.run(Options.of(seed), SHORT);
          check(result);
          tally.add(result.tally());
        });
    // A fault that never strikes, and a call that never succeeds, tests nothing.
    assertThat(tally.missing()).isEmpty();
  }

  /// Seeds that found bugs once, with the time that it took; see docs/simulation.md.
  @ParameterizedTest
  @ValueSource(longs = {101, 102, 136, 342, 1105, 6006, 6008})
  @Covers({"W02", "S10", "G02"})
  void seedsThatFoundBugs(long seed) {
    check(Simulation.run(Options.of(seed), Duration.ofMinutes(12)));
  }

  /// As above, of hours.
  @ParameterizedTest
  @Timeout(300)
  @CsvSource({"7, 1"})
  @Covers({"M03", "W02", "A04"})
  void longSeedsThatFoundBugs(long seed, long hours) {
    check(Simulation.run(Options.of(seed), Duration.ofHours(hours)));
  }

  @Test
  void theSameSeedIsTheSameRun() {
    for (long seed = 1; seed <= 2; seed++) {
      var once = Simulation.run(Options.of(seed), Duration.ofMinutes(12));
      var again = Simulation.run(Options.of(seed), Duration.ofMinutes(12));
      assertThat(again.hash()).isEqualTo(once.hash());
      assertThat(again.events()).isEqualTo(once.events());
    }
    assertThat(Simulation.run(Options.of(1), SHORT).hash())
        .isNotEqualTo(Simulation.run(Options.of(2), SHORT).hash());
  }

  /// A check that cannot fail is worth nothing.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void plantedBugsAreFound(Plant plant) {
    var found =
        LongStream.rangeClosed(1, 200)
            .mapToObj(seed -> Simulation.run(Options.of(seed).with(plant), SHORT))
            .filter(result -> !result.ok())
            .findFirst();
    assertThat(found).as("%s in 200 seeds", plant).isPresent();
    assertThat(found.get().failure())
        .containsPattern(
            switch (plant) {
              case NONE -> "";
              case STORE_WITHOUT_FENCE -> "which does not lead";
              case FORGETFUL_DISK -> "although its framework checkpoints";
              case LAUNCH_TWICE -> "is launched twice";
              case LOST_TERMINAL_UPDATE -> "owes the end";
              case ACKNOWLEDGED_BY_NOBODY -> "is not acknowledged";
              case TASK_LEFT_OUT -> "task";
              case KILLS_FORGOTTEN -> "after the last fault";
              case DEAD_EXECUTOR -> " cpus:";
              case OPERATION_NOT_DONE -> "holds|has .*, not|is offered";
              case OPERATION_ANSWER_LOST -> "operations have no end|is deactivated";
              case RESERVATIONS_FORGOTTEN -> "holds|has .*, not";
            });
  }
}
