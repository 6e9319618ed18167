// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.util.Optional;
import java.util.regex.Pattern;

/// What a task id says: `ct:<due, ms>:<attempt>:<job>:<arguments>`. Other tools read it.
///
/// @param due milliseconds since 1970
/// @param attempt 0 for the first
/// @param job the job's name
/// @param arguments appended to the command; no semicolons
record TaskName(long due, int attempt, String job, String arguments) {
  private static final Pattern FORM =
      Pattern.compile("ct:(\\d{1,18}):(\\d{1,9}):([\\w.-]+):?(.*)", Pattern.DOTALL);
  private static final int MAX_LENGTH = 255;

  static TaskName of(String job, long due, int attempt, String arguments) {
    return new TaskName(due, attempt, job, arguments);
  }

  static Optional<TaskName> parse(String id) {
    var form = FORM.matcher(id);
    return form.matches()
        ? Optional.of(
            new TaskName(
                Long.parseLong(form.group(1)),
                Integer.parseInt(form.group(2)),
                form.group(3),
                form.group(4)))
        : Optional.empty();
  }

  /// The id. Task ids may hold neither slashes nor control characters and at most 255 characters,
  /// so the arguments are shown as far as that allows; the task gets them whole.
  @Override
  public String toString() {
    var id = new StringBuilder("ct:" + due + ":" + attempt + ":" + job + ":" + arguments);
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '/' || c == '\\' || c < ' ') {
        id.setCharAt(i, '_');
      }
    }
    id.setLength(Math.min(MAX_LENGTH, id.length()));
    return id.toString();
  }
}
