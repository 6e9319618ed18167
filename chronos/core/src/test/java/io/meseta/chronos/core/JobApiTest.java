// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the API takes, refuses and shows.
class JobApiTest extends Stage {
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
}
