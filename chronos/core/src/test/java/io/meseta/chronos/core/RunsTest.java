// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// When jobs run, where, and what follows from how they end.
class RunsTest extends Stage {
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
}
