// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How a program takes its flags.
///
/// @param program its name in messages
/// @param environment prefixes of environment variables, the strongest first: `MESOS_` makes
///   MESOS_WORK_DIR set work_dir
/// @param spaced whether `--name value` is taken beside `--name=value`, and `--disable_name` beside
///   `--no-name`
/// @param absent flags of the original that do nothing here, by name
public record Style(
    String program, List<String> environment, boolean spaced, Map<String, Absent> absent) {
  /// The original's masters and agents.
  public static Style mesos(String program) {
    return new Style(program, List.of("MESOS_"), false, Map.of());
  }

  /// Marathon and Chronos.
  public static Style spaced(String program, String... environment) {
    return new Style(program, List.of(environment), true, Map.of());
  }

  /// The same with flags that are refused by name; a line each, `name: why` or `name=value|value:
  /// why` with values that are no reason to refuse.
  public Style refusing(String lines) {
    return with(Absent.table(lines, true));
  }

  /// The same with flags that are accepted and have no effect; a line each, `name: why`.
  public Style ignoring(String lines) {
    return with(Absent.table(lines, false));
  }

  private Style with(Map<String, Absent> more) {
    var all = new TreeMap<>(absent);
    more.forEach((name, flag) -> {
      if (all.put(name, flag) != null) {
        throw new IllegalStateException("--" + name + " is listed twice");
      }
    });
    return new Style(program, environment, spaced, all);
  }
}
