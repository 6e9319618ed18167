// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Drives the core in virtual time: a store that answers at once, a cluster that takes every task.
class ChronosCoreTest {
  private final TreeMap<String, byte[]> store = new TreeMap<>();
  private final List<TaskInfo> launched = new ArrayList<>();
  private final List<String> killed = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final Map<Long, String> replies = new TreeMap<>();
  private final List<Call.Type> calls = new ArrayList<>();
  private Instant now = Instant.parse("2026-03-01T00:00:00Z");
  private Instant wake = Instant.MAX;
  private ChronosCore core;
  private long request;
  private int offers;
  private long disableAfter;
  private boolean offering = true;

  @BeforeEach
  void start() {
    restart();
  }

  private void restart() {
    core =
        new ChronosCore(
            new ChronosSettings(
                0.1,
                128,
                256,
                "root",
                Duration.ofSeconds(60),
                disableAfter,
                Duration.ofSeconds(600),
                Duration.ofSeconds(5),
                1000));
    feed(new ChronosEvent.Elected(Map.copyOf(store)));
    feed(new ChronosEvent.Subscribed("fw-1"));
  }

  private final List<String> warnings = new ArrayList<>();
  private Map<String, String> headers = Map.of();

  private void feed(ChronosEvent event) {
    carryOut(core.on(event, now));
    carryOut(core.endOfBatch(now));
  }

  private void carryOut(List<ChronosEffect> effects) {
    for (var effect : effects) {
      switch (effect) {
        case ChronosEffect.Persist persist -> {
          store.putAll(persist.puts());
          persist.deletes().forEach(store::remove);
          carryOut(core.on(new ChronosEvent.Persisted(persist.batch()), now));
        }
        case ChronosEffect.Reply reply -> {
          replies.put(
              reply.request(),
              reply.status() + " " + new String(reply.body(), StandardCharsets.UTF_8));
          headers = reply.headers();
        }
        case ChronosEffect.SetTimer timer -> {
          if (timer.key().equals(ChronosCore.DUE_TIMER)) {
            wake = now.plus(timer.delay());
          }
        }
        case ChronosEffect.CancelTimer cancel -> {}
        case ChronosEffect.Warn warning -> warnings.add(warning.text());
        case ChronosEffect.Notify notice -> notices.add(notice.job() + " " + notice.kind());
        case ChronosEffect.Send send -> {
          calls.add(send.call().getType());
          if (send.call().getType() == Call.Type.ACCEPT) {
            launched.addAll(
                send.call().getAccept().getOperations(0).getLaunch().getTaskInfosList());
          } else if (send.call().getType() == Call.Type.KILL) {
            killed.add(send.call().getKill().getTaskId().getValue());
          }
        }
      }
    }
  }

  @Test
  @Covers("C-JOB-17")
  void unknownKeysAreIgnoredWithAWarning() {
    assertThat(post("{'name':'a','command':'true','shedule':'R//P1D','async':true,'e\"x':1}"))
        .startsWith("400"); // that is no JSON
    assertThat(post("{'name':'a','command':'true','shedule':'R//P1D','async':true,'x y':1}"))
        .isEqualTo("204 ");
    assertThat(headers)
        .containsEntry(
            "Warning",
            "199 chronos \"key 'shedule' is unknown and ignored; key 'x?y' is unknown and"
                + " ignored\"");
    assertThat(warnings).singleElement().asString().startsWith("Job 'a': key 'shedule'");
    assertThat(get("a")).doesNotContain("shedule");
  }

  @Test
  void refusesNumbersThatCannotBe() {
    for (var number :
        List.of(
            "'retries':99999999999999",
            "'retries':-99999999999999",
            "'retries':1e400",
            "'retries':'NaN'",
            "'successCount':1e300",
            "'errorsSinceLastSuccess':99999999999999999999",
            "'maxCompletionTime':99999999999999",
            "'cpus':1e999",
            "'mem':-1")) {
      var name = number.substring(1, number.indexOf("':"));
      assertThat(post("{'name':'a','command':'x','schedule':'R//PT1H'," + number + "}"))
          .as(number)
          .startsWith("400")
          .contains(name + ": ");
    }
    assertThat(post("{'name':'a','command':'x','schedule':'R//PT1H','retries':2147483647}"))
        .isEqualTo("204 ");
    update(launched.getFirst(), TaskState.TASK_FAILED);
    assertThat(get("a")).contains("\"retries\":2147483647");
  }

