// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.flags.Flags;
import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.wire.json.JsonOut;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// The agent's HTTP endpoints, each also below `/slave(1)`.
final class Endpoints {
  private static final int PER_SECOND = 2;

  private final Readers readers;
  private final RateLimit metricsLimit = new RateLimit(PER_SECOND, Duration.ofSeconds(20));
  private final RateLimit statisticsLimit = new RateLimit(PER_SECOND, Duration.ofSeconds(20));

  private Endpoints(Readers readers) {
    this.readers = readers;
  }

  static void install(Router router, Readers readers) {
    var all = new Endpoints(readers);
    router
        .alias("/slave(1)")
        .on("*", "/health", request -> Router.done(Answer.empty(200)))
        .onBlocking("GET", "/version", request -> jsonp(request, version()))
        .onBlocking("GET", "/flags", request -> jsonp(request, all.flags()))
        .onBlocking(
            "GET",
            "/state",
            request ->
                all.with(agent ->
                    jsonp(request, StateDocument.write(agent, all.effective(), readers.flags))))
        .onBlocking("GET", "/containers", all::containers)
        .onBlocking(
            "GET",
            "/containerizer/debug",
            request -> jsonp(request, new JsonOut().object().array("pending").end().end().bytes()))
        .onBlocking("GET", "/monitor/statistics", all::statistics)
        .onBlocking("GET", "/monitor/statistics.json", all::statistics)
        .onBlocking("GET", "/metrics/snapshot", all::metrics)
        .onBlocking(
            "GET",
            "/metrics",
            request ->
                all.with(agent ->
                    Metrics.prometheus(Metrics.of(agent, readers.containerizer().fetcher()))))
        .onBlocking("GET", "/files/browse", all::browse)
        .onBlocking("GET", "/files/browse.json", all::browse)
        .onBlocking("GET", "/files/read", all::read)
        .onBlocking("GET", "/files/read.json", all::read)
        .onBlocking("GET", "/files/download", all::download)
        .onBlocking("GET", "/files/download.json", all::download)
        .onBlocking("GET", "/files/debug", all::debug)
        .onBlocking("GET", "/files/debug.json", all::debug)
        .on("POST", "/api/v1/executor", new ExecutorEndpoint(readers))
        .onBlocking("POST", "/api/v1", new OperatorEndpoint(readers));
  }

  /// Answers with a snapshot, or 503 while there is none.
  private Answer with(Function<AgentSnapshot, Answer> answer) {
    return readers
        .snapshot()
        .filter(agent -> agent.phase() != Agent.Phase.RECOVERING)
        .map(answer)
        .orElseGet(() -> Answer.text(503, "Agent has not finished recovery"));
  }

  /// JSON, or a call of the function that the client names.
  static Answer jsonp(Request request, byte[] json) {
    return request
        .query("jsonp")
        .map(name ->
            Answer.of(
                200,
                "text/javascript",
                (name + "(" + new String(json, StandardCharsets.UTF_8) + ")")
                    .getBytes(StandardCharsets.UTF_8)))
        .orElseGet(() -> Answer.json(json));
  }

  Map<String, String> effective() {
    return new TreeMap<>(Flags.effective(readers.flags));
  }

  private byte[] flags() {
    var out = new JsonOut().object().object("flags");
    effective().forEach(out::field);
    return out.end().end().bytes();
  }

  private static byte[] version() {
    var version = Version.info();
    return new JsonOut()
        .object()
        .field("build_date", version.getBuildDate())
        .field("build_time", version.getBuildTime())
        .field("build_user", version.getBuildUser())
        .field("version", version.getVersion())
        .end()
        .bytes();
  }

  private Answer containers(Request request) {
    var container = request.query("container_id").orElse("");
    var framework = request.query("framework_id").orElse("");
    var executor = request.query("executor_id").orElse("");
    boolean legal =
        container.isEmpty()
            ? executor.isEmpty() || !framework.isEmpty()
            : framework.isEmpty() && executor.isEmpty();
    if (!legal) {
      return Answer.text(
          400,
          "Supported query parameters are container_id only, framework_id only, or executor_id with framework_id");
    }
    return with(agent ->
        jsonp(
            request,
            new ContainerReports(agent, readers).containers(container, framework, executor)));
  }

  private Answer statistics(Request request) throws InterruptedException {
    if (!statisticsLimit.acquire()) {
      return Answer.text(503, "Too many requests for statistics are waiting");
    }
    return with(agent -> jsonp(request, new ContainerReports(agent, readers).statistics()));
  }

