// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.SimpleFileServer;
import io.meseta.testkit.Covers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Each example, from its POST to its result, on a live cluster.
@Tag("slow")
@Timeout(240)
class ExamplesTest {
  @TempDir static Path dir;
  private static Local local;

  @BeforeAll
  static void start() throws InterruptedException {
    local = Local.start(dir, "--resources", "cpus:8;mem:8192;disk:8192");
  }

  @AfterAll
  static void stop() {
    local.close();
  }

  private static String example(String file) throws Exception {
    return Files.readString(Program.root().resolve("examples").resolve(file));
  }

  @Test
  @Covers({"M-APP-05", "M-APP-15", "X06", "G07"})
  void theShellServiceKeepsThreeInstances() throws Exception {
    var created = Http.send("POST", local.marathon("/v2/apps"), example("shell-service/app.json"));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    var before = local.awaitRunning("/examples/shell-service", 3);
    awaitHealthy("/examples/shell-service", 3);
    // The process itself, not through any API.
    var shells =
        ProcessHandle.allProcesses()
            .filter(p ->
                p.info()
                    .arguments()
                    .map(a -> String.join(" ", a).contains("touch alive"))
                    .orElse(false))
            .filter(p -> descendsFromNobodyOf(p))
            .toList();
    assertThat(shells).isNotEmpty();
    shells.getFirst().destroyForcibly();
    Http.await(
        "another one",
        Duration.ofSeconds(60),
        () -> {
          var now = local.awaitRunning("/examples/shell-service", 3);
          return !now.equals(before);
        });
    awaitHealthy("/examples/shell-service", 3);
    assertThat(
            Http.send("DELETE", local.marathon("/v2/apps//examples/shell-service"), "")
                .statusCode())
        .isEqualTo(200);
  }

