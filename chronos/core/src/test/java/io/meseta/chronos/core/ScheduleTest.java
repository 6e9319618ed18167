// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static Schedule parse(String text, String zone) throws BadJob {
    return Schedule.parse(text, zone, NOW);
  }

  @Test
  @Covers({"C-SCH-01", "C-SCH-02", "C-SCH-03"})
  void formsOfTheStartAndThePeriod() throws BadJob {
    assertThat(parse("R5//PT30S", "").due()).isEqualTo(NOW.minusSeconds(1));
    assertThat(parse("R/2026-06-01T08:00:00Z/P1D", "").due()).isEqualTo("2026-06-01T08:00:00Z");
    assertThat(parse("R/2026-06-01T08:00:00-03:00/P1D", "").due())
        .isEqualTo("2026-06-01T11:00:00Z");
    assertThat(parse("R/2026-06-01T08:00:00.000+0200/P1D", "").due())
        .isEqualTo("2026-06-01T06:00:00Z");
    assertThat(parse("R/2026-06-01T08:00:00.123Z/P1W", "").due())
        .isEqualTo("2026-06-01T08:00:00.123Z");
    assertThat(parse("R/2026-06-01/P1M", "").due()).isEqualTo("2026-06-01T00:00:00Z");
    assertThat(parse("R0/2026-06-01/P1DT2H", "").hasRuns()).isFalse();
    assertThat(parse("R3/2026-01-31T00:00:00Z/P1M", "").advance(NOW).text())
        .isEqualTo("R2/2026-03-31T00:00:00.000Z/P1M");
  }

  @Test
  @Covers({"C-SCH-01", "C-SCH-02"})
  void refusesWhatNoCalendarHolds() {
    for (var text :
        List.of(
            "R/2030-01-01T00:00:00Z/P999999999Y",
            "R/2030-01-01T00:00:00Z/P9223372036854775807D",
            "R1/2030-01-01T00:00:00Z/PT9223372036854775807S",
            "R/2030-01-01T00:00:00Z/P9000Y",
            "R/+999999999-01-01T00:00:00Z/P1D",
            "R/-0001-01-01T00:00:00Z/P1D",
            "R/2030-01-01T00:00:00Z/PT0.0000001S")) {
      assertThatThrownBy(() -> parse(text, "Europe/Paris"))
          .as(text)
          .isInstanceOf(BadJob.class)
          .hasMessageContaining("'" + text + "'");
    }
  }

  @Test
  @Covers("C-SCH-02")
  void skipsAnyNumberOfShortPeriods() throws BadJob {
    assertThat(parse("R/1970-01-02T00:00:00Z/PT0.5S", "").advance(NOW.plusMillis(100)).text())
        .isEqualTo("R/2026-03-01T12:00:00.500Z/PT0.5S");
    assertThat(parse("R/0001-01-01T00:00:00Z/PT0.001S", "").advance(NOW).due())
        .isEqualTo(NOW.plusMillis(1));
    // Beyond the calendar is never, not an error.
    assertThat(parse("R/9998-01-01T00:00:00Z/P7000Y", "").advance(NOW).due())
        .isEqualTo("9999-12-31T00:00:00Z");
  }

  @Test
  @Covers("C-SCH-04")
  void theTimeZoneKeepsTheLocalFields() throws BadJob {
    assertThat(parse("R/2024-06-01T08:00:00Z/P1D", "Europe/Paris").due())
        .isEqualTo("2024-06-01T06:00:00Z");
    assertThat(parse("R/2024-06-01T08:00:00-07:00/P1D", "Europe/Paris").due())
        .isEqualTo("2024-06-01T06:00:00Z");
    assertThat(parse("R/2024-06-01T08:00:00Z/P1D", "PST").due()).isEqualTo("2024-06-01T15:00:00Z");
  }

  /// The starts of the next runs, the schedule being stored as text in between.
  private static List<String> starts(String text, String zone, String from, int count)
      throws BadJob {
    var starts = new ArrayList<String>();
    var schedule = Schedule.parse(text, zone, NOW);
    var now = Instant.parse(from);
    for (int i = 0; i < count; i++) {
      schedule = Schedule.parse(schedule.advance(now).text(), zone, NOW);
      starts.add(schedule.due().atZone(ZoneId.of(zone)).toLocalDateTime() + " " + schedule.due());
      now = schedule.due();
    }
    return starts;
  }

  @Test
  @Covers("C-SCH-05")
  void dailyJobsKeepTheirWallClockTimeWhenClocksChange() throws BadJob {
    assertThat(
            starts("R/2026-03-27T02:30:00+01:00/P1D", "Europe/Vienna", "2026-03-27T02:00:00Z", 4))
        .containsExactly(
            "2026-03-28T02:30 2026-03-28T01:30:00Z",
            "2026-03-29T03:30 2026-03-29T01:30:00Z", // 02:30 does not exist
            "2026-03-30T02:30 2026-03-30T00:30:00Z",
            "2026-03-31T02:30 2026-03-31T00:30:00Z");
    assertThat(
            starts("R/2026-10-24T02:30:00+02:00/P1D", "Europe/Vienna", "2026-10-24T01:00:00Z", 3))
        .containsExactly(
            "2026-10-25T02:30 2026-10-25T00:30:00Z", // twice that night, run once
            "2026-10-26T02:30 2026-10-26T01:30:00Z",
            "2026-10-27T02:30 2026-10-27T01:30:00Z");
  }

  @Test
  @Covers("C-SCH-05")
  void hourlyJobsRunEveryHourWhenClocksChange() throws BadJob {
    assertThat(starts("R/2026-10-24T23:30:00Z/PT1H", "Europe/Vienna", "2026-10-24T22:00:00Z", 5))
        .containsExactly(
            "2026-10-25T00:30 2026-10-24T22:30:00Z",
            "2026-10-25T01:30 2026-10-24T23:30:00Z",
            "2026-10-25T02:30 2026-10-25T00:30:00Z",
            "2026-10-25T02:30 2026-10-25T01:30:00Z",
            "2026-10-25T03:30 2026-10-25T02:30:00Z");
    assertThat(starts("R/2026-03-29T00:30:00Z/PT1H", "Europe/Vienna", "2026-03-28T23:40:00Z", 3))
        .containsExactly(
            "2026-03-29T01:30 2026-03-29T00:30:00Z",
            "2026-03-29T03:30 2026-03-29T01:30:00Z",
            "2026-03-29T04:30 2026-03-29T02:30:00Z");
  }

  @Test
  void advancingAlwaysMovesIntoTheFutureByTheLeastStep() {
    var zones =
        List.of(
            "UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    var periods = List.of("PT1S", "PT15M", "PT1H", "P1D", "P1W", "P1M", "P1Y", "P1DT2H", "PT36H");
    Seeds.forAll(
        500,
        random -> {
          var zone = zones.get(random.nextInt(zones.size()));
          var period = periods.get(random.nextInt(periods.size()));
          var start = NOW.plusSeconds(random.nextInt(100_000_000) - 50_000_000);
          var schedule = Schedule.parse("R/" + start + "/" + period, zone, NOW);
          var now = schedule.due().plusSeconds(random.nextInt(10_000_000));
          var next = schedule.advance(now);
          assertThat(next.due()).isAfter(now);
          assertThat(Schedule.parse(next.text(), zone, NOW).due().toEpochMilli())
              .isEqualTo(next.due().toEpochMilli());
          // The step before it is not after now, or it was the first: nothing was skipped
          // needlessly.
          if (period.startsWith("PT")) {
            assertThat(Duration.between(now, next.due()))
                .isLessThanOrEqualTo(Duration.parse(period));
          }
        });
  }
}