  private Answer metrics(Request request) throws InterruptedException {
    var timeout = request.query("timeout");
    if (timeout.isPresent()) {
      try {
        var unused = io.meseta.flags.Durations.parse(timeout.get());
      } catch (IllegalArgumentException e) {
        return Answer.text(
            400, "Invalid timeout '" + timeout.get() + "': " + e.getMessage() + "\n");
      }
    }
    if (!metricsLimit.acquire()) {
      return Answer.text(503, "Too many requests for metrics are waiting");
    }
    return readers
        .snapshot()
        .map(agent -> {
          var out = new JsonOut().object();
          Metrics.of(agent, readers.containerizer().fetcher()).forEach(out::field);
          return jsonp(request, out.end().bytes());
        })
        .orElseGet(() -> Answer.text(503, "Agent has not finished recovery"));
  }

  @FunctionalInterface
  private interface FileReader {
    Answer read(VirtualFiles files, String path) throws VirtualFiles.Refused, java.io.IOException;
  }

  private Answer file(Request request, FileReader reader) {
    var path = request.query("path");
    if (path.isEmpty() || path.get().isEmpty()) {
      return Answer.text(400, "Expecting 'path=value' in query.\n");
    }
    return readers
        .snapshot()
        .map(agent -> {
          try {
            return reader.read(new VirtualFiles(agent, readers.flags), path.get());
          } catch (VirtualFiles.Refused e) {
            return Answer.text(e.status, e.getMessage());
          } catch (java.io.IOException e) {
            return Answer.text(500, "The file cannot be read.\n");
          }
        })
        .orElseGet(() -> Answer.text(503, "Agent has not finished recovery"));
  }

  private Answer browse(Request request) {
    return file(
        request,
        (files, path) -> {
          var out = new JsonOut().array();
          for (var info : files.browse(path)) {
            out.object()
                .field("gid", info.getGid())
                .field("mode", VirtualFiles.modeText(info.getMode()))
                .field("mtime", info.getMtime().getNanoseconds() / 1e9)
                .field("nlink", (long) info.getNlink())
                .field("path", info.getPath())
                .field("size", info.getSize())
                .field("uid", info.getUid())
                .end();
          }
          return jsonp(request, out.end().bytes());
        });
  }

  private Answer read(Request request) {
    long offset;
    long length;
    try {
      offset = number(request, "offset");
      length = number(request, "length");
    } catch (IllegalArgumentException e) {
      return Answer.text(400, e.getMessage());
    }
    return file(
        request,
        (files, path) -> {
          var piece = files.read(path, offset, length);
          var data = piece.data();
          if (piece.offset() + data.length < piece.size()) {
            data = Utf8.whole(data);
          }
          return jsonp(
              request,
              new JsonOut()
                  .object()
                  .field("data", new String(data, StandardCharsets.UTF_8))
                  .field("offset", piece.offset())
                  .end()
                  .bytes());
        });
  }

  /// -1 when it is absent; -1 itself is how old consoles ask for the size.
  private static long number(Request request, String name) {
    var text = request.query(name);
    if (text.isEmpty() || text.get().equals("-1")) {
      return -1;
    }
    try {
      long number = Long.parseLong(text.get());
      if (number < 0) {
        throw new IllegalArgumentException("Negative " + name + " provided: " + number + ".\n");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Failed to parse " + name + ": '" + text.get() + "' is not a number.\n");
    }
  }

  private Answer download(Request request) {
    return file(
        request,
        (files, path) -> {
          var real = files.resolve(path);
          if (Files.isDirectory(real)) {
            throw new VirtualFiles.Refused(400, "Cannot download a directory.\n");
          }
          if (!Files.isRegularFile(real)) {
            throw new VirtualFiles.Refused(400, "Cannot download a special file.\n");
          }
          var name = String.valueOf(real.getFileName()).replaceAll("[\"\\\\\\p{Cntrl}]", "_");
          return Answer.file("application/octet-stream", real)
              .header("Content-Disposition", "attachment; filename=\"" + name + "\"");
        });
  }

  private Answer debug(Request request) {
    Optional<AgentSnapshot> agent = readers.snapshot();
    if (agent.isEmpty()) {
      return Answer.text(503, "Agent has not finished recovery");
    }
    var out = new JsonOut().object();
    new VirtualFiles(agent.get(), readers.flags)
        .roots()
        .forEach((virtual, real) -> out.field(virtual, real.toString()));
    return jsonp(request, out.end().bytes());
  }
}