  /// Only processes of this test's cluster: their folder is below ours.
  private static boolean descendsFromNobodyOf(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd")).startsWith(dir);
    } catch (Exception gone) {
      return false;
    }
  }

  private static void awaitHealthy(String app, int count) throws InterruptedException {
    Http.await(
        count + " healthy tasks of " + app,
        Duration.ofSeconds(90),
        () ->
            Http.json(local.marathon("/v2/apps/" + app)).get("app").get("tasksHealthy").intValue()
                == count);
  }

  @Test
  @Covers({"M-APP-05", "M-APP-08", "M-APP-14", "M-AD-06", "G07", "G08"})
  void theWebApplicationIsScaledAndUpgradedWithoutAFailedRequest() throws Exception {
    var apps = Path.of("target/apps").toAbsolutePath();
    var files =
        SimpleFileServer.createFileServer(
            new InetSocketAddress("127.0.0.1", 0), apps, SimpleFileServer.OutputLevel.NONE);
    files.start();
    try {
      var definition =
          example("web-application/app.json")
              .replace("localhost:9000", "127.0.0.1:" + files.getAddress().getPort());
      var created = Http.send("POST", local.marathon("/v2/apps"), definition);
      assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
      awaitHealthy("/examples/web", 1);
      Http.send("PUT", local.marathon("/v2/apps//examples/web"), "{\"instances\":2}");
      awaitHealthy("/examples/web", 2);
      awaitNoDeployment();
      var old = local.awaitRunning("/examples/web", 2);

      var failures = new ArrayList<String>();
      var answered = new AtomicInteger();
      var stop = new AtomicBoolean();
      var client = Thread.ofVirtual().start(() -> askUntil(stop, answered, failures));
      var upgrade =
          Http.send("PUT", local.marathon("/v2/apps//examples/web"), upgraded(definition));
      assertThat(upgrade.statusCode()).as(upgrade.body()).isEqualTo(200);
      awaitNoDeployment();
      awaitHealthy("/examples/web", 2);
      stop.set(true);
      client.join();
      var now = local.awaitRunning("/examples/web", 2);
      assertThat(now).doesNotContainAnyElementsOf(old);
      assertThat(failures).isEmpty();
      assertThat(answered.get()).isGreaterThan(20);
      for (var address : healthyAddresses()) {
        assertThat(Http.json("http://" + address + "/__admin/health").get("version").stringValue())
            .isEqualTo("3.9.2");
      }
      Http.send("DELETE", local.marathon("/v2/apps//examples/web"), "");
    } finally {
      files.stop(0);
    }
  }

  private static String upgraded(String definition) {
    return definition.replace("3.9.1", "3.9.2").replace("\"instances\": 1", "\"instances\": 2");
  }

  private static void awaitNoDeployment() throws InterruptedException {
    Http.await(
        "no deployment",
        Duration.ofSeconds(120),
        () -> Http.json(local.marathon("/v2/deployments")).isEmpty());
  }

  /// What a load balancer does: it knows the healthy instances and tries the next one when a
  /// connection is refused.
  private static void askUntil(AtomicBoolean stop, AtomicInteger answered, List<String> failures) {
    try (var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build()) {
      while (!stop.get()) {
        var tried = new ArrayList<String>();
        boolean ok = false;
        for (var address : healthyAddresses()) {
          try {
            var request =
                HttpRequest.newBuilder(URI.create("http://" + address + "/__admin/health"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            if (client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
              ok = true;
              break;
            }
            tried.add(address + " answered with an error");
          } catch (java.io.IOException e) {
            tried.add(address + " " + e);
          }
        }
        if (ok) {
          answered.incrementAndGet();
        } else {
          failures.add(String.join(", ", tried));
        }
        Thread.sleep(30);
      }
    } catch (Exception e) {
      failures.add(e.toString());
    }
  }

  private static List<String> healthyAddresses() throws Exception {
    var addresses = new ArrayList<String>();
    for (var task : Http.json(local.marathon("/v2/apps//examples/web/tasks")).get("tasks")) {
      boolean alive =
          task.path("healthCheckResults").size() > 0
              && task.get("healthCheckResults").get(0).get("alive").booleanValue();
      if (alive && task.get("state").stringValue().equals("TASK_RUNNING")) {
        addresses.add(task.get("host").stringValue() + ":" + task.get("ports").get(0).intValue());
      }
    }
    return addresses;
  }

  @Test
  @Covers({"S01", "S06", "S09", "S13"})
  void theExampleFrameworkRunsAGroupOfWork() throws Exception {
    try (var framework =
        Program.start(
            dir,
            "run-copies",
            "--master=localhost:" + local.masterPort,
            "--command=echo done; sleep 0.2",
            "--copies=30",
            "--cpus=0.1",
            "--mem=16")) {
      assertThat(framework.awaitExit(Duration.ofSeconds(90))).as(framework.output()).isZero();
      assertThat(framework.output()).contains("copy-30");
    }
    Http.await(
        "the framework is completed",
        Duration.ofSeconds(20),
        () -> {
          for (var completed : Http.json(local.master("/state")).get("completed_frameworks")) {
            if (completed.get("completed_tasks").size() == 30) {
              return true;
            }
          }
          return false;
        });
  }

  @Test
  @Covers({"C-API-01", "C-API-02", "C-DEP-01", "C-SCH-01", "C-DEP-07"})
  void theDependentJobReadsWhatTheScheduledOneWrote() throws Exception {
    var mine = dir.resolve("jobs");
    Files.createDirectories(mine);
    var write = example("scheduled-jobs/write.json").replace("${TMPDIR:-/tmp}", mine.toString());
    var add = example("scheduled-jobs/add.json").replace("${TMPDIR:-/tmp}", mine.toString());
    // The dependent one first needs the other.
    assertThat(Http.send("POST", local.chronos("/v1/scheduler/dependency"), add).statusCode())
        .isEqualTo(400);
    assertThat(Http.send("POST", local.chronos("/v1/scheduler/iso8601"), write).statusCode())
        .isEqualTo(204);
    assertThat(Http.send("POST", local.chronos("/v1/scheduler/dependency"), add).statusCode())
        .isEqualTo(204);
    Http.await(
        "the sum",
        Duration.ofSeconds(90),
        () ->
            Files.exists(mine.resolve("meseta-sum"))
                && Files.readString(mine.resolve("meseta-sum")).strip().equals("5050"));
    Http.await(
        "the counter",
        Duration.ofSeconds(20),
        () ->
            Http.json(local.chronos("/v1/scheduler/job/add-numbers")).get("successCount").intValue()
                > 0);
  }
}
