// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Answers the calls of the API. What changes something is answered once it is durable.
final class ApiCalls {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String JSON_TYPE = "application/json";
  private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:01Z");

  private final ChronosCore core;

  ApiCalls(ChronosCore core) {
    this.core = core;
  }

  void on(long request, ApiCall call) {
    try {
      switch (call) {
        case ApiCall.Post post -> {
          var ignored = post(post);
          core.promise(
              new ChronosEffect.Reply(request, 204, JSON_TYPE, new byte[0], warning(ignored)));
        }
        case ApiCall.ListJobs list -> json(request, jobs(job -> true, Integer.MAX_VALUE, 0));
        case ApiCall.Summary summary -> json(request, summary());
        case ApiCall.Search search ->
            json(request, jobs(matching(search), search.limit(), search.offset()));
        case ApiCall.Get get -> json(request, shown(find(get.job())));
        case ApiCall.RunNow run -> {
          core.enqueue(find(run.job()), core.now(), 0, run.arguments(), core.now());
          core.promise(empty(request));
        }
        case ApiCall.Delete delete -> {
          delete(find(delete.job()));
          core.promise(empty(request));
        }
        case ApiCall.MarkSuccess mark -> markSuccess(request, mark.job());
        case ApiCall.Kill kill -> {
          core.killTasks(find(kill.job()).name());
          core.promise(empty(request));
        }
        case ApiCall.JobStats stats -> json(request, stats(find(stats.job())));
        case ApiCall.Ranking ranking -> json(request, ranking(ranking.figure()));
        case ApiCall.Metrics metrics -> json(request, core.runTimes().metrics());
        case ApiCall.GraphDot dot -> text(request, dot());
        case ApiCall.GraphCsv csv -> text(request, csv());
      }
    } catch (BadJob wrong) {
      var body =
          JSON.createObjectNode()
              .put("status", wrong.status() == 413 ? "Request Entity Too Large" : "Bad Request")
              .put("message", wrong.getMessage());
      core.now(new ChronosEffect.Reply(request, wrong.status(), JSON_TYPE, bytes(body)));
    }
  }

  /// Says which keys of a job mean nothing; the original drops them without a word.
  private static Map<String, String> warning(List<String> ignored) {
    return ignored.isEmpty()
        ? Map.of()
        : Map.of("Warning", "199 chronos \"" + String.join("; ", ignored) + "\"");
  }

  /// @return what was ignored, a sentence each
  private List<String> post(ApiCall.Post post) throws BadJob {
    var job = JobJson.read(post.body(), core.settings().defaults(), core.now());
    var ignored = JobJson.unknownKeys(post.body());
    var old = core.graph().get(job.name());
    if (post.dependent() && !job.isDependent()) {
      throw new BadJob(
          "parents: [] (expected: the names of the jobs that '" + job.name() + "' runs after)");
    }
    if (old == null) {
      JobJson.checkName(job);
      JobJson.checkUris(job);
      if (core.graph().size() >= core.settings().maxJobs()) {
        throw new BadJob(
            "There are "
                + core.graph().size()
                + " jobs already (expected: at most "
                + core.settings().maxJobs()
                + ")");
      }
    }
    if (job.isDependent()) {
      var missing = core.graph().missingParent(job);
      if (missing != null && !missing.equals(job.name())) {
        throw new BadJob("parents: there is no job '" + missing + "'");
      }
      if (core.graph().closesCycle(job)) {
        throw new BadJob("parents: '" + job.name() + "' would run after itself");
      }
    } else {
      var schedule = Schedule.parse(job.schedule(), job.timeZone(), core.now());
      if (old == null && schedule.due().isBefore(EARLIEST)) {
        throw new BadJob("Scheduled start date '" + schedule.due() + "' is before 1970!");
      }
      if (job.schedule().contains("//")) {
        job = job.withSchedule(schedule); // an empty start means now, and now passes
      }
    }
    JobJson.checkSize(job);
    if (job.disabled()) {
      for (var run : core.runs().of(job.name())) {
        if (!run.isLaunched()) {
          core.forget(run);
        }
      }
    }
    if (job.runsNothing()) {
      throw new BadJob(
          "command: \"\" (expected: what the job runs, or a container or an executor that knows)");
    }
    if (!ignored.isEmpty()) {
      core.now(new ChronosEffect.Warn("Job '" + job.name() + "': " + String.join("; ", ignored)));
    }
    core.store(job);
    return ignored;
  }

  private void delete(Job job) throws BadJob {
    var changed = new ArrayList<Job>();
    for (var child : core.graph().children(job.name())) {
      var parents = new LinkedHashSet<>(child.parents());
      parents.remove(job.name());
      parents.addAll(job.parents());
      var next =
          parents.isEmpty() ? child.scheduledLike(job) : child.withParents(List.copyOf(parents));
      JobJson.checkSize(next);
      changed.add(next);
    }
    changed.forEach(core::store);
    core.killTasks(job.name());
    core.forget(job.name());
    core.now(
        new ChronosEffect.Notify(
            job.name(), job.text("owner"), "removed", "Job '" + job.name() + "' was removed."));
  }