  @Test
  void refusesWhatTheStoreCannotHold() {
    assertThat(post("{'name':'a','command':'" + "x".repeat(900_000) + "','schedule':'R//PT1H'}"))
        .startsWith("413")
        .contains("expected: at most");
    assertThat(store.keySet()).noneMatch(record -> record.startsWith("J_"));
  }

  @Test
  void aStoredRecordThatCannotBeUnderstoodIsLeftAside() {
    assertThat(post("{'name':'good','command':'x','schedule':'R/2030-01-01T00:00:00Z/P1D'}"))
        .isEqualTo("204 ");
    var broken =
        new String(store.get("J_good"), StandardCharsets.UTF_8)
            .replace("good", "bad")
            .replace("\"retries\":2", "\"retries\":99999999999999")
            .getBytes(StandardCharsets.UTF_8);
    store.put("J_bad", broken);
    store.put("T_x", "{\"id\":7}".getBytes(StandardCharsets.UTF_8));
    store.put("E_good", "[".getBytes(StandardCharsets.UTF_8));
    restart();
    assertThat(get("good")).contains("good");
    assertThat(get("bad")).contains("Job 'bad' not found");
    assertThat(warnings)
        .hasSize(3)
        .anySatisfy(line ->
            assertThat(line)
                .contains("J_bad", "retries: 99999999999999", "expected: a whole number"));
    assertThat(store).containsEntry("J_bad", broken);
  }

  @Test
  @Covers({"C-API-17", "C-API-19"})
  void saysHowLongRunsTook() {
    assertThat(post("{'name':'slow','command':'x','schedule':'R//PT1H'}")).isEqualTo("204 ");
    assertThat(post("{'name':'quick','command':'x','schedule':'R1//PT1H'}")).isEqualTo("204 ");
    assertThat(api(new ApiCall.JobStats("slow")))
        .isEqualTo(
            "200 {\"histogram\":{\"75thPercentile\":0.0,\"95thPercentile\":0.0,"
                + "\"98thPercentile\":0.0,\"99thPercentile\":0.0,\"median\":0.0,\"mean\":0.0,"
                + "\"count\":0},\"taskStatHistory\":[]}");
    var run = launched.getFirst();
    assertThat(run.getTaskId().getValue()).contains(":slow:");
    now = now.plusSeconds(20);
    update(run, TaskState.TASK_FINISHED);
    assertThat(api(new ApiCall.JobStats("slow"))).contains("\"median\":20000.0", "\"count\":1");
    assertThat(api(new ApiCall.Ranking("median")))
        .isEqualTo(
            "200 [{\"jobNameLabel\":\"slow\",\"time\":20.0},{\"jobNameLabel\":\"quick\",\"time\":0.0}]");
    assertThat(api(new ApiCall.Ranking("best"))).startsWith("400").contains("'best'");
    assertThat(api(new ApiCall.JobStats("nosuch"))).startsWith("400").contains("'nosuch'");
  }

  @Test
  void figuresOfRunTimesLieBetweenTheNeighbours() {
    var times = new RunTimes();
    for (long millis : new long[] {60_000, 10_000, 20_000}) {
      times.add("a", millis);
    }
    assertThat(times.histogram("a").toString())
        .contains("\"median\":20000.0", "\"mean\":30000.0", "\"99thPercentile\":60000.0");
    times.add("a", 40_000);
    assertThat(times.histogram("a").toString()).contains("\"median\":30000.0", "\"count\":4");
    for (int i = 0; i < 2000; i++) {
      times.add("a", 1);
    }
    assertThat(times.histogram("a").toString()).contains("\"mean\":1.0", "\"count\":1000");
    times.forget("a");
    assertThat(times.histogram("a").toString()).contains("\"count\":0");
  }

  private static long due(TaskInfo task) {
    return Long.parseLong(task.getTaskId().getValue().split(":")[1]);
  }

  private String api(ApiCall call) {
    feed(new ChronosEvent.Api(++request, call));
    offer();
    return replies.get(request);
  }

  private void offer() {
    if (offering) {
      feed(new ChronosEvent.Offers(List.of(offer("agent-1", 4, 8192, 100_000))));
    }
  }

