// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program of docs/frameworks.md, compiled and run as the page says.
@Tag("slow")
class FrameworksPageTest {
  @TempDir Path dir;

  @Test
  void theProgramOfThePageRuns() throws Exception {
    var page = Files.readString(Program.root().resolve("docs/frameworks.md"));
    var program = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(program.find()).isTrue();
    Files.writeString(dir.resolve("Greeter.java"), program.group(1));
    assertThat(page).contains("java -cp 'dist/target/lib/*' Greeter.java localhost:5050");
    try (var local = Local.start(dir)) {
      var process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "Greeter.java",
                  "localhost:" + local.masterPort)
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .start();
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      var output = new String(process.getInputStream().readAllBytes());
      assertThat(process.exitValue()).as(output).isZero();
      assertThat(output).contains("subscribed as ", "TASK_RUNNING", "TASK_FINISHED");
      assertThat(output).as("the library is quiet").doesNotContain("DEBUG", "INFO", "SLF4J");
    }
  }
}
