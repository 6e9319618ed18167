// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.threeten.extra.PeriodDuration;

/// An ISO 8601 repeating interval, `R[n]/start/period`, whose start moves forward as runs begin.
///
/// Calendar parts of the period (years to days) are added to the local time, so that a daily job
/// keeps its wall-clock time when clocks change; a local time that does not exist on one day is
/// made up for by the next existing one on that day only. Hours and less are added to the instant.
///
/// @param repetitions runs left, -1 for no end
/// @param local the start's local time, also where clocks skip it
/// @param zone in which it is meant
/// @param preferred which of two offsets is meant where clocks run twice through the same hour
/// @param period between starts
public record Schedule(
    long repetitions,
    LocalDateTime local,
    ZoneId zone,
    @Nullable ZoneOffset preferred,
    PeriodDuration period) {
  /// What is meant to happen later never happens.
  private static final int LAST_YEAR = 9999;

  private static final LocalDateTime NEVER = LocalDateTime.of(LAST_YEAR, 12, 31, 0, 0);
  private static final Pattern FORM = Pattern.compile("(R\\d*)/([^/]*)/(P.*)");
  private static final DateTimeFormatter INPUT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffset("+HH:MM", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .toFormatter();
  private static final DateTimeFormatter OUTPUT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral('T')
          .appendValue(ChronoField.HOUR_OF_DAY, 2)
          .appendLiteral(':')
          .appendValue(ChronoField.MINUTE_OF_HOUR, 2)
          .appendLiteral(':')
          .appendValue(ChronoField.SECOND_OF_MINUTE, 2)
          .appendFraction(ChronoField.MILLI_OF_SECOND, 3, 3, true)
          .toFormatter();

  /// Reads a schedule.
  ///
  /// @param zoneName wins over the offset in the text, keeping its local fields; empty for none
  /// @param now an empty start means one second before it
  /// @throws BadJob naming what was expected
  public static Schedule parse(String text, String zoneName, Instant now) throws BadJob {
    var form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new BadJob(
          "Cannot parse schedule '"
              + text
              + "' (expected: R[n]/start/period, such as R/2026-01-01T02:00:00Z/P1D)");
    }
    var period = period(form.group(3), text);
    long repetitions;
    try {
      repetitions = form.group(1).length() == 1 ? -1 : Long.parseLong(form.group(1).substring(1));
    } catch (NumberFormatException e) {
      throw new BadJob("Cannot parse schedule '" + text + "': " + form.group(1) + " is too large");
    }
    check(period, form.group(3), text, now, repetitions == 1 || repetitions == 0);
    return start(form.group(2).strip(), zoneName, now, text, repetitions, period);
  }

  /// The same arithmetic as later runs need, so that none of it fails then.
  private static void check(
      PeriodDuration period, String given, String text, Instant now, boolean once) throws BadJob {
    var wrong = "Cannot parse schedule '" + text + "': the period " + given;
    try {
      var next = ZonedDateTime.ofInstant(now, ZoneOffset.UTC).plus(period);
      if (next.getYear() > LAST_YEAR) {
        throw new BadJob(wrong + " leads beyond the year " + LAST_YEAR);
      }
      if (!once && !next.toInstant().isAfter(now)) {
        throw new BadJob(wrong + " is not longer than nothing");
      }
      if (!once && next.toInstant().isBefore(now.plusMillis(1))) {
        throw new BadJob(wrong + " is shorter than a millisecond");
      }
    } catch (ArithmeticException | DateTimeException e) {
      throw new BadJob(wrong + " is too long (expected: such as P1D, PT15M, P1M)");
    }
  }

  private static Schedule start(
      String start,
      String zoneName,
      Instant now,
      String text,
      long repetitions,
      PeriodDuration period)
      throws BadJob {
    LocalDateTime local;
    ZoneOffset offset = ZoneOffset.UTC;
    try {
      if (start.isEmpty()) {
        var begin = now.minusSeconds(1);
        local =
            LocalDateTime.ofInstant(begin, zoneName.isEmpty() ? ZoneOffset.UTC : zone(zoneName));
      } else if (start.length() == 10) {
        local = LocalDate.parse(start).atStartOfDay();
      } else {
        var parsed = INPUT.parseBest(start, ZonedDateTime::from, LocalDateTime::from);
        local = LocalDateTime.from(parsed);
        offset = parsed instanceof ZonedDateTime zoned ? zoned.getOffset() : ZoneOffset.UTC;
      }
    } catch (DateTimeException e) {
      throw new BadJob(
          "Cannot parse schedule '"
              + text
              + "': the start '"
              + start
              + "' is no date and time (expected: 2026-01-01T02:00:00Z)");
    }
    if (local.getYear() < 1 || local.getYear() > LAST_YEAR) {
      throw new BadJob(
          "Cannot parse schedule '"
              + text
              + "': the start '"
              + start
              + "' is not in the years 1 to "
              + LAST_YEAR);
    }
    if (zoneName.isEmpty()) {
      return new Schedule(repetitions, local, offset, null, period);
    }
    var zone = zone(zoneName);
    boolean twice = zone.getRules().getValidOffsets(local).contains(offset);
    return new Schedule(repetitions, local, zone, twice ? offset : null, period);
  }

  private static PeriodDuration period(String text, String schedule) throws BadJob {
    try {
      return PeriodDuration.parse(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw new BadJob(
          "Cannot parse schedule '"
              + schedule
              + "': '"
              + text
              + "' is no ISO 8601 period (expected: P1D, PT15M, P1M ...)");
    }
  }

  private static ZoneId zone(String name) throws BadJob {
    try {
      return ZoneId.of(name, ZoneId.SHORT_IDS);
    } catch (DateTimeException e) {
      throw new BadJob(
          "Unknown scheduleTimeZone '" + name + "' (expected: such as UTC or Europe/Vienna)");
    }
  }

  /// When the next run is due.
  public Instant due() {
    return ZonedDateTime.ofLocal(local, zone, preferred).toInstant();
  }

  /// Whether a run is left.
  public boolean hasRuns() {
    return repetitions != 0;
  }

  /// The schedule after a run that begins at `now`: one repetition less, the start in the future.
  /// Missed runs are not made up for.
  public Schedule advance(Instant now) {
    long left = repetitions < 0 ? -1 : repetitions - 1;
    long high = 1;
    while (!at(high).due().isAfter(now) && high < 1L << 61) {
      high *= 2;
    }
    long low = high / 2; // at(low) is not after now, or low is 0; at(high) is after it
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (at(middle).due().isAfter(now)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    var next = at(high);
    return new Schedule(left, next.local, next.zone, next.preferred, next.period);
  }

  /// The start after so many periods. Counts can be large: half a second since 1970 is more than
  /// three thousand million times.
  private Schedule at(long count) {
    try {
      var days =
          period.getPeriod().isZero()
              ? Period.ZERO
              : period.getPeriod().multipliedBy(Math.toIntExact(count));
      if (period.getDuration().isZero()) {
        return moved(local.plus(days), null);
      }
      var moved =
          ZonedDateTime.ofLocal(local, zone, preferred)
              .plus(days)
              .plus(period.getDuration().multipliedBy(count));
      return moved(moved.toLocalDateTime(), moved.getOffset());
    } catch (ArithmeticException | DateTimeException e) {
      return moved(NEVER, null);
    }
  }

  private Schedule moved(LocalDateTime to, @Nullable ZoneOffset offset) {
    return to.isAfter(NEVER)
        ? new Schedule(repetitions, NEVER, zone, null, period)
        : new Schedule(repetitions, to, zone, offset, period);
  }

  /// The text that [#parse] reads back to the same schedule.
  public String text() {
    var offset = ZonedDateTime.ofLocal(local, zone, preferred).getOffset();
    return "R"
        + (repetitions < 0 ? "" : Long.toString(repetitions))
        + "/"
        + OUTPUT.format(local)
        + offset.getId()
        + "/"
        + period;
  }
}
