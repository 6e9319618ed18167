// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.List;
import java.util.Map;

/// How a program takes its flags.
///
/// @param program its name in messages
/// @param environment prefixes of environment variables, the strongest first: `MESOS_` makes
///   MESOS_WORK_DIR set work_dir
/// @param spaced whether `--name value` is taken beside `--name=value`, and `--disable_name` beside
///   `--no-name`
/// @param removed flags of the original that we do not have: name to the reason, printed when one
///   is used
public record Style(
    String program, List<String> environment, boolean spaced, Map<String, String> removed) {
  /// The original's masters and agents.
  public static Style mesos(String program) {
    return new Style(program, List.of("MESOS_"), false, Map.of());
  }

  /// Marathon and Chronos.
  public static Style spaced(String program, String... environment) {
    return new Style(program, List.of(environment), true, Map.of());
  }

  /// The same with flags that are refused by name.
  public Style removing(Map<String, String> flags) {
    return new Style(program, environment, spaced, flags);
  }
}