  private void markSuccess(long request, String name) {
    var job = core.graph().get(name);
    if (job != null) {
      core.succeeded(job);
    }
    var text = "marked job " + name + " as successful: " + (job != null);
    core.promise(
        new ChronosEffect.Reply(
            request, 200, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8)));
  }

  /// The history of single runs is kept by Cassandra in the original, and empty without it.
  private JsonNode stats(Job job) {
    var json = JSON.createObjectNode();
    json.set("histogram", core.runTimes().histogram(job.name()));
    json.putArray("taskStatHistory");
    return json;
  }

  private JsonNode ranking(String figure) throws BadJob {
    if (!RunTimes.FIGURES.contains(figure)) {
      throw new BadJob(
          "'" + figure + "' (expected: one of " + String.join(", ", RunTimes.FIGURES) + ")");
    }
    var names = new ArrayList<String>();
    core.graph().jobs().forEach(job -> names.add(job.name()));
    return core.runTimes().ranking(names, figure);
  }

  private Job find(String name) throws BadJob {
    var job = core.graph().get(name);
    if (job == null) {
      throw new BadJob("Job '" + name + "' not found");
    }
    return job;
  }

  private JsonNode jobs(Predicate<Job> wanted, int limit, int offset) {
    var list = JSON.createArrayNode();
    int at = 0;
    for (var job : core.graph().jobs()) {
      if (wanted.test(job) && at++ >= offset && list.size() < limit) {
        list.add(shown(job));
      }
    }
    return list;
  }

  /// A job as it is listed, and behind the original's keys why it failed or waits.
  private ObjectNode shown(Job job) {
    var shown = job.listing();
    core.failure(job.name()).ifPresent(failure -> shown.set("lastFailure", failure.json()));
    core.waiting(job).ifPresent(what -> shown.put("waiting", what));
    return shown;
  }

  private static Predicate<Job> matching(ApiCall.Search search) {
    return job ->
        contains(job.name(), search.name())
            && contains(job.text("command"), search.command())
            && (search.any().isEmpty()
                || contains(job.name(), search.any())
                || contains(job.text("command"), search.any()));
  }

  private static boolean contains(String text, Optional<String> part) {
    return part.isEmpty()
        || text.toLowerCase(Locale.ROOT).contains(part.get().toLowerCase(Locale.ROOT));
  }

  private JsonNode summary() {
    var root = JSON.createObjectNode();
    var list = root.putArray("jobs");
    for (var job : core.graph().jobs()) {
      var each = list.addObject();
      each.put("name", job.name())
          .put("status", job.status())
          .put("state", state(job))
          .put("schedule", job.schedule());
      var parents = each.putArray("parents");
      job.parents().forEach(parents::add);
      each.put("disabled", job.disabled());
      if (job.status().equals("failure") || core.runs().waiting(job.name())) {
        core.failure(job.name()).ifPresent(failure -> each.put("lastFailure", failure.text()));
      }
      core.waiting(job).ifPresent(what -> each.put("waiting", what));
    }
    return root;
  }

  private String state(Job job) {
    long running = core.runs().running(job.name());
    return running > 0 ? running + " running" : core.runs().waiting(job.name()) ? "queued" : "idle";
  }

  private String dot() {
    var text = new StringBuilder("digraph G {\n");
    core.graph().jobs().forEach(job -> text.append("  \"").append(job.name()).append("\";\n"));
    for (var job : core.graph().jobs()) {
      job.parents()
          .forEach(parent ->
              text.append("  \"")
                  .append(parent)
                  .append("\" -> \"")
                  .append(job.name())
                  .append("\";\n"));
    }
    return text.append("}\n").toString();
  }

  private String csv() {
    var text = new StringBuilder();
    for (var job : core.graph().jobs()) {
      text.append("node,")
          .append(job.name())
          .append(',')
          .append(job.status())
          .append(',')
          .append(state(job))
          .append('\n');
    }
    for (var job : core.graph().jobs()) {
      job.parents()
          .forEach(parent ->
              text.append("link,").append(parent).append(',').append(job.name()).append('\n'));
    }
    return text.toString();
  }

  private void json(long request, JsonNode body) {
    core.now(new ChronosEffect.Reply(request, 200, JSON_TYPE, bytes(body)));
  }

  private void text(long request, String body) {
    core.now(
        new ChronosEffect.Reply(
            request, 200, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8)));
  }

  private static ChronosEffect empty(long request) {
    return new ChronosEffect.Reply(request, 204, JSON_TYPE, new byte[0]);
  }

  private static byte[] bytes(JsonNode json) {
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }
}
