// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What is told of runs: times, counts, reasons.
class FiguresTest extends Stage {
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
