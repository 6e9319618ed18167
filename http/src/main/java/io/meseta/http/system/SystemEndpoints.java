// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.system;

import io.meseta.http.Answer;
import io.meseta.http.Help;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.wire.json.JsonOut;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The endpoints of libprocess about the process itself.
public final class SystemEndpoints {
  private static final String NO_PROFILER =
      "This process has no perftools profiler: use 'jcmd <pid> JFR.start' of its JDK.\n";
  private static final String NO_JEMALLOC =
      "This process does not use jemalloc: use 'jcmd <pid> GC.heap_dump <file>' of its JDK.\n";

  private static final List<String> PROFILERS = List.of("/profiler/start", "/profiler/stop");
  private static final List<String> MEMORY =
      List.of("start", "stop", "statistics", "download/raw", "download/text", "download/graph");

  private SystemEndpoints() {}

  /// @param processes names of what receives messages here, such as `master`
  /// @param refuse the refusal of `/logging/toggle`, for those who may not
  /// @param json the answer of a document, which may be wrapped as a script
  /// @param duration reads `10secs`; its failure is told to the client
  public static void register(
      Router router,
      List<String> processes,
      Function<Request, Optional<Answer>> refuse,
      BiFunction<Request, byte[], Answer> json,
      Function<String, Duration> duration) {
    router.on(
        "*",
        "/logging/toggle",
        request -> Router.done(refuse.apply(request).orElseGet(() -> toggle(request, duration))));
    router.onBlocking("*", "/system/stats.json", request -> json.apply(request, stats()));
    router.on(
        "*", "/__processes__", request -> Router.done(json.apply(request, processes(processes))));
    for (var path : PROFILERS) {
      router.on("*", path, request -> Router.done(Answer.text(400, NO_PROFILER)));
    }
    for (var path : MEMORY) {
      router.on(
          "*", "/memory-profiler/" + path, request -> Router.done(Answer.text(400, NO_JEMALLOC)));
    }
    router.on(
        "*",
        "/memory-profiler/state",
        request ->
            Router.done(
                json.apply(
                    request,
                    new JsonOut()
                        .object()
                        .object("memory_profiler")
                        .field("jemalloc_detected", false)
                        .field("profiling_active", false)
                        .end()
                        .end()
                        .bytes())));
  }

  /// Says what these endpoints are for.
  public static Help describe(Help help) {
    help.say("/logging/toggle", "How much is logged; level=LEVEL&duration=DURATION for a while.")
        .say("/system/stats.json", "Load, processors and memory of this host.")
        .say("/__processes__", "What receives messages in this process.")
        .say("/memory-profiler/state", "Says that there is no jemalloc.");
    for (var path : PROFILERS) {
      help.say(path, "Says that there is no such profiler: the JDK has its own.");
    }
    for (var path : MEMORY) {
      help.say("/memory-profiler/" + path, "Says that there is no jemalloc.");
    }
    return help;
  }

  private static Answer toggle(Request request, Function<String, Duration> durations) {
    var level = request.query("level");
    var duration = request.query("duration");
    if (level.isEmpty() && duration.isEmpty()) {
      return Answer.text(200, LogLevel.PROCESS.get() + "\n");
    }
    if (duration.isEmpty()) {
      return Answer.text(400, "Expecting 'duration=value' in query.\n");
    }
    if (level.isEmpty()) {
      return Answer.text(400, "Expecting 'level=value' in query.\n");
    }
    int wanted;
    try {
      wanted = Integer.parseInt(level.get());
    } catch (NumberFormatException e) {
      return Answer.text(
          400, "Invalid level '" + level.get() + "': expected a whole number of 0 or more.\n");
    }
    if (wanted < 0) {
      return Answer.text(400, "Invalid level '" + wanted + "'.\n");
    }
    try {
      LogLevel.PROCESS.set(wanted, durations.apply(duration.get()));
    } catch (IllegalArgumentException e) {
      return Answer.text(
          400, "Invalid duration '" + duration.get() + "': " + e.getMessage() + ".\n");
    }
    return Answer.empty(200);
  }

  private static byte[] processes(List<String> names) {
    var out = new JsonOut().array();
    names.forEach(name -> out.object().field("id", name).array("events").end().end());
    return out.end().bytes();
  }

  private static byte[] stats() {
    var out = new JsonOut().object();
    try {
      var loads = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
      out.field("avg_load_1min", Double.parseDouble(loads[0]));
      out.field("avg_load_5min", Double.parseDouble(loads[1]));
      out.field("avg_load_15min", Double.parseDouble(loads[2]));
    } catch (IOException e) {
      // A host that hides them: readers see that they are absent.
    }
    var system = ManagementFactory.getOperatingSystemMXBean();
    out.field("cpus_total", (long) system.getAvailableProcessors());
    if (system instanceof com.sun.management.OperatingSystemMXBean more) {
      out.field("mem_total_bytes", more.getTotalMemorySize());
      out.field("mem_free_bytes", more.getFreeMemorySize());
    }
    return out.end().bytes();
  }
}
