// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.checks;

import io.meseta.agent.core.Effect;
import io.meseta.agent.core.Out;
import io.meseta.agent.core.TimerKey;
import io.meseta.wire.v1.CheckInfo;
import io.meseta.wire.v1.CheckStatusInfo;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.TaskInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The checks of all running tasks: when the next probe is due, and what its result means.
///
/// ```
/// started --delay--> probe --result--> interpret --interval--> probe ...
/// ```
///
/// Failures within the grace period, counted from the start and only until the first success, do
/// not count. Original: src/checks/health_checker.cpp, src/checks/checker.cpp.
public final class Checks {
  /// What the owner of the task should do.
  public sealed interface Verdict {
    /// The health is to be reported; `kill` when it failed too often in a row.
    ///
    /// @param why what was tried and what came of it; empty when it is healthy
    record Health(boolean healthy, boolean kill, String why) implements Verdict {}

    /// The status of the generic check changed.
    record Status(CheckStatusInfo status) implements Verdict {}
  }

  /// Where commands run.
  ///
  /// @param host the address that tasks listen on
  public record Place(
      String sandbox, String user, SortedMap<String, String> environment, String host) {}

  private static final class Checked {
    final TaskInfo task;
    final Place place;
    final Instant since;
    boolean initializing = true;
    int failures;
    @Nullable CheckStatusInfo last;

    Checked(TaskInfo task, Place place, Instant since) {
      this.task = task;
      this.place = place;
      this.since = since;
    }
  }

  private final Out out;
  private final Map<String, Checked> tasks = new HashMap<>();

  public Checks(Out out) {
    this.out = out;
  }

  /// Begins the checks of a task that just started, if it has any.
  public void start(String containerId, TaskInfo task, Place place, Instant now) {
    if (!task.hasHealthCheck() && !task.hasCheck()) {
      return;
    }
    tasks.put(containerId, new Checked(task, place, now));
    if (task.hasHealthCheck()) {
      schedule(containerId, ProbeResult.Kind.HEALTH, task.getHealthCheck().getDelaySeconds());
    }
    if (task.hasCheck()) {
      schedule(containerId, ProbeResult.Kind.CHECK, task.getCheck().getDelaySeconds());
    }
  }

  /// Ends them; idempotent.
  public void stop(String containerId) {
    var checked = tasks.remove(containerId);
    if (checked != null) {
      for (var kind : ProbeResult.Kind.values()) {
        out.cancelTimer(new TimerKey.NextProbe(containerId, kind));
      }
    }
  }

  /// A probe is due.
  public void due(String containerId, ProbeResult.Kind kind) {
    var checked = tasks.get(containerId);
    if (checked != null) {
      var probe =
          kind == ProbeResult.Kind.HEALTH
              ? probe(checked.task.getHealthCheck(), checked.place)
              : probe(checked.task.getCheck(), checked.place);
      out.add(new Effect.RunProbe(containerId, kind, probe));
    }
  }

  /// A probe is done; the next is scheduled.
  public Optional<Verdict> probed(
      String containerId, ProbeResult.Kind kind, ProbeResult result, Instant now) {
    var checked = tasks.get(containerId);
    if (checked == null) {
      return Optional.empty();
    }
    return switch (kind) {
      case HEALTH -> {
        var check = checked.task.getHealthCheck();
        schedule(containerId, kind, check.getIntervalSeconds());
        yield health(checked, check, result, now);
      }
      case CHECK -> {
        schedule(containerId, kind, checked.task.getCheck().getIntervalSeconds());
        yield status(checked, result);
      }
    };
  }

  private static Optional<Verdict> health(
      Checked checked, HealthCheck check, ProbeResult result, Instant now) {
    boolean passed =
        switch (result) {
          case ProbeResult.ExitCode(int code) -> code == 0;
          case ProbeResult.HttpStatus(int status) -> status >= 200 && status < 400;
          case ProbeResult.TcpConnect(boolean succeeded) -> succeeded;
          case ProbeResult.Failed _ -> false;
        };
    if (passed) {
      boolean news = checked.initializing || checked.failures > 0;
      checked.initializing = false;
      checked.failures = 0;
      return news ? Optional.of(new Verdict.Health(true, false, "")) : Optional.empty();
    }
    var grace = seconds(check.getGracePeriodSeconds());
    if (checked.initializing
        && !grace.isZero()
        && Duration.between(checked.since, now).compareTo(grace) <= 0) {
      return Optional.empty();
    }
    checked.failures++;
    return Optional.of(
        new Verdict.Health(
            false,
            checked.failures >= check.getConsecutiveFailures(),
            why(probe(check, checked.place), result)));
  }

