// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
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
    boolean positive =
        period.addTo(ZonedDateTime.ofInstant(now, ZoneOffset.UTC)) instanceof ZonedDateTime later
            && later.toInstant().isAfter(now);
    if (!positive && repetitions != 1 && repetitions != 0) {
      throw new BadJob(
          "Cannot parse schedule '"
              + text
              + "': the period "
              + form.group(3)
              + " is not longer than nothing");
    }
    return start(form.group(2).strip(), zoneName, now, text, repetitions, period);
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
    } catch (DateTimeException e) {
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
    while (!at(high).due().isAfter(now) && high < 1L << 40) {
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

  private Schedule at(long count) {
    try {
      int times = Math.toIntExact(count);
      if (period.getDuration().isZero()) {
        return new Schedule(
            repetitions, local.plus(period.getPeriod().multipliedBy(times)), zone, null, period);
      }
      var moved =
          ZonedDateTime.ofLocal(local, zone, preferred)
              .plus(period.getPeriod().multipliedBy(times))
              .plus(period.getDuration().multipliedBy(count));
      return new Schedule(repetitions, moved.toLocalDateTime(), zone, moved.getOffset(), period);
    } catch (ArithmeticException | DateTimeException e) {
      return new Schedule(
          repetitions, LocalDateTime.of(9999, 12, 31, 0, 0), zone, null, period); // never
    }
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
