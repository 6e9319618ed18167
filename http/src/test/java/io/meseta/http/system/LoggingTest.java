// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.system;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import io.meseta.testkit.Covers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

@Covers("CFG04")
class LoggingTest {
  @TempDir private Path folder;

  private record Written(String error, String file) {}

  /// What a process with a log file says at each level.
  private Written written(String level, boolean quiet) throws Exception {
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
    var file = folder.resolve("log-" + level + quiet);
    var before = System.err;
    var bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var console = new ConsoleAppender<ILoggingEvent>();
      console.setTarget("System.err");
      add(context, console);
      var appender = new FileAppender<ILoggingEvent>();
      appender.setFile(file.toString());
      add(context, appender);
      Logging.configure(context, level, quiet);
      var log = context.getLogger("io.meseta.any");
      log.debug("debug");
      log.info("info");
      log.warn("warning");
      log.error("error");
      return new Written(bytes.toString(StandardCharsets.UTF_8), Files.readString(file));
    } finally {
      context.stop();
      System.setErr(before);
    }
  }

  private static void add(LoggerContext context, OutputStreamAppender<ILoggingEvent> appender) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg ");
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
  }

  @Test
  void whatIsLessGraveIsLeftOut() throws Exception {
    assertThat(written("INFO", false)).isEqualTo(both("info warning error "));
    assertThat(written("WARNING", false)).isEqualTo(both("warning error "));
    assertThat(written("ERROR", false)).isEqualTo(both("error "));
    assertThat(written("debug", false)).isEqualTo(both("debug info warning error "));
    assertThat(written("off", false)).isEqualTo(both(""));
  }

  @Test
  void quietServersWriteTheirFileOnly() throws Exception {
    assertThat(written("WARNING", true)).isEqualTo(new Written("", "warning error "));
  }

  private static Written both(String text) {
    return new Written(text, text);
  }
}