  private static String why(Probe probe, ProbeResult result) {
    var tried =
        switch (probe) {
          case Probe.Command _ -> "the command of the check";
          case Probe.Http http ->
              http.scheme() + "://" + http.host() + ":" + http.port() + http.path();
          case Probe.Tcp tcp -> "tcp " + tcp.host() + ":" + tcp.port();
        };
    return switch (result) {
      case ProbeResult.ExitCode(int code) -> tried + " exits with status " + code;
      case ProbeResult.HttpStatus(int status) -> tried + " answers with HTTP status " + status;
      case ProbeResult.TcpConnect _ -> tried + ": no connection";
      case ProbeResult.Failed(String what) -> tried + ": " + what;
    };
  }

  private static Optional<Verdict> status(Checked checked, ProbeResult result) {
    var status = noStatus(checked.task.getCheck());
    switch (result) {
      case ProbeResult.ExitCode(int code) -> status.getCommandBuilder().setExitCode(code);
      case ProbeResult.HttpStatus(int code) -> status.getHttpBuilder().setStatusCode(code);
      case ProbeResult.TcpConnect(boolean succeeded) ->
          status.getTcpBuilder().setSucceeded(succeeded);
      case ProbeResult.Failed _ -> {}
    }
    var built = status.build();
    if (built.equals(checked.last)) {
      return Optional.empty();
    }
    checked.last = built;
    return Optional.of(new Verdict.Status(built));
  }

  /// The status of a check that was never run: its type and an empty result.
  public static CheckStatusInfo.Builder noStatus(CheckInfo check) {
    var status = CheckStatusInfo.newBuilder().setType(check.getType());
    switch (check.getType()) {
      case COMMAND -> status.setCommand(CheckStatusInfo.Command.getDefaultInstance());
      case HTTP -> status.setHttp(CheckStatusInfo.Http.getDefaultInstance());
      case TCP -> status.setTcp(CheckStatusInfo.Tcp.getDefaultInstance());
      case UNKNOWN -> {}
    }
    return status;
  }

  private void schedule(String containerId, ProbeResult.Kind kind, double afterSeconds) {
    out.setTimer(new TimerKey.NextProbe(containerId, kind), seconds(afterSeconds));
  }

  private static Probe probe(HealthCheck check, Place place) {
    var timeout = timeout(check.getTimeoutSeconds());
    return switch (check.getType()) {
      case HTTP ->
          new Probe.Http(
              check.getHttp().hasScheme() ? check.getHttp().getScheme() : "http",
              place.host(),
              check.getHttp().getPort(),
              check.getHttp().getPath(),
              timeout);
      case TCP -> new Probe.Tcp(place.host(), check.getTcp().getPort(), timeout);
      case COMMAND, UNKNOWN -> command(check.getCommand(), place, timeout);
    };
  }

  private static Probe probe(CheckInfo check, Place place) {
    var timeout = timeout(check.getTimeoutSeconds());
    return switch (check.getType()) {
      case HTTP ->
          new Probe.Http(
              "http", place.host(), check.getHttp().getPort(), check.getHttp().getPath(), timeout);
      case TCP -> new Probe.Tcp(place.host(), check.getTcp().getPort(), timeout);
      case COMMAND, UNKNOWN -> command(check.getCommand().getCommand(), place, timeout);
    };
  }

  private static Probe command(CommandInfo command, Place place, Duration timeout) {
    return new Probe.Command(command, place.sandbox(), place.user(), place.environment(), timeout);
  }

  /// Zero means as long as it takes; a day stands for it.
  private static Duration timeout(double seconds) {
    return seconds <= 0 ? Duration.ofDays(1) : seconds(seconds);
  }

  private static Duration seconds(double seconds) {
    double bounded = Math.clamp(seconds, 0, 1e9);
    return Duration.ofNanos(Math.round(bounded * 1e9));
  }
}
