// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.system;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What goes into the log of this process, by the flags `--logging_level` and `--quiet`.
public final class Logging {
  /// The levels of masters and agents, by the original's names.
  public static final List<String> LEVELS = List.of("INFO", "WARNING", "ERROR");

  private Logging() {}

  /// @param level one of [#LEVELS], or a name of logback's
  /// @param quiet nothing goes to the standard error; a log file stays
  public static void configure(String level, boolean quiet) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      configure(context, level, quiet);
    }
  }

  static void configure(LoggerContext context, String level, boolean quiet) {
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    var name = level.toUpperCase(Locale.ROOT);
    root.setLevel(Level.toLevel(name.equals("WARNING") ? "WARN" : name));
    if (quiet) {
      for (var appenders = root.iteratorForAppenders(); appenders.hasNext(); ) {
        if (appenders.next() instanceof ConsoleAppender<ILoggingEvent> console) {
          root.detachAppender(console);
        }
      }
    }
  }
}
