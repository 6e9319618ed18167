// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The README's tour, command by command, as it stands there.
@Tag("slow")
class ReadmeTest {
  @TempDir Path dir;

  @Test
  void theTourWorks() throws Exception {
    try (var local = Local.start(dir)) {
      var commands = commands();
      assertThat(commands).hasSizeGreaterThanOrEqualTo(8);
      var ran = 0;
      for (var command : commands) {
        var here =
            command
                .replace("localhost:8080", "localhost:" + local.marathonPort)
                .replace("localhost:4400", "localhost:" + local.chronosPort)
                .replace("/tmp/tick", dir.resolve("tick").toString());
        var output = shell(here);
        assertThat(output).as(command).doesNotContain("\"message\"").doesNotContain("Error");
        ran++;
        if (command.contains("\"/hello\"")) {
          local.awaitRunning("/hello", 3);
        } else if (command.contains("\"instances\": 1")) {
          local.awaitRunning("/hello", 1);
        } else if (command.contains("\"tock\"")) {
          Http.await("tick wrote", Duration.ofSeconds(30), () -> Files.exists(dir.resolve("tick")));
          Http.await(
              "tock ran",
              Duration.ofSeconds(90),
              () ->
                  Http.json(local.chronos("/v1/scheduler/job/tock")).get("successCount").intValue()
                      > 0);
        }
      }
      assertThat(ran).isEqualTo(commands.size());
      Http.await(
          "all is gone",
          Duration.ofSeconds(60),
          () ->
              Http.json(local.marathon("/v2/apps")).get("apps").isEmpty()
                  && Http.send("GET", local.chronos("/v1/scheduler/jobs"), "").body().equals("[]"));
    }
  }

  /// The indented commands that call curl; one ends where its quotes do.
  private static List<String> commands() throws Exception {
    var commands = new ArrayList<String>();
    StringBuilder open = null;
    for (var line : Files.readAllLines(Program.root().resolve("README.md"))) {
      if (!line.startsWith("    ")) {
        open = null;
        continue;
      }
      if (open == null && line.strip().startsWith("curl")) {
        open = new StringBuilder();
      }
      if (open != null) {
        open.append(line.strip()).append('\n');
        if (open.chars().filter(c -> c == '\'').count() % 2 == 0) {
          commands.add(open.toString());
          open = null;
        }
      }
    }
    return commands;
  }

  private static String shell(String command) throws Exception {
    var process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(command + "\n" + output).isZero();
    return output;
  }
}