  private Offer offer(String agent, double cpus, double mem, double disk) {
    return Offer.newBuilder()
        .setId(OfferID.newBuilder().setValue("o" + ++offers))
        .setFrameworkId(FrameworkID.newBuilder().setValue("fw-1"))
        .setAgentId(AgentID.newBuilder().setValue(agent))
        .setHostname(agent)
        .addResources(scalar("cpus", cpus))
        .addResources(scalar("mem", mem))
        .addResources(scalar("disk", disk))
        .build();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  private String post(String json) {
    return api(
        new ApiCall.Post(
            json.contains("'parents'"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  private String get(String job) {
    return api(new ApiCall.Get(job));
  }

  /// Lets virtual time pass, waking the core when it asked for it and offering resources then.
  private void pass(Duration duration) {
    var end = now.plus(duration);
    while (!wake.isAfter(end)) {
      now = wake.isAfter(now) ? wake : now.plusMillis(1);
      wake = Instant.MAX;
      feed(new ChronosEvent.TimerFired(ChronosCore.DUE_TIMER));
      offer();
    }
    now = end;
  }

  private void update(TaskInfo task, TaskState state) {
    feed(
        new ChronosEvent.Update(
            TaskStatus.newBuilder()
                .setTaskId(task.getTaskId())
                .setAgentId(task.getAgentId())
                .setState(state)
                .setMessage("because")
                .build()));
    offer();
  }

  private TaskInfo last() {
    return launched.getLast();
  }

  private void finishAll() {
    for (var task : List.copyOf(launched)) {
      update(task, TaskState.TASK_FINISHED);
    }
  }

  @Test
  @Covers({
    "C-API-01",
    "C-JOB-02",
    "C-JOB-04",
    "C-JOB-05",
    "C-JOB-06",
    "C-JOB-07",
    "C-JOB-10",
    "C-SCH-01"
  })
  void aPostedJobIsCompletedAndReplaced() {
    assertThat(
            post(
                "{'name':'a','command':'true','schedule':'R5/2026-03-02T00:00:00Z/P1D','fetch':[{'uri':'http://x/a.tgz'}],'x':1}"))
        .isEqualTo("204 ");
    assertThat(get("a"))
        .startsWith("200 {\"name\":\"a\",\"command\":\"true\",\"shell\":true")
        .contains(
            "\"retries\":2",
            "\"cpus\":0.1",
            "\"mem\":128.0",
            "\"disk\":256.0",
            "\"disabled\":false",
            "\"concurrent\":false",
            "\"softError\":false",
            "\"highPriority\":false",
            "\"maxCompletionTime\":0",
            "\"owner\":\"\"",
            "\"runAsUser\":\"root\"",
            "\"schedule\":\"R5/2026-03-02T00:00:00Z/P1D\"",
            "\"scheduleTimeZone\":\"\"",
            "\"extract\":true,\"output_file\":\"\"",
            "\"uris\":[\"http://x/a.tgz\"]")
        .doesNotContain("\"x\"", "\"parents\"", "\"container\"");
    assertThat(post("{'name':'a','command':'false'}")).isEqualTo("204 ");
    assertThat(get("a")).contains("\"command\":\"false\"", "R0/");
    assertThat(launched).hasSize(1); // neither schedule nor parents: one run now
    assertThat(post("{'name':'b','command':'true','schedule':'R5//PT30S'}")).isEqualTo("204 ");
    assertThat(last().getTaskId().getValue()).contains(":b:");
  }

  @Test
  @Covers({"C-API-03", "C-API-04", "C-API-05", "C-API-06", "C-HTTP-07"})
  void badJobsAreRefusedWithTheReason() {
    assertThat(post("{"))
        .startsWith("400 {\"status\":\"Bad Request\",\"message\":\"The body is no JSON");
    assertThat(post("[]")).startsWith("400").contains("no JSON object");
    assertThat(post("{'name':'a b','schedule':'R//PT1H'}"))
        .startsWith("400")
        .contains("'a b' is invalid");
    assertThat(post("{'name':'a','schedule':'R/nonsense/PT1H'}"))
        .startsWith("400")
        .contains("'nonsense' is no date");
    assertThat(post("{'name':'a','schedule':'R//P1H'}"))
        .startsWith("400")
        .contains("'P1H' is no ISO 8601 period");
    assertThat(post("{'name':'a','schedule':'R//PT0S'}"))
        .startsWith("400")
        .contains("not longer than nothing");
    assertThat(post("{'name':'a','schedule':'R/1960-01-01T00:00:00Z/P1D'}"))
        .startsWith("400")
        .contains("before 1970");
    assertThat(post("{'name':'a','schedule':'R//P1D','scheduleTimeZone':'Mars/Base'}"))
        .startsWith("400")
        .contains("Mars/Base");
    assertThat(post("{'name':'a','schedule':'R//P1D','uris':['x'],'fetch':[{'uri':'y'}]}"))
        .startsWith("400")
        .contains("both uri");
    assertThat(post("{'name':'a','cpus':'many'}"))
        .startsWith("400")
        .contains("cpus", "expected: a number");
    assertThat(post("{'name':'a','parents':['nosuch']}"))
        .startsWith("400")
        .contains("no job 'nosuch'");
    assertThat(post("{'name':'a','parents':[]}")).startsWith("400").contains("parents");
    assertThat(post("{'name':'a','command':' ','schedule':'R//P1D'}"))
        .startsWith("400")
        .contains("command:", "expected: what the job runs");
    assertThat(api(new ApiCall.Get("nosuch"))).startsWith("400").contains("nosuch");
    assertThat(post("{'name':'a','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}"))
        .isEqualTo("204 ");
    assertThat(post("{'name':'b','command':'true','parents':['a']}")).isEqualTo("204 ");
    assertThat(post("{'name':'a','parents':['b']}")).startsWith("400").contains("after itself");
    assertThat(store.keySet()).contains("J_a", "J_b");
  }

  @Test
  @Covers({"C-SCH-06", "C-SCH-08", "C-JOB-01", "C-DEP-10", "C-DEP-11", "C-JOB-09"})
  void aDueJobBecomesATask() {
    post(
        "{'name':'a','command':'echo $X','schedule':'R/2026-03-01T00:10:00Z/PT1H','environmentVariables':[{'name':'X','value':'1'},{'name':'HOST','value':'no'}],'owner':'me@x'}");
    assertThat(launched).isEmpty();
    pass(Duration.ofMinutes(11));
    assertThat(launched).hasSize(1);
    var due = Instant.parse("2026-03-01T00:10:00Z").toEpochMilli();
    assertThat(last().getTaskId().getValue()).isEqualTo("ct:" + due + ":0:a:");
    assertThat(last().getName()).isEqualTo("ChronosTask:a");
    assertThat(last().getCommand().getValue()).isEqualTo("echo $X");
    assertThat(last().getCommand().getUser()).isEqualTo("root");
    var environment = new TreeMap<String, String>();
    last()
        .getCommand()
        .getEnvironment()
        .getVariablesList()
        .forEach(v -> environment.put(v.getName(), v.getValue()));
    assertThat(environment)
        .containsEntry("X", "1")
        .containsEntry("HOST", "agent-1")
        .containsEntry("CHRONOS_JOB_NAME", "a")
        .containsEntry("CHRONOS_JOB_OWNER", "me@x")
        .containsEntry("CHRONOS_JOB_RUN_TIME", Long.toString(due))
        .containsEntry("CHRONOS_JOB_RUN_ATTEMPT", "0")
        .containsEntry("mesos_task_id", last().getTaskId().getValue())
        .containsKeys(
            "CHRONOS_RESOURCE_CPU",
            "CHRONOS_RESOURCE_MEM",
            "CHRONOS_RESOURCE_DISK",
            "MESOS_TASK_ID");
    assertThat(get("a")).contains("\"schedule\":\"R/2026-03-01T01:10:00.000Z/PT1H\"");
    update(last(), TaskState.TASK_RUNNING);
    assertThat(api(new ApiCall.Summary())).contains("\"state\":\"1 running\"");
    update(last(), TaskState.TASK_FINISHED);
    pass(Duration.ofHours(1));
    assertThat(launched).hasSize(2);
  }

  @Test
  @Covers("C-SCH-06")
  void missedRunsAreMadeUpForByOne() {
    post("{'name':'a','command':'true','schedule':'R/2026-03-01T00:10:00Z/PT10M'}");
    now = now.plus(Duration.ofHours(2)); // stopped meanwhile
    restart();
    offer();
    assertThat(launched).hasSize(1);
    assertThat(get("a")).contains("R/2026-03-01T02:10:00.000Z/PT10M");
  }

  @Test
  @Covers({"C-SCH-07", "C-DEP-07"})
  void repetitionsRunOutAndDisableTheJob() {
    post("{'name':'a','command':'true','schedule':'R2/2026-03-01T00:01:00Z/PT10M'}");
    for (int i = 0; i < 6; i++) {
      pass(Duration.ofMinutes(10));
      finishAll();
    }
    assertThat(launched).hasSize(2);
    assertThat(get("a"))
        .contains("\"successCount\":2", "\"disabled\":true", "R0/", "\"errorsSinceLastSuccess\":0");
    assertThat(notices).containsExactly("a disabled");
    assertThat(store).containsKey("J_a");
  }

  @Test
  @Covers("C-SCH-09")
  void runsDoNotOverlapUnlessTheyMay() {
    post("{'name':'a','command':'sleep 60','schedule':'R/2026-03-01T00:01:00Z/PT10M'}");
    post(
        "{'name':'b','command':'sleep 60','schedule':'R/2026-03-01T00:01:00Z/PT10M','concurrent':true}");
    pass(Duration.ofMinutes(35));
    assertThat(launched.stream().filter(t -> t.getName().endsWith(":a"))).hasSize(1);
    assertThat(launched.stream().filter(t -> t.getName().endsWith(":b"))).hasSize(4);
    assertThat(api(new ApiCall.Summary())).contains("\"state\":\"4 running\"");
  }

  @Test
  @Covers("C-SCH-10")
  void disabledJobsAndChildrenDoNotStart() {
    post("{'name':'a','command':'true','schedule':'R/2026-03-01T00:01:00Z/PT10M'}");
    post("{'name':'child','command':'true','parents':['a'],'disabled':true}");
    pass(Duration.ofMinutes(2));
    assertThat(launched).hasSize(1);
    post("{'name':'a','command':'true','schedule':'R/2026-03-01T00:11:00Z/PT10M','disabled':true}");
    update(last(), TaskState.TASK_FINISHED);
    pass(Duration.ofHours(1));
    assertThat(launched).hasSize(1);
  }

  @Test
  @Covers({"C-DEP-01", "C-DEP-02", "C-API-02", "C-JOB-03", "C-DEP-03"})
  void aChildRunsWhenAllParentsHaveSucceededSinceItsLastStart() {
    post("{'name':'a','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    post("{'name':'b','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    post("{'name':'c','command':'true','parents':['a','b'],'schedule':'R//PT1S'}");
    assertThat(get("c")).contains("\"parents\":[\"a\",\"b\"]").doesNotContain("\"schedule\"");
    api(new ApiCall.RunNow("a", Optional.empty()));
    update(last(), TaskState.TASK_FINISHED);
    api(new ApiCall.RunNow("a", Optional.empty()));
    update(last(), TaskState.TASK_FINISHED);
    assertThat(launched).hasSize(2);
    restart(); // counts survive a change of the leader
    api(new ApiCall.RunNow("b", Optional.empty()));
    update(last(), TaskState.TASK_FINISHED);
    assertThat(last().getName()).isEqualTo("ChronosTask:c");
    update(last(), TaskState.TASK_FINISHED);
    api(new ApiCall.RunNow("b", Optional.empty()));
    update(last(), TaskState.TASK_FINISHED);
    assertThat(last().getName()).isEqualTo("ChronosTask:b"); // a has to succeed again
  }

  @Test
  @Covers({"C-DEP-04", "C-DEP-05", "C-DEP-06", "C-DEP-09"})
  void failuresAreRetriedAndStopChildrenUnlessSoft() {
    post("{'name':'a','command':'false','schedule':'R/2026-03-01T00:01:00Z/PT1H'}");
    post("{'name':'child','command':'true','parents':['a']}");
    pass(Duration.ofMinutes(1).plusSeconds(1));
    update(last(), TaskState.TASK_FAILED);
    assertThat(launched).hasSize(1);
    pass(Duration.ofSeconds(59));
    assertThat(launched).hasSize(1);
    pass(Duration.ofSeconds(2));
    assertThat(last().getTaskId().getValue()).contains(":1:a:");
    update(last(), TaskState.TASK_LOST);
    pass(Duration.ofSeconds(61));
    assertThat(last().getTaskId().getValue()).contains(":2:a:");
    update(last(), TaskState.TASK_FAILED);
    pass(Duration.ofMinutes(30));
    assertThat(launched).hasSize(3);
    assertThat(get("a"))
        .contains(
            "\"errorCount\":1", "\"errorsSinceLastSuccess\":1", "\"lastError\":\"2026-03-01T00:0");
    assertThat(notices).containsExactly("a retries exhausted");
    pass(Duration.ofHours(1)); // it never succeeded since: one attempt only
    assertThat(launched).hasSize(4);
    update(last(), TaskState.TASK_FAILED);
    pass(Duration.ofMinutes(10));
    assertThat(launched).hasSize(4);
    post(
        "{'name':'soft','command':'false','softError':true,'retries':0,'schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    post("{'name':'next','command':'true','parents':['soft']}");
    api(new ApiCall.RunNow("soft", Optional.empty()));
    update(last(), TaskState.TASK_FAILED);
    assertThat(last().getName()).isEqualTo("ChronosTask:next");
    update(last(), TaskState.TASK_KILLED);
    pass(Duration.ofMinutes(10));
    assertThat(last().getName()).isEqualTo("ChronosTask:next"); // a kill is no failure
  }

  @Test
  @Covers("C-DEP-08")
  void jobsThatKeepFailingAreDisabled() {
    disableAfter = 2;
    restart();
    post("{'name':'a','command':'false','retries':0,'schedule':'R/2026-03-01T00:01:00Z/PT1H'}");
    for (int i = 0; i < 4; i++) {
      pass(Duration.ofHours(1));
      update(last(), TaskState.TASK_FAILED);
    }
    assertThat(launched).hasSize(2);
    assertThat(get("a")).contains("\"disabled\":true", "\"errorsSinceLastSuccess\":2");
  }

  @Test
  @Covers({"C-API-12", "C-API-16", "C-API-13"})
  void runNowKillAndDelete() {
    post(
        "{'name':'a','command':'run','schedule':'R/2030-01-01T00:00:00Z/P1D','arguments':['/etc/x','y']}");
    assertThat(api(new ApiCall.RunNow("a", Optional.of("-debug; rm -rf")))).isEqualTo("204 ");
    assertThat(last().getTaskId().getValue()).endsWith(":0:a:-debug rm -rf");
    assertThat(last().getCommand().getValue()).isEqualTo("run -debug rm -rf");
    assertThat(api(new ApiCall.Kill("a"))).isEqualTo("204 ");
    assertThat(killed).containsExactly(last().getTaskId().getValue());
    update(last(), TaskState.TASK_KILLED);
    api(new ApiCall.RunNow("a", Optional.empty()));
    // A task id holds no slash, the command all the same.
    assertThat(last().getTaskId().getValue()).endsWith(":0:a:_etc_x y");
    assertThat(last().getCommand().getValue()).isEqualTo("run /etc/x y");
    assertThat(api(new ApiCall.Delete("a"))).isEqualTo("204 ");
    assertThat(killed).hasSize(2);
    assertThat(store).doesNotContainKey("J_a");
    assertThat(api(new ApiCall.RunNow("a", Optional.empty()))).startsWith("400");
    update(last(), TaskState.TASK_KILLED);
    assertThat(store.keySet()).containsExactly("frameworkId");
  }

  @Test
  @Covers({"C-JOB-01", "C-API-12"})
  void programsWithoutAShellGetTheirArgumentsAsWords() {
    post(
        "{'name':'a','command':'printf','shell':false,'arguments':['printf','%s','a b'],'schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    api(new ApiCall.RunNow("a", Optional.empty()));
    assertThat(last().getCommand().getShell()).isFalse();
    assertThat(last().getCommand().getValue()).isEqualTo("printf");
    assertThat(last().getCommand().getArgumentsList()).containsExactly("printf", "%s", "a b");
    update(last(), TaskState.TASK_FINISHED);
    api(new ApiCall.RunNow("a", Optional.of("c d")));
    assertThat(last().getCommand().getValue()).isEqualTo("printf");
    assertThat(last().getCommand().getArgumentsList())
        .containsExactly("printf", "%s", "a b", "c", "d");
  }

  @Test
  @Covers({"C-DEP-06", "C-DEP-07"})
  void timesHaveThreeDigitsOfASecond() {
    now = Instant.parse("2026-03-01T00:00:00.123456789Z");
    post("{'name':'a','command':'run','retries':0,'schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    api(new ApiCall.RunNow("a", Optional.empty()));
    update(last(), TaskState.TASK_FAILED);
    assertThat(get("a")).contains("\"lastError\":\"2026-03-01T00:00:00.123Z\"");
    now = Instant.parse("2026-03-01T00:00:01Z");
    api(new ApiCall.RunNow("a", Optional.empty()));
    update(last(), TaskState.TASK_FINISHED);
    assertThat(get("a")).contains("\"lastSuccess\":\"2026-03-01T00:00:01.000Z\"");
  }

  @Test
  @Covers({"C-SCH-07", "C-API-16"})
  void killingTheLastRunWhileItWaitsDisablesTheJob() {
    post("{'name':'a','command':'false','schedule':'R1/2026-03-01T00:01:00Z/PT1H'}");
    pass(Duration.ofMinutes(1).plusSeconds(1));
    update(last(), TaskState.TASK_FAILED); // waits for its second attempt now
    assertThat(get("a")).contains("\"disabled\":false");
    api(new ApiCall.Kill("a"));
    assertThat(get("a")).contains("\"disabled\":true");
  }

  @Test
  @Covers("C-API-14")
  void childrenOfADeletedJobTakeOver() {
    post(
        "{'name':'root','command':'1','schedule':'R/2030-01-01T00:00:00Z/P1D','scheduleTimeZone':'Europe/Paris'}");
    post("{'name':'other','command':'1','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    post("{'name':'middle','command':'1','parents':['root']}");
    post("{'name':'leaf','command':'1','parents':['middle']}");
    post("{'name':'both','command':'1','parents':['root','other']}");
    api(new ApiCall.Delete("middle"));
    assertThat(get("leaf")).contains("\"parents\":[\"root\"]");
    api(new ApiCall.Delete("root"));
    assertThat(get("leaf"))
        .contains("R/2030-01-01T00:00:00Z/P1D", "Europe/Paris")
        .doesNotContain("parents");
    assertThat(get("both")).contains("\"parents\":[\"other\"]");
  }

  @Test
  @Covers({"C-API-07", "C-API-08", "C-API-09", "C-API-10", "C-API-11", "C-API-20", "C-JOB-17"})
  void listings() {
    post(
        "{'name':'a','command':'ONE','schedule':'R/2030-01-01T00:00:00Z/P1D','uris':['http://x/u']}");
    post("{'name':'b','command':'two','parents':['a']}");
    assertThat(api(new ApiCall.ListJobs()))
        .startsWith("200 [{\"name\":\"a\"")
        .contains("\"fetch\":[{\"uri\":\"http://x/u\"");
    assertThat(api(new ApiCall.Summary()))
        .isEqualTo(
            "200 {\"jobs\":[{\"name\":\"a\",\"status\":\"fresh\",\"state\":\"idle\",\"schedule\":\"R/2030-01-01T00:00:00Z/P1D\",\"parents\":[],\"disabled\":false},"
                + "{\"name\":\"b\",\"status\":\"fresh\",\"state\":\"idle\",\"schedule\":\"\",\"parents\":[\"a\"],\"disabled\":false}]}");
    assertThat(
            api(new ApiCall.Search(Optional.empty(), Optional.of("one"), Optional.empty(), 10, 0)))
        .contains("\"name\":\"a\"")
        .doesNotContain("\"name\":\"b\"");
    assertThat(api(new ApiCall.Search(Optional.empty(), Optional.empty(), Optional.of("B"), 10, 0)))
        .contains("\"name\":\"b\"")
        .doesNotContain("\"name\":\"a\"");
    assertThat(api(new ApiCall.Search(Optional.empty(), Optional.empty(), Optional.empty(), 1, 1)))
        .contains("\"name\":\"b\"")
        .doesNotContain("\"name\":\"a\"");
    assertThat(api(new ApiCall.GraphDot())).contains("\"a\" -> \"b\"");
    assertThat(api(new ApiCall.GraphCsv())).contains("node,a,fresh,idle\n", "link,a,b\n");
  }

  @Test
  @Covers("C-API-15")
  void aJobCanBeMarkedAsSuccessful() {
    post("{'name':'a','command':'1','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    post("{'name':'b','command':'1','parents':['a']}");
    assertThat(api(new ApiCall.MarkSuccess("a"))).isEqualTo("200 marked job a as successful: true");
    assertThat(api(new ApiCall.MarkSuccess("x")))
        .isEqualTo("200 marked job x as successful: false");
    assertThat(last().getName()).isEqualTo("ChronosTask:b");
    assertThat(get("a")).contains("\"successCount\":1");
  }

  @Test
  @Covers("C-OPS-03")
  void runningTasksAreKnownToTheNextLeaderAndReconciled() {
    post("{'name':'a','command':'sleep','schedule':'R/2026-03-01T00:01:00Z/PT1H'}");
    pass(Duration.ofMinutes(2));
    var task = last();
    calls.clear();
    restart();
    assertThat(calls).containsSubsequence(Call.Type.RECONCILE, Call.Type.RECONCILE);
    assertThat(api(new ApiCall.Summary())).contains("1 running");
    update(task, TaskState.TASK_FINISHED);
    assertThat(get("a")).contains("\"successCount\":1");
    // A task that only the cluster knows is taken in.
    var stray = task.toBuilder().setTaskId(TaskID.newBuilder().setValue("ct:5:0:a:")).build();
    update(stray, TaskState.TASK_RUNNING);
    assertThat(api(new ApiCall.Summary())).contains("1 running");
  }

  @Test
  void offersAreWantedOnlyWhileSomethingWaits() {
    offering = false;
    post("{'name':'a','command':'x','cpus':3,'schedule':'R/2026-03-01T00:01:00Z/PT1H'}");
    assertThat(calls).contains(Call.Type.SUPPRESS);
    calls.clear();
    pass(Duration.ofMinutes(2));
    assertThat(calls).containsExactly(Call.Type.REVIVE);
    feed(new ChronosEvent.Offers(List.of(offer("small", 1, 1000, 1000))));
    assertThat(calls).containsExactly(Call.Type.REVIVE, Call.Type.DECLINE);
    feed(new ChronosEvent.Offers(List.of(offer("large", 3, 1000, 1000))));
    assertThat(last().getAgentId().getValue()).isEqualTo("large");
    assertThat(calls).endsWith(Call.Type.ACCEPT, Call.Type.SUPPRESS);
  }

  @Test
  @Covers({"C-JOB-12", "C-JOB-08"})
  void constraintsChooseTheAgent() {
    offering = false;
    post(
        "{'name':'a','command':'x','runAsUser':'nobody','constraints':[['hostname','LIKE','web-.*'],['hostname','UNLIKE','.*-2'],['hostname','NOSUCH','x']],'schedule':'R//PT1H'}");
    feed(
        new ChronosEvent.Offers(
            List.of(
                offer("db-1", 4, 1000, 1000),
                offer("web-2", 4, 1000, 1000),
                offer("web-1", 4, 1000, 1000))));
    assertThat(last().getAgentId().getValue()).isEqualTo("web-1");
    assertThat(last().getCommand().getUser()).isEqualTo("nobody");
  }

  @Test
  @Covers("C-API-17")
  void runTimesCountFromTheTasksOwnStart() {
    assertThat(post("{'name':'a','command':'x','schedule':'R1/2012-01-01T00:00:00Z/PT1H'}"))
        .isEqualTo("204 ");
    pass(Duration.ofSeconds(1));
    var run = launched.getFirst();
    now = now.plusSeconds(5);
    update(run, TaskState.TASK_RUNNING);
    now = now.plusSeconds(10);
    update(run, TaskState.TASK_RUNNING);
    now = now.plusSeconds(10);
    update(run, TaskState.TASK_FINISHED);
    assertThat(api(new ApiCall.JobStats("a"))).contains("\"median\":20000.0,\"mean\":20000.0");
    assertThat(api(new ApiCall.Ranking("mean"))).contains("\"time\":20.0");
  }

  @Test
  void saysWhyAJobFailedAndWhatItWaitsFor() {
    post("{'name':'a','command':'x','retries':1,'schedule':'R1//PT1H'}");
    pass(Duration.ofSeconds(1));
    var run = launched.getFirst();
    feed(
        new ChronosEvent.Update(
            TaskStatus.newBuilder()
                .setTaskId(run.getTaskId())
                .setAgentId(run.getAgentId())
                .setState(TaskState.TASK_FAILED)
                .setReason(TaskStatus.Reason.REASON_COMMAND_EXECUTOR_FAILED)
                .setMessage("Command exited with status 3")
                .build()));
    assertThat(api(new ApiCall.Summary()))
        .contains("\"lastFailure\":\"TASK_FAILED: Command exited with status 3\"")
        .contains("\"waiting\":\"waiting until 2026-03-01T00:01:01.000Z for attempt 2\"");
    restart();
    assertThat(get("a"))
        .contains("\"state\":\"TASK_FAILED\",\"reason\":\"REASON_COMMAND_EXECUTOR_FAILED\"")
        .contains("\"message\":\"Command exited with status 3\"");
    api(new ApiCall.Delete("a"));
    assertThat(store).doesNotContainKey("F_a");

    offering = false;
    post(
        "{'name':'b','command':'x','cpus':100,'schedule':'R1//PT1H',"
            + "'constraints':[['rack','EQUALS','r1']]}");
    pass(Duration.ofSeconds(1));
    assertThat(get("b"))
        .contains(
            "\"waiting\":\"waiting for an offer with cpus:100, mem:128, disk:256, rack EQUALS r1\"");
    feed(new ChronosEvent.Disconnected());
    assertThat(api(new ApiCall.Summary())).contains("\"waiting\":\"waiting for a master\"");
    assertThat(post(get("b").substring(4))).isEqualTo("204 ");
    assertThat(warnings).isEmpty();
  }

  @Test
  @Covers("C-OPS-06")
  void countsRunsAndHowLongTheyTookUnderTheOriginalsNames() {
    post("{'name':'a','command':'x','schedule':'R2//PT1H','retries':0}");
    pass(Duration.ofSeconds(1));
    update(launched.getFirst(), TaskState.TASK_FINISHED);
    pass(Duration.ofHours(1));
    update(launched.getLast(), TaskState.TASK_FAILED);
    assertThat(api(new ApiCall.Metrics()))
        .startsWith("200 {\"version\":\"3.0.0\",\"gauges\":{},\"counters\":{")
        .contains("\"jobs.run.failure.a\":{\"count\":1}")
        .contains("\"jobs.run.success.a\":{\"count\":1}")
        .contains("\"jobs.run.time.a\":{\"count\":1,\"max\":");
  }
}
